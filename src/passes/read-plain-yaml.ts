import type { JsonValue } from "../model/type.js";
import { setOwn } from "./set-own.js";

/**
 * Reads the plain part of YAML that models are written in, some twenty times as fast as the parser: maps and lists in
 * block style, values and flow collections on one line, quoted texts, comments, and texts in block style. Undefined
 * for everything else and for whatever might be a mistake, which the parser then reads and reports. A value is what
 * the parser would have given, without anything to say about it.
 */
export const readPlainYaml = (text: string): JsonValue | undefined => {
  const unix = text.includes("\r") ? text.replaceAll("\r\n", "\n") : text;
  if (unplain.test(unix)) return undefined;
  try {
    return readDocument(linesOf(unix));
  } catch (error) {
    if (error === notPlain) return undefined;
    throw error;
  }
};

/** Control characters, tabs and byte order marks; document markers and directives. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const unplain = /[\u0000-\u0009\u000b-\u001f\ufeff]|^(?:---|\.\.\.|%)/m;

/** Thrown to give up; it is not an error, and is caught above. */
const notPlain = Symbol("not plain YAML");

const giveUp = (): never => {
  throw notPlain;
};

const deepest = 100;

interface Line {
  indent: number;
  /** Without the indentation. */
  content: string;
  /** Of the whole text, for block texts, in which blank lines and comments count. */
  readonly number: number;
}

interface Lines {
  /** Those with something on them. */
  readonly lines: Line[];
  readonly all: readonly string[];
  next: number;
}

const linesOf = (text: string): Lines => {
  const all = text.split("\n");
  const lines: Line[] = [];
  for (let number = 0; number < all.length; number++) {
    const line = all[number] ?? "";
    let indent = 0;
    while (line.charCodeAt(indent) === space) indent++;
    const first = line.charCodeAt(indent);
    if (indent === line.length || first === hash) continue;
    lines.push({ indent, content: indent === 0 ? line : line.slice(indent), number });
  }
  return { lines, all, next: 0 };
};

const space = 0x20;
const hash = 0x23;
const dash = 0x2d;
const colon = 0x3a;

const readDocument = (lines: Lines): JsonValue => {
  const first = lines.lines[0];
  if (first === undefined || isItem(first.content)) return giveUp();
  const value = readMap(lines, first.indent, 0);
  return lines.next === lines.lines.length ? value : giveUp();
};

const isItem = (content: string): boolean =>
  content.charCodeAt(0) === dash && (content.length === 1 || content.charCodeAt(1) === space);

const readMap = (lines: Lines, indent: number, depth: number): JsonValue => {
  if (depth > deepest) giveUp();
  const map: Record<string, JsonValue> = {};
  for (
    let line = lines.lines[lines.next];
    line !== undefined && line.indent >= indent;
    line = lines.lines[lines.next]
  ) {
    if (line.indent > indent || isItem(line.content)) giveUp();
    const end = keyEnd(line.content);
    if (end < 0) giveUp();
    const key = keyOf(line.content, end);
    if (Object.hasOwn(map, key)) giveUp();
    lines.next++;
    setOwn(map, key, readAfter(lines, line, end + 1, indent, depth, true));
  }
  return map;
};

const readList = (lines: Lines, indent: number, depth: number): JsonValue => {
  if (depth > deepest) giveUp();
  const list: JsonValue[] = [];
  for (
    let line = lines.lines[lines.next];
    line !== undefined && line.indent >= indent;
    line = lines.lines[lines.next]
  ) {
    if (!isItem(line.content)) {
      // The key after a list that is not indented more than the key it belongs to.
      if (line.indent === indent) break;
      giveUp();
    }
    if (line.indent > indent) giveUp();
    let start = 1;
    while (line.content.charCodeAt(start) === space) start++;
    const rest = line.content.slice(start);
    if (rest !== "" && rest.charCodeAt(0) !== hash && (isItem(rest) || keyEnd(rest) >= 0)) {
      // `- key: value` and `- - item`: what follows the dash stands as if alone, at its column.
      line.indent += start;
      line.content = rest;
      list.push(isItem(rest) ? readList(lines, line.indent, depth + 1) : readMap(lines, line.indent, depth + 1));
    } else {
      lines.next++;
      list.push(readAfter(lines, line, 1, indent, depth, false));
    }
  }
  return list;
};

