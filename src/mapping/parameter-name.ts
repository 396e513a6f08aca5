import { identifier } from "../model/names.js";
import * as conversions from "../runtime/conversions.js";
import type { Expression } from "./expression.js";

/** What the parameter for an element of `from` is called: `line` of `lines`, apart from all names that it could hide. */
export const parameterName = (from: Expression | undefined, plain: string, taken: readonly string[]): string => {
  const field = from?.kind === "source" ? from.steps.at(-1)?.field : undefined;
  const wanted = field === undefined ? plain : plain === "item" ? (singular(field) ?? plain) : field;
  for (const name of [wanted, plain]) {
    if (identifier(name) !== undefined && !isTaken(name, taken)) return name;
  }
  let number = 2;
  while (isTaken(`${plain}${number}`, taken)) number++;
  return `${plain}${number}`;
};

/** `address` of `addresses`; undefined where the word does not look like several. */
const singular = (word: string): string | undefined => {
  if (word.length < 3 || !word.endsWith("s") || word.endsWith("ss")) return undefined;
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return /(?:s|x|z|ch|sh)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1);
};

const isTaken = (name: string, taken: readonly string[]): boolean =>
  taken.includes(name) || Object.hasOwn(conversions, name);
