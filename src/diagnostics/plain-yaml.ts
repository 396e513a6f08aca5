export type Range = readonly [start: number, end: number];

/**
 * Where the values of a text of ordinary YAML stand: block maps and lists, texts with and without quotes, braces and
 * brackets. Many times as fast as a parser of all of YAML, and undefined for a text with anything else in it: what is found
 * is what such a parser finds, with nothing to say about it but for keys that come twice.
 */
export const scanPlainYaml = (text: string): PlainNode | undefined => {
  if (unusual.test(text)) return undefined;
  const reader: Reader = { text, at: 0, column: 0, comment: false };
  toContent(reader);
  if (reader.column !== 0) return undefined;
  const root = text[reader.at] === "{" ? readInline(reader, -1) : readMap(reader, 0, 0);
  return root === undefined || reader.column >= 0 ? undefined : root;
};

/** A map, a list, or a text or another value without parts. */
export interface PlainNode {
  readonly start: number;
  /** Undefined where it is not certain. */
  readonly end: number | undefined;
  /** By key, as far as none came before. */
  readonly entries?: ReadonlyMap<string, Entry>;
  /** Whether a key comes twice. */
  readonly twice?: boolean;
  readonly items?: readonly PlainNode[];
}

/** A node in a block, and where its last line ends: there the block ends that it is the last of. */
interface BlockNode extends PlainNode {
  readonly next: number;
}

interface Entry {
  readonly key: Range;
  readonly value: PlainNode;
}

interface Reader {
  readonly text: string;
  at: number;
  /** That of the next content, at which `at` stands after each value of a block; -1 at the end. */
  column: number;
  /** Whether there were lines of comment on the way there. */
  comment: boolean;
}

// Patterns match where `lastIndex` is set to.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters, tabs and other line ends are not read here
const unusual = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]|^(?:---|\.\.\.|%)/m;
const keyPattern =
  /(?:[A-Za-z0-9_$\u00c0-\u1fff\u3040-\ud7ff][\w$.?/\u00c0-\u1fff\u3040-\ud7ff-]{0,200}(?: [\w$.?/\u00c0-\u1fff\u3040-\ud7ff-]{1,40}){0,19}|"[^"\\\n]{0,200}"|'[^'\n]{0,200}'):(?= |$)/my;
