import { didYouMean, entry } from "../entry.js";

/** Of names: what is defined, twice or not at all, and what would be called the same. */
export const definitionCodes = {
  "missing-system": entry(
    "error",
    (_: Record<never, never>) => "The model does not say which system it describes: `system` is missing.",
    "One file of the model, by custom the first, has `system: shop`. The Pulsar tenant is called so if nothing else is said.",
  ),
  "defined-twice": entry(
    "error",
    (p: { readonly what: string }) => `${p.what} is defined twice.`,
    `Names are global to the model, whichever file they stand in. \`system\`, \`description\`, \`options\`, \`pulsar\` and
\`generate\` stand in one file only. Remove or rename one of the two.`,
  ),
  "name-reserved": entry(
    "error",
    (p: { readonly what: string; readonly name: string; readonly reason: string }) =>
      `No ${p.what} can be called "${shorten(p.name)}": ${p.reason}.`,
    `Generated code declares the names of the model, so they cannot be words that the languages have taken (\`Array\`,
\`Promise\`), nor properties that every object has (\`constructor\`, \`__proto__\`), nor methods of a producer (\`flush\`,
\`close\`). Choose another name; one that says more usually exists (\`CacheFlushed\`).`,
  ),
  "table-name-too-long": entry(
    "error",
    (p: { readonly what: string; readonly name: string; readonly longest: number }) =>
      `As the name of a ${p.what}, "${p.name}" has ${p.name.length} characters, and at most ${p.longest} are possible.`,
    `A projection becomes a table, its fields columns, both in snake_case. PostgreSQL cuts their names off after 63 characters
without an error; evgen needs some of them for the versions of a table and for indexes, so a projection has at most 50.`,
  ),
  "name-collision": entry(
    "error",
    (p: { readonly what: string; readonly other: string; readonly scope: string; readonly name: string }) =>
      `${capital(p.what)} and ${p.other} would get the same ${p.scope}, ${JSON.stringify(p.name)}.`,
    `From the names of a model evgen makes names of files, tables, topics, subscriptions, Avro records and declarations in
TypeScript. Two of them that are equal would overwrite one another: files where only capitals differ, \`HTTPCall\` and
\`HttpCall\`, an event \`OrderPlacedV2\` beside version 2 of \`OrderPlaced\`. What has no name of its own is called by the way to
it: the record in the field \`address\` of version 2 of OrderPlaced is \`OrderPlacedV2Address\`. Rename one of the two.`,
  ),
  "unknown-name": entry(
    "error",
    (p: {
      readonly what: string;
      readonly name: string;
      readonly where: string;
      readonly suggestion: string | undefined;
    }) => `There is no ${p.what} called "${shorten(p.name)}"${p.where}.${didYouMean(p.suggestion)}`,
    `The aggregate, event, version, command, field or target that is named does not exist, or belongs to something else: a
command emits events of its own aggregate, a consumer handles events of the aggregates that it is \`from\`.`,
  ),
  "duplicate-entry": entry(
    "error",
    (p: { readonly what: string; readonly name: string }) => `The ${p.what} ${p.name} is listed twice.`,
    "Each entry of the list stands in it once. Remove one of the two.",
  ),
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const shorten = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}…`);
