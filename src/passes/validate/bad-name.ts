import type { Diagnostic, Place } from "../../diagnostics/diagnostic.js";
import { diagnostic, keyOf, under } from "../../diagnostics/diagnostic.js";
import type { FormError } from "../validate.js";

/** A key that cannot be a name, with the name that it could be. */
export const badName = (error: FormError, name: string, place: Place): Diagnostic => {
  const at = keyOf(under(place, name));
  const { parentSchema } = error;
  if (error.keyword === "maxLength") {
    const limit = Number(error.params.limit);
    return diagnostic("name-too-long", { start: name.slice(0, 40), length: name.length, limit }, at);
  }
  const shown = name.length > 100 ? `${name.slice(0, 60)}…` : name;
  const rule = String(parentSchema.patternErrorMessage ?? "It cannot be empty.");
  const pattern = new RegExp(String(parentSchema.pattern ?? "."));
  const suggestion = corrections(name, parentSchema.title ?? "").find((one) => pattern.test(one) && one.length <= 100);
  // `{ price: decimal(12, 2) }` is read as the two keys `price` and `2)`.
  const extra = /^\s*\d+\s*\)/.test(name)
    ? { help: 'Inside { }, a type with a comma needs quotes: { price: "decimal(12, 2)" }.' }
    : {};
  return diagnostic("bad-name", { name: shown, rule, suggestion }, at, extra);
};

/** The name in the convention, first with its question mark if it has one. */
const corrections = (name: string, convention: string): readonly string[] => {
  const ascii = name.slice(0, 200).normalize("NFKD").replace(/\p{M}/gu, "").replace(/ß/g, "ss");
  // Of a name in another script nothing would be left.
  if (/[^\p{ASCII}]/u.test(ascii)) return [];
  const words = ascii.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const pascal = words.map((word) => capital(isShouted(word) ? word.toLowerCase() : word)).join("");
  if (convention === "PascalCase") return [pascal];
  if (convention === "environment name") return [words.join("-").toLowerCase()];
  if (convention !== "camelCase") return [];
  const camel = pascal.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (start) => start.toLowerCase());
  return name.endsWith("?") ? [`${camel}?`, camel] : [camel];
};

/** ORDER_PLACED becomes OrderPlaced, but URL in orderURL stays. */
const isShouted = (word: string): boolean => /^[A-Z0-9]{2,}$/.test(word);

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