/** In JSON a value may follow at once. */
const keyOfJson = /"[^"\\\n]{0,200}":/y;
const plainStart = /[^ \n?:,[\]{}#&*!|>'"%@`-]|-(?=[^ \n,[\]{}])/y;
const plainInBlock = /(?:[^ \n:#]+|:(?![ \n]|$)|(?<! )#| +(?![ \n#]|$))+/y;
const plainInFlow = /(?:[^ \n:#,[\]{}]+|:(?![ \n,[\]{}]|$)|(?<! )#| +(?![ \n#,[\]{}]|$))+/y;
const quoted = /"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"|'[^'\n]*(?:''[^'\n]*)*'/y;
const blockHeader = /[|>]-?(?: +#[^\n]*)?\n/y;

const found = ({ text, at }: Reader, pattern: RegExp): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

const deepest = 100;

const readMap = (reader: Reader, indent: number, depth: number): BlockNode | undefined => {
  const start = reader.at;
  const entries = new Map<string, Entry>();
  let twice = false;
  for (;;) {
    const key = readKey(reader);
    const value = key && readValue(reader, indent, depth, true);
    if (key === undefined || value === undefined || reader.column > indent) return undefined;
    if (entries.has(key.name)) twice = true;
    else entries.set(key.name, { key: key.range, value });
    if (reader.column < indent) return { start, ...endOf(value, reader), entries, twice };
  }
};

const readList = (reader: Reader, indent: number, depth: number): BlockNode | undefined => {
  const start = reader.at;
  const items: PlainNode[] = [];
  for (;;) {
    const dash = reader.at++;
    skipSpaces(reader);
    const column = indent + reader.at - dash;
    const item = isBlock(reader) ? readBlock(reader, column, depth) : readValue(reader, indent, depth);
    if (item === undefined || reader.column > indent) return undefined;
    items.push(item);
    if (reader.column < indent || !isItem(reader)) return { start, ...endOf(item, reader), items };
  }
};

const endOf = ({ next }: BlockNode, { comment }: Reader) => ({ end: comment ? undefined : next, next });

const readBlock = (reader: Reader, column: number, depth: number): BlockNode | undefined => {
  if (depth > deepest || !isBlock(reader)) return undefined;
  return isItem(reader) ? readList(reader, column, depth + 1) : readMap(reader, column, depth + 1);
};

const isBlock = (reader: Reader): boolean => isItem(reader) || found(reader, keyPattern) !== undefined;

const isItem = ({ text, at }: Reader): boolean => text[at] === "-" && (text[at + 1] === " " || text[at + 1] === "\n");

const readKey = (
  reader: Reader,
  pattern = keyPattern,
): { readonly name: string; readonly range: Range } | undefined => {
  const key = found(reader, pattern)?.slice(0, -1);
  if (key === undefined) return undefined;
  const range: Range = [reader.at, reader.at + key.length];
  reader.at = range[1] + 1;
  return { name: isQuote(key[0]) ? key.slice(1, -1) : key, range };
};

/** What comes after a colon or a dash: in its line, or below it. */
const readValue = (reader: Reader, indent: number, depth: number, inMap = false): BlockNode | undefined => {
  skipSpaces(reader);
  const next = lineEnd(reader);
  if (next === undefined) return readInline(reader, indent);
  toContent(reader, next);
  // The items of a list may stand below the key itself.
  const below = reader.column > indent || (inMap && reader.column === indent && isItem(reader));
  return below ? readBlock(reader, reader.column, depth) : undefined;
};

/** A value that begins in this line. `indent` is that of what it belongs to. */
const readInline = (reader: Reader, indent: number): BlockNode | undefined => {
  const first = reader.text[reader.at];
  if (first === "|" || first === ">") return readBlockText(reader, indent);
  if (!isBracket(first) && !isQuote(first)) return readPlainText(reader, indent);
  const node = readFlow(reader, indent, 0);
  skipSpaces(reader);
  const next = lineEnd(reader);
  if (node === undefined || next === undefined) return undefined;
  toContent(reader, next);
  return { ...node, next };
};

/** Without quotes, over one line or several. */
const readPlainText = (reader: Reader, indent: number): BlockNode | undefined => {
  const { text, at: start } = reader;
  if (found(reader, plainStart) === undefined) return undefined;
  for (;;) {
    const line = found(reader, plainInBlock);
    if (line === undefined) return undefined;
    reader.at += line.length;
    const end = reader.at;
    skipSpaces(reader);
    const next = lineEnd(reader);
    if (next === undefined) return undefined;
    const isLast = text[reader.at] === "#";
    toContent(reader, next);
    if (reader.column <= indent) return { start, end, next };
    if (isLast || reader.comment) return undefined;
  }
};

/** After `|` or `>`. */
const readBlockText = (reader: Reader, indent: number): BlockNode | undefined => {
  const { text, at: start } = reader;
  const header = found(reader, blockHeader);
  if (header === undefined) return undefined;
  let next = start + header.length;
  const column = spacesAt(text, next);
  if (column <= indent) return undefined;
  for (let line = next; line < text.length; ) {
    const newline = text.indexOf("\n", line);
    const own = spacesAt(text, line);
    // Lines of nothing but spaces may be a part of the text.
    if (newline < 0 || (own > 0 && line + own === newline)) return undefined;
    if (own < column && line !== newline) {
      if (own > indent) return undefined;
      break;
    }
    if (line !== newline) next = newline + 1;
    line = newline + 1;
  }
  toContent(reader, next);
  return { start, end: next, next };
};

/** A text, a map or a list in brackets, or in quotes, or in either. */
const readFlow = (reader: Reader, indent: number, depth: number): PlainNode | undefined => {
  const { text, at: start } = reader;
  const first = text[start];
  if (!isBracket(first)) {
    const plain = isQuote(first) || found(reader, plainStart) !== undefined;
    const source = plain ? found(reader, isQuote(first) ? quoted : plainInFlow) : undefined;
    if (source === undefined) return undefined;
    reader.at += source.length;
    return { start, end: reader.at };
  }
  if (depth > deepest) return undefined;
  const entries = new Map<string, Entry>();
  let twice = false;
  const items: PlainNode[] = [];
  const close = first === "{" ? "}" : "]";
  for (reader.at++; skipInFlow(reader, indent); reader.at++) {
    if (text[reader.at] !== close) {
      const key = first === "{" ? (readKey(reader) ?? readKey(reader, keyOfJson)) : undefined;
      if (first === "{" && (key === undefined || !skipInFlow(reader, indent))) return undefined;
      const value = readFlow(reader, indent, depth + 1);
      if (value === undefined || !skipInFlow(reader, indent)) return undefined;
      if (key === undefined) items.push(value);
      else if (entries.has(key.name)) twice = true;
      else entries.set(key.name, { key: key.range, value });
    }
    if (text[reader.at] === close) {
      reader.at++;
      return { start, end: reader.at, ...(first === "{" ? { entries, twice } : { items }) };
    }
    if (text[reader.at] !== ",") return undefined;
  }
  return undefined;
};

const isBracket = (character: string | undefined): boolean => character === "{" || character === "[";
const isQuote = (character: string | undefined): boolean => character === '"' || character === "'";

/** To the next character in brackets; false when it is a comment, or not indented enough. */
const skipInFlow = (reader: Reader, indent: number): boolean => {
  const { text } = reader;
  skipSpaces(reader);
  while (text[reader.at] === "\n") {
    const line = reader.at + 1;
    reader.at = line;
    skipSpaces(reader);
    if (text[reader.at] !== "\n" && reader.at - line <= indent) return false;
  }
  return reader.at < text.length && text[reader.at] !== "#";
};

const skipSpaces = (reader: Reader): void => {
  reader.at += spacesAt(reader.text, reader.at);
};

const spacesAt = (text: string, start: number): number => {
  let at = start;
  while (text[at] === " ") at++;
  return at - start;
};

/** Where the next line starts, if there is nothing but a comment before it. */
const lineEnd = ({ text, at }: Reader): number | undefined => {
  if (at >= text.length) return text.length;
  if (text[at] === "\n") return at + 1;
  if (text[at] !== "#" || text[at - 1] !== " ") return undefined;
  const newline = text.indexOf("\n", at);
  return newline < 0 ? text.length : newline + 1;
};

/** From the start of a line to the next content. */
const toContent = (reader: Reader, start = 0): void => {
  const { text } = reader;
  reader.comment = false;
  for (let line = start; ; ) {
    const at = line + spacesAt(text, line);
    const isComment = text[at] === "#";
    if (at < text.length && text[at] !== "\n" && !isComment) {
      reader.at = at;
      reader.column = at - line;
      return;
    }
    reader.comment ||= isComment;
    const newline = text.indexOf("\n", at);
    if (newline < 0) break;
    line = newline + 1;
  }
  reader.at = text.length;
  reader.column = -1;
};