/** The value behind a key's colon or an item's dash, on the line or below it. */
const readAfter = (
  lines: Lines,
  { content, number }: Line,
  from: number,
  indent: number,
  depth: number,
  ofKey: boolean,
): JsonValue => {
  let start = from;
  while (content.charCodeAt(start) === space) start++;
  const first = content.charAt(start);
  if (first === "" || (first === "#" && start > from)) {
    const below = lines.lines[lines.next];
    if (below === undefined || below.indent < indent) return null;
    if (below.indent === indent) return ofKey && isItem(below.content) ? readList(lines, indent, depth + 1) : null;
    if (isItem(below.content)) return readList(lines, below.indent, depth + 1);
    return readMap(lines, below.indent, depth + 1);
  }
  if (first === "|" || first === ">") return readBlockText(lines, content.slice(start), number, indent);
  const cursor: Cursor = { content, at: start };
  const value = startsCollection(first) || isQuote(first) ? readFlow(cursor, depth + 1) : readPlain(cursor);
  if (!isEndOfLine(content, cursor.at)) giveUp();
  return value;
};

interface Cursor {
  readonly content: string;
  at: number;
}

const isQuote = (character: string): boolean => character === '"' || character === "'";
const startsCollection = (character: string): boolean => character === "[" || character === "{";

/** Where the colon behind the key is, or -1 when there is no key. */
const keyEnd = (content: string): number => {
  const first = content.charAt(0);
  if (isQuote(first)) {
    const end = quotedEnd(content, 0);
    return isColon(content, end) ? end : -1;
  }
  if (indicators.has(first)) return -1;
  let end = content.indexOf(":");
  while (end >= 0 && !isColon(content, end)) end = content.indexOf(":", end + 1);
  // A comment that has a colon in it is no key.
  const comment = end < 0 ? -1 : content.indexOf(" #");
  return comment >= 0 && comment < end ? -1 : end;
};

const isColon = (content: string, at: number): boolean =>
  content.charCodeAt(at) === colon && (at + 1 === content.length || content.charCodeAt(at + 1) === space);

const keyOf = (content: string, end: number): string => {
  if (end > 1000) giveUp();
  if (isQuote(content.charAt(0))) return quoted(content.slice(0, end));
  return content.charCodeAt(end - 1) === space ? giveUp() : content.slice(0, end);
};

/** What a plain text does not start with; most of it YAML forbids, and the rest is rare. */
const indicators: ReadonlySet<string> = new Set("-?:,[]{}#&*!|>'\"%@`");

const isEndOfLine = (content: string, at: number): boolean => {
  let end = at;
  while (content.charCodeAt(end) === space) end++;
  return end === content.length || (end > at && content.charCodeAt(end) === hash);
};

/** A plain value that takes the rest of the line. */
const readPlain = (cursor: Cursor): JsonValue => {
  const { content, at } = cursor;
  checkStart(content, at);
  const comment = content.indexOf(" #", at);
  let end = comment < 0 ? content.length : comment;
  while (content.charCodeAt(end - 1) === space) end--;
  const text = content.slice(at, end);
  if (text.includes(": ") || text.endsWith(":")) giveUp();
  cursor.at = end;
  return scalarOf(text);
};

const checkStart = (content: string, at: number): void => {
  const first = content.charAt(at);
  if (!indicators.has(first)) return;
  if (first !== "-" || !/[A-Za-z0-9.]/.test(content.charAt(at + 1))) giveUp();
};

/** A quoted text or a collection in brackets or braces, and in these also a plain value. */
const readFlow = (cursor: Cursor, depth: number): JsonValue => {
  const { content, at } = cursor;
  if (depth > deepest) giveUp();
  switch (content.charAt(at)) {
    case '"':
    case "'": {
      cursor.at = quotedEnd(content, at);
      return quoted(content.slice(at, cursor.at));
    }
    case "[":
      return readFlowList(cursor, depth);
    case "{":
      return readFlowMap(cursor, depth);
    default:
      return scalarOf(flowText(cursor));
  }
};

const readFlowList = (cursor: Cursor, depth: number): JsonValue => {
  const list: JsonValue[] = [];
  cursor.at++;
  for (;;) {
    skipSpaces(cursor);
    if (cursor.content.charAt(cursor.at) === "]") break;
    list.push(readFlow(cursor, depth + 1));
    if (separated(cursor, "]")) break;
  }
  cursor.at++;
  return list;
};

