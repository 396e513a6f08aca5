import { didYouMean, entry } from "../entry.js";

/** Of JSON Schemas that a model brings along. */
export const schemaCodes = {
  "schema-file-missing": entry(
    "error",
    (p: { readonly path: string }) => `There is no file "${p.path}".`,
    "A schema is named by its path, relative to the file that names it. Files are looked for in the model's folder only.",
  ),
  "schema-file-refused": entry(
    "error",
    (p: { readonly path: string; readonly reason: string }) => `The file "${p.path}" is not read: ${p.reason}.`,
    "Schemas are `.json`, `.yaml` or `.yml` files inside the model's folder (the folder of the first file), named by a path relative to the file that names them. Nothing outside of that folder is read, also not through a link: a model is the same on every machine.",
  ),
  "schema-file-syntax": entry(
    "error",
    (p: { readonly problem: string }) => p.problem,
    "The file is not JSON (or YAML, where it is called so). JSON has no comments, no comma after the last item, double quotes only, and no key twice in one object.",
  ),
  "schema-draft": entry(
    "error",
    (p: { readonly draft: string }) => `The dialect "${p.draft}" of JSON Schema is not supported.`,
    "evgen reads draft 7 (`http://json-schema.org/draft-07/schema#`) and draft 2020-12 (`https://json-schema.org/draft/2020-12/schema`). `$schema` may be left out. Older drafts differ in small ways (`id`, a boolean `exclusiveMinimum`): change what differs, then the dialect.",
  ),
  "schema-reference-unresolved": entry(
    "error",
    (p: { readonly reference: string; readonly problem: string }) =>
      `The reference "${p.reference}" leads to nothing: ${p.problem}.`,
    "A `$ref` is `#/$defs/Money` (any JSON pointer in the file), `#anchor`, or the path of another file with either behind it: `common.json#/$defs/Money`.",
  ),
  "schema-reference-remote": entry(
    "error",
    (p: { readonly reference: string }) => `The reference "${p.reference}" leads out of the model's folder.`,
    "Nothing is fetched: a build must not depend on a network, nor on what somebody else publishes tomorrow. Put a copy of the schema into the model's folder and refer to it by its path. An absolute address works where the files name themselves so: a `$ref` to `https://example.com/schemas/money.json` is the file `money.json` beside this one when the `$id`s of both say so.",
  ),
  "schema-reference-cycle": entry(
    "error",
    (p: { readonly reference: string }) =>
      `The reference "${p.reference}" leads back to itself, and says no type on the way.`,
    "A type may contain itself (a tree holds trees), but a `$ref` that only leads to another `$ref` and back means nothing.",
  ),
  "schema-reference-siblings": entry(
    "error",
    (p: { readonly keyword: string }) => `"${p.keyword}" cannot stand beside "$ref".`,
    "Draft 7 ignores what stands beside a `$ref`, draft 2020-12 applies it, and most readers of a schema expect the one or the other. Only what describes (`description`, `title`, `deprecated`, `examples` and so on) may stand there. Put the constraint into the definition, or merge objects with `allOf`.",
  ),
  "schema-keyword-unknown": entry(
    "error",
    (p: { readonly keyword: string; readonly suggestion: string | undefined }) =>
      `JSON Schema has no keyword "${p.keyword}".${didYouMean(p.suggestion)}`,
    "A keyword that nobody knows is most likely a mistake, and a constraint that silently does not hold. Notes of your own may be kept under names that start with `x-`, or in `$comment`.",
  ),
  "schema-keyword-unsupported": entry(
    "error",
    (p: { readonly keyword: string; readonly reason: string }) => `"${p.keyword}" is not supported: ${p.reason}.`,
    "A schema becomes a type of the model, which TypeScript, Avro and JSON must all carry and which upcasters are checked against. What the types cannot carry is refused, never ignored: a constraint that you wrote and that nobody checks is worse than none. docs/json-schema.md lists what is supported, and what to write instead.",
  ),
  "schema-keyword-misplaced": entry(
    "error",
    (p: { readonly keyword: string; readonly form: string }) => `"${p.keyword}" means nothing for ${p.form}.`,
    "JSON Schema applies a keyword only to values of the type that it is for, and passes over it otherwise: `minLength` does nothing for an integer. Such a keyword is a mistake in the type or in the keyword.",
  ),
  "schema-keyword-value": entry(
    "error",
    (p: { readonly keyword: string; readonly expected: string }) => `"${p.keyword}" must be ${p.expected}.`,
    "The keyword has a value that JSON Schema does not allow here, or that no type of the model can hold.",
  ),
  "schema-format": entry(
    "error",
    (p: { readonly format: string; readonly supported: string }) =>
      `The format "${p.format}" is not supported; here it can be ${p.supported}.`,
    "A format that is not checked would promise what nobody keeps. Those that are types of the model are supported; for others write a `pattern`, or take the format away. A `date-time` becomes a timestamp, which is in UTC with milliseconds.",
  ),
  "schema-code-keyword": entry(
    "error",
    (p: { readonly keyword: string }) =>
      `"${p.keyword}" is refused: it would put text into the generated code as it stands.`,
    "`tsType` and `tsEnumNames` are extensions of json-schema-to-typescript that print what they hold as code. A schema describes data; whoever can write one must not be able to write code of yours. Say the type with the keywords of JSON Schema.",
  ),
  "schema-type": entry(
    "error",
    (p: { readonly problem: string }) => p.problem,
    'A schema says one `type`: string, integer, number, boolean, object or array (or has `enum`, `const`, `$ref`, `allOf`, `oneOf`). A list of one type is the same. `["string", "null"]` is fine for a property, which is then optional: the model has one notion of absence, a field that is left out. `true` and `{}` are any JSON.',
  ),
  "schema-null": entry(
    "error",
    () => "Null is possible for a property only.",
    "The model has one notion of absence: a field that is left out. A property that may be null becomes an optional field. An item of an array, a value of a map or a definition cannot be absent: say there what is there, and write `null` at the properties that use it.",
  ),
  "schema-bounds": entry(
    "error",
    (p: { readonly problem: string }) => `No value is possible: ${p.problem}.`,
    "The bounds contradict each other, or lie outside of what the type can hold. An integer is a `long`, or an `int` where its bounds (or the format int32) say so.",
  ),
  "schema-pattern": entry(
    "error",
    (p: { readonly problem: string }) => `The pattern is not a regular expression: ${p.problem}.`,
    "A pattern is an ECMAScript regular expression, used with the flag `u`, as JSON Schema demands it: then a needless backslash is a mistake (`\\-` outside of brackets, `\\_`), and `\\p{L}` works. It is not anchored: write `^` and `$` for the whole text.",
  ),
  "schema-property-name": entry(
    "error",
    (p: { readonly name: string; readonly reason: string }) =>
      `The property ${JSON.stringify(p.name.slice(0, 80))} cannot be carried: ${p.reason}.`,
    "Events are registered with an Avro schema, also when they are written as JSON. There a name has letters, digits and underscores of ASCII, and starts with no digit. evgen does not rename properties behind your back: two could become one, and data in JSON would not be what the schema says. `toString`, `constructor`, `__proto__` and the like are refused since every object has them: an optional one that is left out would still be there. Rename the property in a new version of the event.",
  ),
  "schema-property-missing": entry(
    "error",
    (p: { readonly name: string; readonly suggestion: string | undefined }) =>
      `"${p.name}" is required, and there is no such property.${didYouMean(p.suggestion)}`,
    "A property that is required and not described could hold anything. Describe it under `properties`.",
  ),
  "schema-open-object": entry(
    "error",
    () => "An object with properties cannot have others besides.",
    "A record of the model has the fields that it says: TypeScript, Avro and the validators know no others. An object that says nothing about `additionalProperties` is read so too. One that asks for more by `additionalProperties: true` (or a schema) cannot be carried: give it a property for them, an object without `properties`, which is a map.",
  ),
  "schema-all-of": entry(
    "error",
    (p: { readonly problem: string }) => p.problem,
    "`allOf` merges objects: the properties of all parts become the fields of one record. A part with `additionalProperties: false` forbids the properties of the other parts, so that no value is possible: close the whole with `unevaluatedProperties: false`, or leave it out, since records are closed anyway. A property in two parts must be the same in both. A part cannot lead back to the whole.",
  ),
  "schema-union": entry(
    "error",
    (p: { readonly problem: string }) => p.problem,
    'A union is `oneOf` (or `anyOf`) of objects that a property `kind` tells apart: required, and a `const` that is the member\'s name in PascalCase.\n\n    oneOf:\n      - type: object\n        properties: { kind: { const: Card }, number: { type: string } }\n        required: [kind, number]\n      - $ref: "#/$defs/Transfer"\n\nA `oneOf` of constants is an enum; of one type and `null`, an optional field.',
  ),
  "schema-name": entry(
    "error",
    (p: { readonly problem: string }) => p.problem,
    "A definition that a `$ref` leads to becomes a type of the model, with a name in TypeScript and Avro. It is the definition's `title` where that is one word in PascalCase; else its key, or the name of its file, in PascalCase. Names that TypeScript, JavaScript or Avro reserve (`Date`, `Record`, `Error`) cannot be used.",
  ),
  "schema-name-collision": entry(
    "error",
    (p: { readonly name: string }) => `Two different definitions are called ${p.name}.`,
    "Names are global to the model. Definitions of one name that say the same are one type, wherever they stand: copies in several files are fine. When they differ, give one a `title` of one word in PascalCase, which then is its name, or rename it.",
  ),
  "schema-not-a-record": entry(
    "error",
    (p: { readonly kind: string }) => `The schema must be an object with properties; it is ${p.kind}.`,
    "The data of an event, of a command and of a state are records, so that a new version can add a field. Put what the schema describes into a property.",
  ),
  "schema-too-large": entry(
    "error",
    () => "The schema unfolds to too much.",
    "Definitions that `allOf` merges are unfolded where they are used. When each uses the next one several times, a short file unfolds without end. Refer to shared definitions by `$ref` alone, which keeps them as one type.",
  ),
  "schema-too-deep": entry(
    "error",
    (p: { readonly levels: number }) => `The schema is nested more than ${p.levels} levels deep.`,
    "Types that are nested so deeply cannot be read, nor checked with a bounded stack. Put inner schemas into `$defs` and refer to them. A part of an `allOf` that contains itself has no end either: refer to it by `$ref` alone.",
  ),
};
