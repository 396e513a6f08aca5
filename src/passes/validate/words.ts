import type { JsonValue } from "../../model/type.js";
import type { FormSchema } from "../validate.js";

/** What a schema is about: "an aggregate", "`pulsar`". */
export const ownerOf = (schema: FormSchema): string => {
  const title = schema.title ?? "map";
  if (title.startsWith("`")) return title;
  return /^[aeiou]/i.test(title) ? `an ${title}` : `a ${title}`;
};

/** What a value is: "the text "x"", "a list". */
export const kindOf = (value: JsonValue): string => {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "object":
      return "a map";
    case "string":
      return `the text ${excerpt(value)}`;
    case "number":
      return `the number ${value}`;
    default:
      return `the value ${String(value)}`;
  }
};

/** A value in a message: not more of it than helps to recognise it. */
export const excerpt = (value: JsonValue): string => {
  if (typeof value === "string") {
    const characters = [...value.slice(0, 200)];
    return characters.length > 60 ? `"${characters.slice(0, 59).join("")}…"` : `"${value}"`;
  }
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? "A list" : "A map";
};

/** An example of the schema's, as it would be written in one line. */
export const example = (schema: FormSchema, key?: string): string | undefined => {
  const [first] = schema.examples ?? [];
  if (first === undefined) return undefined;
  const value = inFlow(first, false);
  return key === undefined ? value : `${key}: ${value}`;
};

/** A value as YAML in one line; `inside` of braces or brackets more texts need quotes. */
const inFlow = (value: JsonValue, inside: boolean): string => {
  if (typeof value === "string") {
    return /^[A-Za-z$.][^:#,[\]{}]*$/.test(value) || (!inside && /^[A-Za-z$.][^:#]*$/.test(value))
      ? value
      : JSON.stringify(value);
  }
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => inFlow(item, true)).join(", ")}]`;
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${inFlow(item, true)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
};
