import type { JsonValue } from "../../model/type.js";

/** A text as JSON, or what is wrong with it and where, in characters. */
export type ReadJson =
  | { readonly kind: "value"; readonly value: JsonValue }
  | { readonly kind: "problem"; readonly problem: string; readonly range: readonly [start: number, end: number] };

/**
 * Reads JSON strictly, and tells more than JSON.parse: where the mistake is, whatever the version of Node, and a key
 * that an object has twice, of which one would silently win.
 */
export const readJson = (text: string): ReadJson => {
  const reader: Reader = { text, at: text.startsWith("\ufeff") ? 1 : 0, depth: 0 };
  const value = readValue(reader);
  if (isProblem(value)) return value;
  skipSpace(reader);
  return reader.at < text.length ? unexpected(reader, "the end of the file") : { kind: "value", value };
};

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
}

type Problem = Extract<ReadJson, { readonly kind: "problem" }> & { readonly [mark]: true };
declare const mark: unique symbol;

const problems = new WeakSet<object>();

const problem = (text: string, start: number, end: number): Problem => {
  const made = { kind: "problem", problem: text, range: [start, end] } as unknown as Problem;
  problems.add(made);
  return made;
};

const isProblem = (value: JsonValue | Problem): value is Problem =>
  typeof value === "object" && value !== null && problems.has(value);

const maxDepth = 200;

const readValue = (reader: Reader): JsonValue | Problem => {
  skipSpace(reader);
  const first = reader.text[reader.at];
  if (first === "{") return nested(reader, readObject);
  if (first === "[") return nested(reader, readArray);
  if (first === '"') return readString(reader);
  return readWord(reader);
};

const nested = (reader: Reader, read: (reader: Reader) => JsonValue | Problem): JsonValue | Problem => {
  if (reader.depth >= maxDepth) {
    return problem(`The file is nested more than ${maxDepth} levels deep.`, reader.at, reader.at + 1);
  }
  reader.depth++;
  reader.at++;
  const value = read(reader);
  reader.depth--;
  return value;
};

const readObject = (reader: Reader): JsonValue | Problem => {
  const entries = new Map<string, JsonValue>();
  skipSpace(reader);
  if (take(reader, "}")) return {};
  for (;;) {
    skipSpace(reader);
    const start = reader.at;
    if (reader.text[start] !== '"') return unexpected(reader, "a key in double quotes");
    const key = readString(reader);
    if (isProblem(key)) return key;
    if (entries.has(key)) return problem(`The key ${JSON.stringify(key)} stands here twice.`, start, reader.at);
    skipSpace(reader);
    if (!take(reader, ":")) return unexpected(reader, '":" after the key');
    const value = readValue(reader);
    if (isProblem(value)) return value;
    entries.set(key, value);
    skipSpace(reader);
    // fromEntries defines properties, so that a key "__proto__" is one like any other
    if (take(reader, "}")) return Object.fromEntries(entries);
    if (!take(reader, ",")) return unexpected(reader, '"," or "}"');
  }
};

const readArray = (reader: Reader): JsonValue | Problem => {
  const items: JsonValue[] = [];
  skipSpace(reader);
  if (take(reader, "]")) return items;
  for (;;) {
    const value = readValue(reader);
    if (isProblem(value)) return value;
    items.push(value);
    skipSpace(reader);
    if (take(reader, "]")) return items;
    if (!take(reader, ",")) return unexpected(reader, '"," or "]"');
  }
};

const readString = (reader: Reader): string | Problem => {
  const start = reader.at;
  let end = start + 1;
  while (end < reader.text.length && reader.text[end] !== '"' && reader.text.charCodeAt(end) >= 0x20) {
    end += reader.text[end] === "\\" ? 2 : 1;
  }
  if (reader.text[end] !== '"')
    return problem("A text is not closed on its line.", start, Math.min(end, reader.text.length));
  reader.at = end + 1;
  const token = reader.text.slice(start, reader.at);
  try {
    return JSON.parse(token) as string;
  } catch {
    return problem("A text holds an escape that JSON does not know.", start, reader.at);
  }
};

const readWord = (reader: Reader): JsonValue | Problem => {
  const word = /[^\s,:[\]{}"]*/y;
  word.lastIndex = reader.at;
  const text = word.exec(reader.text)?.[0] ?? "";
  const value = text === "null" ? null : text === "true" ? true : text === "false" ? false : numberOf(text);
  if (value === undefined) return unexpected(reader, "a value");
  if (typeof value === "number" && !Number.isFinite(value)) {
    return problem("The number is too large.", reader.at, reader.at + text.length);
  }
  reader.at += text.length;
  return value;
};

const numberOf = (text: string): number | undefined =>
  /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;

const skipSpace = (reader: Reader): void => {
  while (" \t\n\r".includes(reader.text[reader.at] ?? "x")) reader.at++;
};

const take = (reader: Reader, character: string): boolean => {
  if (reader.text[reader.at] !== character) return false;
  reader.at++;
  return true;
};

const unexpected = (reader: Reader, wanted: string): Problem => {
  const found = reader.text.codePointAt(reader.at);
  const character = found === undefined ? "" : String.fromCodePoint(found);
  const what = found === undefined ? "the file ends" : `there is ${JSON.stringify(character)}`;
  const comment = character === "/" || character === "#" ? " JSON has no comments." : "";
  return problem(`Here ${what}, and not ${wanted}.${comment}`, reader.at, reader.at + character.length);
};
