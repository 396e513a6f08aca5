import { didYouMean, entry } from "../entry.js";

const list = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(", ");

/** Of reading the files: paths, includes and YAML. */
const fileCodes = {
  "file-missing": entry(
    "error",
    (p: { readonly file: string; readonly suggestion: string | undefined }) =>
      `There is no file "${p.file}".${didYouMean(p.suggestion)}`,
    "The file that was given to evgen does not exist. Its path is relative to the folder that evgen was started in.",
  ),
  "file-refused": entry(
    "error",
    (p: { readonly file: string; readonly reason: string }) => `The file "${p.file}" cannot be read: ${p.reason}.`,
    "A model reads only text files inside its own folder, which is the folder of its first file; a symbolic link that leads out of that folder is refused as well. So a model that someone else wrote cannot read your other files.",
  ),
  "include-missing": entry(
    "error",
    (p: { readonly path: string; readonly pattern: boolean; readonly suggestion: string | undefined }) =>
      `${p.pattern ? `No file matches "${p.path}".` : `There is no file "${p.path}".`}${didYouMean(p.suggestion)}`,
    "Every entry of `include:` names at least one file, relative to the file that it stands in. `*` stands for any part of a file name, `**` for any folders:\n\n    include: [orders.yaml, payments/*.yaml]",
  ),
  "include-outside": entry(
    "error",
    (p: { readonly path: string; readonly reason: string }) => `"${p.path}" cannot be included: ${p.reason}.`,
    "A model consists of files in one folder, that of its first file, and in the folders below. Paths are relative, with forward slashes, and do not lead out of that folder. Move the file into it, or give evgen a file that stands further up.",
  ),
  "empty-file": entry(
    "error",
    () => "This file is empty.",
    "A file of a model is a map with keys such as `aggregates:`. This one has nothing in it, or only comments. Fill it, or remove it from `include:`; `evgen init` writes a first model into a folder that has none.",
  ),
  "not-a-map": entry(
    "error",
    (p: { readonly found: string }) => `A model is a map with keys such as aggregates; this file is ${p.found}.`,
    'The top of each file of a model is a map:\n\n    evgen: 1\n    system: shop\n\nA line without a colon and a space after the key makes a text of it ("evgen:1").',
  ),
  "several-documents": entry(
    "error",
    () => "A second document starts here; a file of a model is one document.",
    "A line of three dashes separates documents in YAML. Remove it, or put each document in a file of its own and list the files under `include:`.",
  ),
};

/** Of YAML itself. */
const yamlCodes = {
  "yaml-syntax": entry(
    "error",
    (p: { readonly problem: string }) => p.problem,
    'The file is not YAML 1.2. The place is where the parser gave up, which is at or after the mistake. Frequent causes: a tab used for indentation, a text with ": " or " #" in it that needs quotes, and, inside { } and [ ], a text with a comma, a bracket or a brace that needs quotes:\n\n    fields: { items: "LineItem[]", price: "decimal(12, 2)" }',
  ),
  "yaml-warning": entry(
    "warning",
    (p: { readonly problem: string }) => p.problem,
    "The file can be read, but the YAML parser has doubts that it is what you meant.",
  ),
  "yaml-directive": entry(
    "error",
    (p: { readonly directive: string }) => `The directive "${p.directive}" is not allowed.`,
    "Files of a model are YAML 1.2 without directives; `%YAML 1.2` is accepted. In YAML 1.1 words such as `on`, `yes` and `no` would be booleans.",
  ),
  "yaml-tag": entry(
    "error",
    (p: { readonly tag: string }) => `The tag "${p.tag}" is not allowed.`,
    'Only the tags of YAML\'s core schema, such as `!!str`, are known. A text that starts with an exclamation mark needs quotes: `"!important"`.',
  ),
  "yaml-key": entry(
    "error",
    () => "A key is one word or text, not a list or a map.",
    "YAML allows lists and maps as keys; a model does not. Often this is a pair of braces or brackets that needs quotes or a key in front of it.",
  ),
  "duplicate-key": entry(
    "error",
    (p: { readonly key: string }) => `The key "${p.key}" is here twice.`,
    "A key stands once in a map. YAML would let the second one win, silently.",
  ),
  "yaml-alias": entry(
    "error",
    (p: {
      readonly alias: string;
      readonly problem: "unknown" | "circular";
      readonly suggestion: string | undefined;
    }) =>
      p.problem === "unknown"
        ? `There is no anchor "&${p.alias}" above this alias.${didYouMean(p.suggestion)}`
        : `The alias "*${p.alias}" stands inside of what it repeats.`,
    "An alias `*name` repeats what stands further up with the anchor `&name`. A text that starts with an asterisk needs quotes.",
  ),
  "too-many-aliases": entry(
    "error",
    (p: { readonly limit: number }) => `The aliases of this file repeat more than ${p.limit} values.`,
    "Aliases of aliases grow exponentially: a few lines can stand for more values than fit in memory. A model that repeats so much needs a named type instead.",
  ),
  "nested-too-deep": entry(
    "error",
    (p: { readonly limit: number }) => `Values are nested more than ${p.limit} levels deep here.`,
    "No model needs such depth; a file that has it was made by mistake or to do harm. Name the inner parts under `types:`.",
  ),
  "inexact-number": entry(
    "error",
    (p: { readonly number: string; readonly finite: boolean }) =>
      p.finite
        ? `The number ${p.number} would lose digits. Put it in quotes if all of them are meant.`
        : `${p.number} is not a number that a model can hold.`,
    'Numbers in a model are held with about 15 digits, and integers exactly up to 2^53; this one has more, or is no finite number. For decimals and large integers write the number in quotes: `max: "9223372036854775807"`.',
  ),
};

