/** A path as it is written: the fields that lead into the source, and whether a `?` stands after any of them. */
export interface Path {
  readonly fields: readonly string[];
  readonly marked: boolean;
}

/**
 * Reads `a.b?`, `a["odd name"].b`, or nothing for the source itself: what follows the `$`. The `?` says that the writer
 * knows that the field may be absent.
 */
export const readPath = (text: string): Path | { readonly problem: string } => {
  const fields: string[] = [];
  let marked = false;
  let rest = text;
  while (rest !== "") {
    const match = (fields.length === 0 ? first : further).exec(rest);
    if (match === null) return { problem: `"${shown(rest)}" cannot be read as a part of a path` };
    const name = match[1] ?? quoted(match[2] ?? "");
    if (name === undefined) return { problem: `${shown(match[2] ?? "")} is no text in double quotes` };
    fields.push(name);
    marked ||= match[3] === "?";
    rest = rest.slice(match[0].length);
    if (fields.length > 100) return { problem: "a path of more than 100 fields leads nowhere" };
  }
  return { fields, marked };
};

/** How a path is written after the `$`. */
export const pathOf = (fields: readonly string[]): string =>
  fields
    .map((field, index) => (plain.test(field) ? `${index === 0 ? "" : "."}${field}` : `[${JSON.stringify(field)}]`))
    .join("");

const plain = /^[^\s.?[\]{}"$]+$/;
const first = /^(?:([^\s.?[\]{}"$]+)|\[("(?:[^"\\]|\\.)*")\])(\?)?/;
const further = /^(?:\.([^\s.?[\]{}"$]+)|\[("(?:[^"\\]|\\.)*")\])(\?)?/;

const quoted = (text: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
};

const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 37)}…` : text);
