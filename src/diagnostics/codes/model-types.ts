import { didYouMean, entry } from "../entry.js";

/** Of types: what they are called, made of and limited to. */
export const typeCodes = {
  "unknown-type": entry(
    "error",
    (p: { readonly name: string; readonly suggestion: string | undefined }) =>
      `There is no type called "${p.name}".${didYouMean(p.suggestion)}`,
    "A field's type is one of the built-in types or a name under `types:`; names are global to the model.",
  ),
  "type-syntax": entry(
    "error",
    (p: { readonly text: string; readonly problem: string }) => `"${shorten(p.text)}" is not a type: ${p.problem}.`,
    `A type is a built-in one (\`string\`, \`boolean\`, \`int\`, \`long\`, \`float\`, \`double\`, \`decimal(12, 2)\`, \`uuid\`,
\`date\`, \`timestamp\`, \`bytes\`, \`json\`), the name of one under \`types:\`, \`T[]\` for a list of T or \`map<T>\` for a map of
T by text; these can stand in one another: \`map<Money[]>[]\`. A decimal has 1 to 38 digits, of which 0 to all stand after
the point. Whatever else a type needs is said in an object: \`{ type: string, maxLength: 20 }\`.`,
  ),
  "type-nesting": entry(
    "error",
    (p: { readonly what: string; readonly deepest: number }) => `${p.what} at most ${p.deepest} deep.`,
    `Records that are nested so deeply cannot be read by anybody, nor by every library: give the inner ones names under
\`types:\`. A name for a name for a name (\`A: B\`, \`B: C\`) is better said directly.`,
  ),
  "type-cycle": entry(
    "error",
    (p: { readonly cycle: readonly string[] }) =>
      `The type ${p.cycle[0]} is defined by itself: ${cycleText(p.cycle)}. Only through a record can a type contain itself.`,
    `A type that is only another name (\`A: B\`, \`B: A\`) says nothing when it comes back to itself, and Avro, which knows
types by the names of records, cannot write down an array or a map that contains itself. Put a record in between:

    types:
      Tree:
        fields: { label: string, children: "Tree[]" }`,
  ),
  "type-endless": entry(
    "error",
    (p: { readonly cycle: readonly string[] }) =>
      `A value of ${p.cycle[0]} would never end, since it must contain another one: ${cycleText(p.cycle)}.`,
    `A type may contain itself where a value can stop: in an optional field, in an array or a map that may be empty, or in a
union with a member that does not go on. Make one of the fields on the way optional:

    types:
      Node:
        fields: { label: string, next?: Node }`,
  ),
  "enum-value": entry(
    "error",
    (p: { readonly value: string }) => `${p.value} cannot be a value of the enum: its values are distinct texts.`,
    "The values of an enum are texts, each once, and of whole characters (no half of a surrogate pair).",
  ),
  "union-member": entry(
    "error",
    (p: { readonly name: string; readonly problem: string }) =>
      `${p.name} cannot be a member of the union: it ${p.problem}.`,
    `\`oneOf\` lists records of \`types:\`. evgen adds a field \`kind\` with the member's name to each value, by which readers tell
them apart; so a member cannot have a field of that name.`,
  ),
  "constraint-misplaced": entry(
    "error",
    (p: { readonly constraint: string; readonly type: string; readonly to: string }) =>
      `\`${p.constraint}\` is for ${p.to}, not for ${p.type}.`,
    `\`min\` and \`max\` are for numbers and decimals, \`minLength\` and \`maxLength\` for string and bytes, \`pattern\` for string,
\`minItems\` and \`maxItems\` for arrays and maps. A constraint on a named type narrows it, if it is one of these.`,
  ),
  "constraint-value": entry(
    "error",
    (p: { readonly constraint: string; readonly value: string; readonly problem: string }) =>
      `\`${p.constraint}\`: ${shorten(p.value)} ${p.problem}.`,
    `A bound is a value of its type: a whole number in range for int and long (in quotes beyond ±(2^53−1)), a number for float
and double, for a decimal a number or its text with all digits ("10.00" for decimal(12, 2)). A pattern is an ECMAScript
regular expression that compiles with the flag \`u\`. What narrows a named type cannot widen it again.`,
  ),
  "constraint-order": entry(
    "error",
    (p: { readonly least: string; readonly most: string; readonly low: string; readonly high: string }) =>
      `No value is valid: \`${p.least}\` ${p.low} is more than \`${p.most}\` ${p.high}.`,
    "The lower limit is at most the upper one; both are inclusive. Limits that a named type brings along count too.",
  ),
  "example-invalid": entry(
    "error",
    (p: { readonly problem: string }) => `The example is not valid: ${p.problem}.`,
    "An example is shown in documentation and used as a sample, so it has to be a value that its own field accepts.",
  ),
};

const cycleText = (cycle: readonly string[]): string =>
  cycle.length > 8 ? [...cycle.slice(0, 6), "…", ...cycle.slice(-1)].join(" → ") : cycle.join(" → ");

const shorten = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}…`);
