import { didYouMean, entry } from "../entry.js";

const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);

/** How a mapping is written. */
const formCodes = {
  "mapping-form": entry(
    "error",
    (p: { readonly problem: string }) => `${p.problem.charAt(0).toUpperCase()}${p.problem.slice(1)}.`,
    "A mapping is a path (`$customer`), another scalar, which is a literal, or an object with exactly one of `from`, `fields`, `each`, `template`, `envelope`, `by`, `literal` and `oneOf`. A list or a map as a value is written with `literal:`, so that it cannot be taken for an operator.",
  ),
  "mapping-key": entry(
    "error",
    (p: {
      readonly key: string;
      readonly operator: string;
      readonly allowed: readonly string[];
      readonly suggestion: string | undefined;
    }) =>
      `A mapping with \`${p.operator}\` has no key ${quote(p.key)}${
        p.allowed.length === 0 ? "; it stands alone." : `; beside it stand ${p.allowed.join(", ")}.`
      }${didYouMean(p.suggestion)}`,
    "Each operator of the mapping language has its own few keys: `from` is followed by `as` or `parse` (with `unit` where a number is a time), by `map` or by `with`, and by `otherwise`; `each` by `with` and `otherwise`. A key that means nothing there would be ignored, and is an error instead.",
  ),
  "invalid-literal": entry(
    "error",
    (p: { readonly target: string; readonly problem: string }) => `${p.target} cannot be this literal: ${p.problem}.`,
    'A literal is checked against the type of the field that it is for, with its bounds, lengths and pattern, when the model is read. A path begins with a dollar: `customerId: customer` is the text "customer", `customerId: $customer` is the field. A decimal is text (`"10.00"`).',
  ),
  "function-name": entry(
    "error",
    (p: { readonly name: string }) =>
      `${quote(p.name)} is no name for a function: it begins with a lower case letter, has letters and digits only, and is no reserved word.`,
    "`by: functionName` names a function that you write in TypeScript. The generated code asks for it by this name, so it is a name in camelCase that TypeScript allows.",
  ),
  "unknown-envelope-field": entry(
    "error",
    (p: { readonly name: string; readonly suggestion: string | undefined }) =>
      `The envelope has no ${quote(p.name)} for mappings: they may use id, time, aggregateId and sequence.${didYouMean(p.suggestion)}`,
    "`{ envelope: time }` takes a fact of the event itself. Offered are those that never change for a stored event: its `id`, the `time` when it happened, its `aggregateId`, and its `sequence` in the stream, which only events from an event store have (hence `otherwise`, or an optional field).",
  ),
};

/** What a mapping takes from the source. */
const sourceCodes = {
  "unknown-source-field": entry(
    "error",
    (p: {
      readonly field: string;
      readonly owner: string;
      readonly has: string;
      readonly suggestion: string | undefined;
    }) => `${quote(p.field)} is not a field of ${p.owner}, which has ${p.has}.${didYouMean(p.suggestion)}`,
    "A path such as `$address.city` follows fields of the source: for an upcaster the version below, for a projection the event's current version, inside `each` and `with` the element. `$` alone is the source itself.",
  ),
  "blocked-path": entry(
    "error",
    (p: { readonly path: string; readonly type: string; readonly field: string }) =>
      `The path cannot go on to ${quote(p.field)}: ${p.path} is ${p.type}.`,
    "A path follows the fields of records. It does not go into an array or a map, where there are several values or none: `{ each: $items, with: { … } }` maps them one by one. It does not go into a union, whose members differ: a function (`by:`) can look at them.",
  ),
  "missing-source": entry(
    "error",
    (p: { readonly target: string; readonly targetName: string; readonly sourceName: string }) =>
      `Nothing says where ${p.target} comes from: ${p.targetName} needs it, and ${p.sourceName} has no such field.`,
    "Every required field of the target has exactly one source. Without a line of its own a field is copied from the source field of the same name; where there is none, say where it comes from: a path, a literal, a conversion, a function. Or make the field optional.",
  ),
  "optional-source": entry(
    "error",
    (p: {
      readonly source: string;
      readonly target: string;
      readonly sourceName: string;
      readonly targetName: string;
    }) => `${p.source} may be absent in ${p.sourceName}, and ${p.targetName} needs ${p.target}.`,
    "A value without the optional field is valid for the source and would not be for the target. Say what is taken instead: `{ from: $note?, otherwise: none }`. The same holds for a required field inside an optional record.",
  ),
  "unused-source-field": entry(
    "warning",
    (p: { readonly fields: readonly string[]; readonly sourceName: string }) =>
      `${p.fields.slice(0, 8).join(", ")}${p.fields.length > 8 ? ` and ${p.fields.length - 8} more` : ""} of ${
        p.sourceName
      } ${p.fields.length === 1 ? "is" : "are"} not used, and so lost.`,
    "A mapping that leaves out a field of the source loses information, and that is said rather than silent. Use the field, or list it under `drop:` beside the mapping: `drop: [legacyCode, address.fax]`. Parts of records are named by their path, also through lists.",
  ),
  "unknown-drop": entry(
    "error",
    (p: { readonly field: string; readonly sourceName: string; readonly suggestion: string | undefined }) =>
      `${quote(p.field)} cannot be dropped: ${p.sourceName} has no such field.${didYouMean(p.suggestion)}`,
    "`drop:` lists fields of the source that are left behind on purpose, by name or path (`address.fax`), from the record that it stands beside.",
  ),
  "used-drop": entry(
    "warning",
    (p: { readonly field: string }) => `${p.field} is listed under drop, and the mapping uses it.`,
    "`drop:` lists what the mapping leaves behind. A field that is used, perhaps because it is copied by name, is not dropped: take it off the list. To drop a field that the target has too, give that one another source.",
  ),
};

