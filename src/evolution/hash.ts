import { createHash } from "node:crypto";
import type { JsonValue } from "../model/type.js";

/** The first so many hexadecimal digits of the SHA-256 of a text. */
export const hashOf = (text: string, digits: number): string =>
  createHash("sha256").update(text).digest("hex").slice(0, digits);

/** The same of a value, whose maps have their keys in the order in which they were made. */
export const hashOfJson = (value: JsonValue, digits: number): string => hashOf(JSON.stringify(value), digits);
