import type { JsonValue, Type } from "../model/type.js";
import { codePoints, intRange } from "../model/values.js";

/** A type as a model writes it, for messages: `decimal(12, 2)`, `LineItem[]`, `one of web, app`. */
export const typeText = (type: Type): string => {
  switch (type.kind) {
    case "reference":
      return type.to.name;
    case "decimal":
      return `decimal(${type.precision}, ${type.scale})`;
    case "array":
      return `${type.items.kind === "enum" || type.items.kind === "union" ? "(…)" : typeText(type.items)}[]`;
    case "map":
      return `map<${typeText(type.values)}>`;
    case "enum":
      return `one of ${listed(type.values.map(plainText))}`;
    case "union":
      return `one of ${listed(type.members.map((member) => member.name))}`;
    case "record":
      return `a record of ${listed(type.fields.map((field) => field.name))}`;
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "float":
    case "double":
    case "uuid":
    case "date":
    case "timestamp":
    case "bytes":
    case "json":
      return type.kind;
  }
};

/** A value as a message shows it, short whatever it is: `0`, `"EUR"`, `a text of 501 characters`. */
export const valueText = (value: JsonValue): string => {
  if (typeof value === "string") {
    const length = codePoints(value);
    return length > 40 ? `a text of ${length} characters` : JSON.stringify(value);
  }
  if (typeof value !== "object" || value === null) return String(value);
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  if (size === 0) return Array.isArray(value) ? "[]" : "{}";
  if (Array.isArray(value)) return `a list of ${size} ${size === 1 ? "item" : "items"}`;
  const kind = Object.hasOwn(value, "kind") ? (value as { readonly kind?: JsonValue }).kind : undefined;
  return typeof kind === "string"
    ? `a ${valueText(kind)}`
    : `{ ${listed(Object.keys(value).map((key) => `${plainText(key)}: …`))} }`;
};

/** `quantity 0`, or `note, a text of 501 characters,`: a value of something, as the subject of a sentence. */
export const exampleText = (label: string, value: JsonValue): string => {
  const text = valueText(value);
  return /^an? /.test(text) ? `${label}, ${text},` : `${label} ${text}`;
};

/** `items[0].quantity`; the value itself is "the value". */
export const pathText = (path: readonly (string | number)[]): string => {
  const text = path
    .map((step) =>
      typeof step === "number"
        ? `[${step}]`
        : /^[A-Za-z_$][\w$-]*$/.test(step)
          ? `.${step}`
          : `[${shortened(JSON.stringify(step))}]`,
    )
    .join("");
  return text === "" ? "the value" : text.replace(/^\./, "");
};

/** What of a type's constraints a value breaks, as what is needed: `at least 1`; else the type. */
export const neededText = (value: JsonValue, type: Type): string => {
  if (type.kind === "string" && typeof value === "string") return neededOfText(value, type);
  if ((type.kind === "int" || type.kind === "long") && typeof value === "number" && Number.isInteger(value)) {
    const [min, max] = [type.min ?? intRange.min, type.max ?? intRange.max];
    const isOwn = type.kind === "int" || (value < 0 ? type.min : type.max) !== undefined;
    if (isOwn && value < min) return `at least ${min}`;
    if (isOwn && value > max) return `at most ${max}`;
  }
  if ((type.kind === "float" || type.kind === "double") && typeof value === "number") {
    if (type.min !== undefined && value < type.min) return `at least ${type.min}`;
    if (type.max !== undefined && value > type.max) return `at most ${type.max}`;
  }
  if (type.kind === "bytes" && typeof value === "string") {
    if (type.minLength !== undefined && type.maxLength !== undefined)
      return `${type.minLength} to ${type.maxLength} bytes`;
    if (type.minLength !== undefined) return `at least ${type.minLength} bytes`;
    if (type.maxLength !== undefined) return `at most ${type.maxLength} bytes`;
  }
  return typeText(type);
};

const neededOfText = (value: string, type: Type & { kind: "string" }): string => {
  const length = codePoints(value);
  if (type.minLength !== undefined && length < type.minLength) return `at least ${characters(type.minLength)}`;
  if (type.maxLength !== undefined && length > type.maxLength) return `at most ${characters(type.maxLength)}`;
  return type.pattern === undefined ? "string" : `matching ${shortened(type.pattern)}`;
};

const characters = (count: number): string => `${count} ${count === 1 ? "character" : "characters"}`;

const plainText = (text: string): string => shortened(/^[\w$-]+$/.test(text) ? text : JSON.stringify(text));

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

/** The first few of a list, and how many more there are. */
export const listed = (texts: readonly string[]): string =>
  texts.length > 6 ? `${texts.slice(0, 5).join(", ")} and ${texts.length - 5} more` : texts.join(", ");