/** Whether what is taken is valid for the target. */
const targetCodes = {
  "unknown-target-field": entry(
    "error",
    (p: {
      readonly field: string;
      readonly targetName: string;
      readonly has: string;
      readonly suggestion: string | undefined;
    }) => `${p.targetName} has no field ${quote(p.field)}; it has ${p.has}.${didYouMean(p.suggestion)}`,
    "A mapping is shaped like its target: its keys are the target's fields. The `?` of an optional field belongs to its declaration, not to the mapping. What is to be left behind goes under `drop:`.",
  ),
  "does-not-fit": entry(
    "error",
    (p: {
      readonly example: string;
      readonly sourceName: string;
      readonly targetName: string;
      readonly needed: string;
    }) => `${p.example} is valid in ${p.sourceName} and not in ${p.targetName} (${p.needed}).`,
    "A value is copied only where every valid value of the source is one of the target: the type is equal or safely wider (int to long, a longer `maxLength`, an enum with more members, a required field to an optional one). The message shows a value on which the copy fails, as one day a stored event would. Convert it (`as`), or say what is taken where it does not fit (`parse` with `otherwise`, `map`).",
  ),
  "loses-field": entry(
    "error",
    (p: { readonly field: string; readonly sourceName: string; readonly targetName: string }) =>
      `${p.field} is a field in ${p.sourceName} and not in ${p.targetName}: the record cannot be copied as it is.`,
    "A record is copied as a whole only where the target has all of its fields; a copy never drops one. Build it anew, which says what is left behind: `{ fields: { … }, drop: [ … ] }`, or `{ from: $address, with: { … } }` from another place.",
  ),
  "needs-conversion": entry(
    "error",
    (p: { readonly source: string; readonly needed: string }) =>
      `${p.source} is held otherwise in memory than ${p.needed}: a copy does not convert it.`,
    "Some types have the same values in JSON and differ in memory: a `long` is a bigint where the model says `long: bigint`, bytes are a Uint8Array, a record is no plain JSON value. `as` converts: `{ from: $count, as: long }`, `{ from: $address, as: json }`.",
  ),
  "unproved-fit": entry(
    "error",
    (p: { readonly source: string; readonly target: string; readonly needed: string }) =>
      `It cannot be proved that every ${p.source} is valid for ${p.target} (${p.needed}).`,
    "evgen proves that one pattern allows only what another one allows, as long as both describe a regular language: classes, groups, alternatives, repetition, `^` and `$`, but no look-around, back references or word boundaries, and not too large. Where it can neither prove nor disprove, use `parse` with `otherwise`, which looks at each value.",
  ),
  "unknown-conversion": entry(
    "error",
    (p: { readonly operator: string; readonly source: string; readonly target: string }) =>
      `\`${p.operator}\` does not lead from ${p.source} to ${p.target}.`,
    "`as` converts numbers, decimals, booleans and bytes to text; numbers and decimals among each other; numbers to timestamps and back (`unit`); timestamps to dates and back; text to bytes as UTF-8; anything to json. `parse` reads text as anything that has a text form, and narrows values to constraints. Everything else is `map`, `each`, `fields`, or a function.",
  ),
  "not-total": entry(
    "error",
    (p: { readonly example: string; readonly result: string; readonly sourceName: string; readonly needed: string }) =>
      `The conversion is not total: ${p.example}, valid in ${p.sourceName}, would become ${p.result} (needed: ${p.needed}).`,
    "`as` must give a valid value for every valid value of the source, with all constraints of both. A double without bounds may be 1e+300, which no decimal(12, 2) holds. Either bound the source type (only while it is not released), or use `parse` with `otherwise`, which takes the other value where the conversion fails.",
  ),
  "otherwise-needed": entry(
    "error",
    (p: { readonly example: string; readonly sourceName: string; readonly why: string }) =>
      `\`otherwise\` is missing: ${p.example} is valid in ${p.sourceName}, and ${p.why}.`,
    "`parse` and `map` are partial: they may fail, or leave a value without an entry. `otherwise` says what is taken then. It can be left out only where the source type proves that it is never needed: an enum of which every member is in the table, or can be parsed.",
  ),
  "otherwise-unused": entry(
    "warning",
    (p: { readonly why: string }) => `This \`otherwise\` is never taken: ${p.why}.`,
    "An `otherwise` that cannot be reached misleads its reader. Take it out; evgen will ask for it again when the types change so that it is needed.",
  ),
  "unknown-table-key": entry(
    "error",
    (p: { readonly key: string; readonly problem: string; readonly suggestion: string | undefined }) =>
      `${quote(p.key)} never comes from the source: ${p.problem}.${didYouMean(p.suggestion)}`,
    "The keys of a table (`map:`) are values of the source: members of an enum, true and false, numbers, texts. A key that is none of them is a mistake, mostly one of spelling.",
  ),
  "not-a-list": entry(
    "error",
    (p: { readonly what: string; readonly type: string; readonly needed: string }) =>
      `\`each\` needs ${p.needed}: ${p.what} is ${p.type}.`,
    "`each` maps the items of an array to those of an array, and the values of a map to those of a map. To rebuild a record, optional or not, write `{ from: $address, with: { … } }`.",
  ),
  "unknown-union-member": entry(
    "error",
    (p: { readonly name: string; readonly has: string; readonly suggestion: string | undefined }) =>
      `${quote(p.name)} is not one of the union's members ${p.has}.${didYouMean(p.suggestion)}`,
    "`{ oneOf: Card, fields: { … } }` builds one member of a union; it names one of those that the target lists.",
  ),
};

/** Of the mapping language: upcasters, projections and what retired events become. */
export const mappingCodes = { ...formCodes, ...sourceCodes, ...targetCodes };
