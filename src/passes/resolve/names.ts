import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf } from "../../diagnostics/diagnostic.js";
import type { Identifier } from "../../model/names.js";
import { identifier, isFieldName } from "../../model/names.js";
import type { Context } from "./context.js";

/** The name of a definition; one that cannot be used in generated code is reported, and another stands in for it. */
export const checkedName = (what: string, name: string, place: Place, context: Context): Identifier => {
  const checked = identifier(name);
  if (checked !== undefined && !deviceNames.has(name.toLowerCase())) return checked;
  const reason =
    checked === undefined
      ? "it means something in TypeScript or JavaScript already"
      : "Windows has no files of that name, and a file is named after it";
  context.report("name-reserved", { what, name, reason }, keyOf(place));
  return identifier(`${name.replace(/[^A-Za-z0-9_]/g, "_")}_`) ?? standIn;
};

/** The name of a field, which may be a reserved word, but nothing that every object has. */
export const checkFieldName = (name: string, place: Place, context: Context): void => {
  if (fieldNames.has(name)) return;
  if (isFieldName(name)) return void fieldNames.add(name);
  const reason = "every object in JavaScript has it already, or it would make a promise of one";
  context.report("name-reserved", { what: "field", name, reason }, keyOf(place));
};

/** Names that have been found to be good: the same ones come again and again. */
const fieldNames = new Set<string>();

/** The name of a user's function, or undefined after it has been reported. */
export const functionName = (name: string, place: Place, context: Context): Identifier | undefined => {
  const checked = identifier(name);
  if (checked !== undefined) return checked;
  const reason = "a function has a name that TypeScript can declare, such as splitName";
  context.report("name-reserved", { what: "function", name, reason }, place);
  return undefined;
};

const standIn = "Unnamed" as Identifier;

const deviceNames: ReadonlySet<string> = new Set([
  ...["con", "prn", "aux", "nul"],
  ...Array.from({ length: 9 }, (_, i) => [`com${i + 1}`, `lpt${i + 1}`]).flat(),
]);
