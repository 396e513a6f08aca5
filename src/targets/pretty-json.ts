import type { JsonValue } from "../model/type.js";
import { lineWidth } from "../render/layout.js";

/** JSON as a formatter has it: objects line by line, a list on one line where it fits and holds no object. */
export const prettyJson = (value: JsonValue): string => `${pretty(value, "", 0)}\n`;

/** `indent`: of the line that the value begins in. `taken`: columns of the key before it, and the comma behind it. */
const pretty = (value: JsonValue, indent: string, taken: number): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (isList(value)) {
    const line = value.some(hasObject) ? undefined : `[${value.map((one) => flat(one)).join(", ")}]`;
    if (line !== undefined && indent.length + taken + line.length <= lineWidth) return line;
    return `[\n${value.map((one) => `${inner}${pretty(one, inner, 1)}`).join(",\n")}\n${indent}]`;
  }
  const members = Object.entries(value).map(([key, one]) => {
    const name = `${JSON.stringify(key)}: `;
    return `${inner}${name}${pretty(one, inner, name.length + 1)}`;
  });
  return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
};

const flat = (value: JsonValue): string => (isList(value) ? `[${value.map(flat).join(", ")}]` : JSON.stringify(value));

const hasObject = (value: JsonValue): boolean =>
  isList(value) ? value.some(hasObject) : typeof value === "object" && value !== null && Object.keys(value).length > 0;

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);