const readFlowMap = (cursor: Cursor, depth: number): JsonValue => {
  const map: Record<string, JsonValue> = {};
  cursor.at++;
  for (;;) {
    skipSpaces(cursor);
    const first = cursor.content.charAt(cursor.at);
    if (first === "}") break;
    if (startsCollection(first)) giveUp();
    const start = cursor.at;
    const key = isQuote(first) ? String(readFlow(cursor, depth)) : flowText(cursor);
    if (cursor.content.charCodeAt(cursor.at) !== colon || cursor.at - start > 1000) giveUp();
    if (Object.hasOwn(map, key)) giveUp();
    cursor.at++;
    skipSpaces(cursor);
    setOwn(map, key, readFlow(cursor, depth + 1));
    if (separated(cursor, "}")) break;
  }
  cursor.at++;
  return map;
};

/** Whether the collection ends here; otherwise a comma has been passed. */
const separated = (cursor: Cursor, end: string): boolean => {
  skipSpaces(cursor);
  const next = cursor.content.charAt(cursor.at);
  if (next === end) return true;
  if (next !== ",") giveUp();
  cursor.at++;
  return false;
};

const skipSpaces = (cursor: Cursor): void => {
  while (cursor.content.charCodeAt(cursor.at) === space) cursor.at++;
};

/** A plain text inside of brackets or braces, up to what ends it. */
const flowText = (cursor: Cursor): string => {
  const { content, at } = cursor;
  checkStart(content, at);
  flowEnd.lastIndex = at;
  const stop = flowEnd.exec(content);
  // A text that goes on in the next line, a comment, a bracket in the middle of a text.
  if (stop === null || stop[0] === " #" || startsCollection(stop[0])) return giveUp();
  cursor.at = stop.index;
  let end = stop.index;
  while (content.charCodeAt(end - 1) === space) end--;
  // A space in front of the colon is allowed, and rare.
  if (end === at || (end < stop.index && stop[0] === ":")) giveUp();
  return content.slice(at, end);
};

const flowEnd = /[,[\]{}]|:(?=[ ,[\]{}]|$)| #/g;

/** The offset behind the closing quote; gives up on what is not closed on the line, and on rare escapes. */
const quotedEnd = (content: string, at: number): number => {
  const pattern = content.charAt(at) === '"' ? doubleQuoted : singleQuoted;
  pattern.lastIndex = at;
  return pattern.test(content) ? pattern.lastIndex : giveUp();
};

const doubleQuoted = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const singleQuoted = /'(?:[^']|'')*'/y;

const quoted = (source: string): string =>
  source.startsWith('"') ? String(JSON.parse(source)) : source.slice(1, -1).replaceAll("''", "'");

/** A plain text as the core schema of YAML reads it; gives up on numbers in rare notations. */
const scalarOf = (text: string): JsonValue => {
  const first = text.charCodeAt(0);
  const isLetter = first >= 0x41;
  if (isLetter) return words.has(text) ? (words.get(text) ?? null) : text;
  if (plainNumber.test(text)) return exactNumber(text);
  return anyNumber.test(text) ? giveUp() : text;
};

const exactNumber = (text: string): number => (text === "-0" || text.length > 15 ? giveUp() : Number(text));

const words: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ...["~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
]);

const plainNumber = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;
/** Every other notation of a number, and a little more. */
const anyNumber = /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?|0[ox].*|[-+]?\.(?:inf|nan))$/i;

/** `|` and `>`, with `-` or without; gives up on blank lines at the start, deeper lines in `>` and other indicators. */
const readBlockText = (lines: Lines, header: string, number: number, indent: number): string => {
  const matched = /^([|>])(-?)(?: +#.*| *)$/.exec(header);
  const first = lines.all[number + 1] ?? "";
  const inner = first.search(/[^ ]/);
  if (matched === null || inner <= indent) return giveUp();
  const content: string[] = [];
  let at = number + 1;
  for (; at < lines.all.length; at++) {
    const line = lines.all[at] ?? "";
    const start = line.search(/[^ ]/);
    if (start < 0) {
      if (line.length > inner) giveUp();
      content.push("");
    } else if (start >= inner) content.push(line.slice(inner));
    else if (start > indent) giveUp();
    else break;
  }
  // The last line has a line break of its own only when something follows it in the file.
  if (at === lines.all.length && lines.all.at(-1) !== "") giveUp();
  while (content.at(-1) === "") content.pop();
  while ((lines.lines[lines.next]?.number ?? at) < at) lines.next++;
  const end = matched[2] === "-" ? "" : "\n";
  if (matched[1] === "|") return content.join("\n") + end;
  return content.some((line) => line === "" || line.startsWith(" ")) ? giveUp() : content.join(" ") + end;
};