/** Of the form that the language's JSON Schema gives. */
const formCodes = {
  "unknown-key": entry(
    "error",
    (p: { readonly owner: string; readonly key: string; readonly suggestion: string | undefined }) =>
      `${p.owner} has no key "${p.key}".${didYouMean(p.suggestion)}`,
    "Each part of a model has its own keys; a key that evgen does not know would be ignored silently, so it is an error. docs/model.md lists them, and editors complete them when the file starts with `# yaml-language-server: $schema=./node_modules/evgen/model.schema.json`.",
  ),
  "missing-key": entry(
    "error",
    (p: { readonly owner: string; readonly keys: readonly string[] }) =>
      p.keys.length === 1
        ? `${p.owner} needs the key ${list(p.keys)}.`
        : `${p.owner} needs one of the keys ${list(p.keys)}.`,
    "Without this key the part of the model has no meaning, and there is no default that would always be right.",
  ),
  "exclusive-keys": entry(
    "error",
    (p: { readonly owner: string; readonly keys: readonly string[] }) =>
      `${p.owner} can have only one of the keys ${list(p.keys)}.`,
    "These keys are different ways to say the same thing, so only one of them can stand here. A field, for example, has a `type` or lists the values of an `enum`, not both.",
  ),
  "misplaced-key": entry(
    "error",
    (p: { readonly problem: string }) => p.problem,
    "The key is known, but has no meaning beside the others, or in this place.",
  ),
  "wrong-kind": entry(
    "error",
    (p: { readonly expected: string; readonly found: string }) => `${p.expected} This is ${p.found}.`,
    'The value is of another kind than the key takes: a text, a number, `true` or `false`, a list or a map. In YAML a text that looks like a number, `true`, `false` or `null` needs quotes; a key with nothing behind it has the value `null`; a list is written `[a, b]` or as lines that start with "- ".',
  ),
  "unknown-value": entry(
    "error",
    (p: { readonly value: string; readonly allowed: readonly string[]; readonly suggestion: string | undefined }) =>
      p.suggestion === undefined
        ? `${p.value} is not allowed here. Use ${alternatives(p.allowed)}.`
        : `${p.value} is not allowed here.${didYouMean(p.suggestion)}`,
    "The key takes one of a few values, which docs/model.md lists and editors complete.",
  ),
  "malformed-value": entry(
    "error",
    (p: { readonly value: string; readonly rule: string }) => `${p.value} does not fit here. ${p.rule}`,
    "The value is a text of a certain form, such as a time (`30d`), a size (`50G`) or a name.",
  ),
  "out-of-range": entry(
    "error",
    (p: { readonly value: string; readonly limit: string }) => `${p.value} is out of range: ${p.limit}.`,
    "The number is smaller or larger than makes sense for this key. Counts start at 0, versions and attempts at 1.",
  ),
  "wrong-count": entry(
    "error",
    (p: { readonly rule: string; readonly found: string }) => `${p.rule} There ${p.found} here.`,
    "The list or map has too few or too many entries. The message says how many it takes, and usually why; a list that may be empty can just as well be left out.",
  ),
  "duplicate-item": entry(
    "error",
    (p: { readonly item: string }) => `${p.item} is in this list twice.`,
    "Each entry of this list counts once; the second one is a slip, or stands for something else that was meant.",
  ),
  "bad-name": entry(
    "error",
    (p: { readonly name: string; readonly rule: string; readonly suggestion: string | undefined }) =>
      `"${p.name}" cannot be a name here.${p.suggestion === undefined ? ` ${p.rule}` : ` ${p.rule} How about "${p.suggestion}"?`}`,
    "Aggregates, events, types, projections, commands and consumers are named in PascalCase (`OrderPlaced`), fields and keys in camelCase (`customerId`; `customerId?` when it is optional), with letters and digits of ASCII. The names become types, files, topics and tables, so what would break one of these is refused here.",
  ),
  "name-too-long": entry(
    "error",
    (p: { readonly start: string; readonly length: number; readonly limit: number }) =>
      `The name "${p.start}…" has ${p.length} characters; at most ${p.limit} are possible.`,
    "Names become names of files, topics and tables, whose lengths are limited.",
  ),
  "unsupported-language": entry(
    "error",
    (p: { readonly found: string }) => `This evgen reads version 1 of the model language, not ${p.found}.`,
    "`evgen: 1` says in which version of the language the model is written. A newer version needs a newer evgen.",
  ),
};

const alternatives = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

export const loadCodes = { ...fileCodes, ...yamlCodes, ...formCodes };
