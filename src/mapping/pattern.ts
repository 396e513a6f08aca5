/**
 * Regular expressions as the texts they allow, so that "every text of this type is one of that type" can be proved or
 * disproved. Understood is what describes a regular language: classes, groups, alternatives, repetition, `^` and `$`.
 * What it cannot read (look-around, back references, word boundaries) is unknown, never guessed.
 */
export type Pattern =
  | { readonly kind: "characters"; readonly ranges: Ranges }
  | { readonly kind: "sequence"; readonly parts: readonly Pattern[] }
  | { readonly kind: "choice"; readonly parts: readonly Pattern[] }
  | { readonly kind: "repeat"; readonly part: Pattern; readonly min: number; readonly max: number }
  | { readonly kind: "start" }
  | { readonly kind: "end" };

/** Code points from and to, inclusive; sorted, apart from each other. */
export type Ranges = readonly (readonly [from: number, to: number])[];

/** The pattern of an ECMAScript regular expression with the `u` flag, or undefined when it is not understood. */
export const readPattern = (source: string): Pattern | undefined => {
  const known = patterns.get(source);
  if (known !== undefined || patterns.has(source)) return known;
  let pattern: Pattern | undefined;
  try {
    const reader = { text: Array.from(source), at: 0, depth: 0 };
    pattern = readChoice(reader);
    if (reader.at < reader.text.length) pattern = undefined;
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
  }
  if (patterns.size > 500) patterns.clear();
  patterns.set(source, pattern);
  return pattern;
};

const patterns = new Map<string, Pattern | undefined>();

/** Exactly this text. */
export const exactly = (text: string): Pattern => ({
  kind: "sequence",
  parts: Array.from(text, (character): Pattern => {
    const point = character.codePointAt(0) ?? 0;
    return { kind: "characters", ranges: [[point, point]] };
  }),
});

/** Any text of so many code points. */
export const anyText = (min: number, max: number): Pattern => ({
  kind: "repeat",
  part: { kind: "characters", ranges: everything },
  min,
  max,
});

/** The pattern as what matches a whole text, from its start to its end. */
export const whole = (pattern: Pattern): Pattern => ({
  kind: "sequence",
  parts: [{ kind: "start" }, pattern, { kind: "end" }],
});

/** What stands between `^` and `$`, so that it can become a part of something longer; undefined when it is not so. */
export const between = (pattern: Pattern): Pattern | undefined => {
  if (pattern.kind !== "sequence") return undefined;
  const { parts } = pattern;
  if (parts[0]?.kind !== "start" || parts.at(-1)?.kind !== "end") return undefined;
  const inner: Pattern = { kind: "sequence", parts: parts.slice(1, -1) };
  return isAnchored(inner) ? undefined : inner;
};

const isAnchored = (pattern: Pattern): boolean => {
  switch (pattern.kind) {
    case "characters":
      return false;
    case "start":
    case "end":
      return true;
    case "repeat":
      return isAnchored(pattern.part);
    case "sequence":
    case "choice":
      return pattern.parts.some(isAnchored);
  }
};

/** All code points that a text may hold: no halves of surrogate pairs. */
export const everything: Ranges = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

class NotUnderstood extends Error {}

interface Reader {
  readonly text: readonly string[];
  at: number;
  depth: number;
}

const maxDepth = 100;
const maxRepeat = 2000;

const readChoice = (reader: Reader): Pattern => {
  if (++reader.depth > maxDepth) throw new NotUnderstood();
  const parts = [readSequence(reader)];
  while (reader.text[reader.at] === "|") {
    reader.at++;
    parts.push(readSequence(reader));
  }
  reader.depth--;
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "choice", parts };
};

const readSequence = (reader: Reader): Pattern => {
  const parts: Pattern[] = [];
  while (reader.at < reader.text.length && reader.text[reader.at] !== "|" && reader.text[reader.at] !== ")") {
    parts.push(readRepeat(reader));
  }
  return { kind: "sequence", parts };
};

const readRepeat = (reader: Reader): Pattern => {
  const part = readAtom(reader);
  const count = readCount(reader);
  if (count === undefined) return part;
  if (part.kind === "start" || part.kind === "end") throw new NotUnderstood();
  if (reader.text[reader.at] === "?") reader.at++;
  return { kind: "repeat", part, ...count };
};

const readCount = (reader: Reader): { readonly min: number; readonly max: number } | undefined => {
  const sign = reader.text[reader.at];
  if (sign === "*" || sign === "+" || sign === "?") {
    reader.at++;
    return { min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Number.POSITIVE_INFINITY };
  }
  if (sign !== "{") return undefined;
  const end = reader.text.indexOf("}", reader.at);
  const match = /^(\d+)(?:(,)(\d*))?$/.exec(reader.text.slice(reader.at + 1, end).join(""));
  if (end < 0 || match === null) throw new NotUnderstood();
  reader.at = end + 1;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3]);
  if (min > maxRepeat || (max > maxRepeat && max !== Number.POSITIVE_INFINITY)) throw new NotUnderstood();
  return { min, max };
};

const readAtom = (reader: Reader): Pattern => {
  const character = take(reader);
  if (character === "^") return { kind: "start" };
  if (character === "$") return { kind: "end" };
  if (character === "(") return readGroup(reader);
  if (character === "[") return { kind: "characters", ranges: readClass(reader) };
  if (character === ".") return { kind: "characters", ranges: without(everything, lineEnds) };
  if (character === "\\") return { kind: "characters", ranges: readEscape(reader, false) };
  if ("*+?{}]".includes(character)) throw new NotUnderstood();
  const point = character.codePointAt(0) ?? 0;
  return { kind: "characters", ranges: [[point, point]] };
};

const readGroup = (reader: Reader): Pattern => {
  if (reader.text[reader.at] === "?") {
    reader.at++;
    const sign = take(reader);
    if (sign === "<" && reader.text[reader.at] !== "=" && reader.text[reader.at] !== "!") {
      while (take(reader) !== ">");
    } else if (sign !== ":") {
      throw new NotUnderstood();
    }
  }
  const inner = readChoice(reader);
  if (take(reader) !== ")") throw new NotUnderstood();
  return inner;
};

const readClass = (reader: Reader): Ranges => {
  const negated = reader.text[reader.at] === "^";
  if (negated) reader.at++;
  const ranges: (readonly [number, number])[] = [];
  while (reader.text[reader.at] !== "]") {
    const from = readClassAtom(reader);
    if (reader.text[reader.at] === "-" && reader.text[reader.at + 1] !== "]") {
      reader.at++;
      const to = readClassAtom(reader);
      ranges.push([single(from), single(to)]);
    } else {
      ranges.push(...from);
    }
  }
  reader.at++;
  return negated ? without(everything, normal(ranges)) : normal(ranges);
};

const readClassAtom = (reader: Reader): Ranges => {
  const character = take(reader);
  if (character === "\\") return readEscape(reader, true);
  const point = character.codePointAt(0) ?? 0;
  return [[point, point]];
};

const single = (ranges: Ranges): number => {
  const [range] = ranges;
  if (range === undefined || ranges.length > 1 || range[0] !== range[1]) throw new NotUnderstood();
  return range[0];
};

const readEscape = (reader: Reader, inClass: boolean): Ranges => {
  const character = take(reader);
  const known = classes.get(character);
  if (known !== undefined) return known;
  const control = controls.get(character) ?? (inClass && character === "b" ? 8 : undefined);
  if (control !== undefined) return [[control, control]];
  if (character === "p" || character === "P") return readProperty(reader, character);
  const point = character === "x" ? hex(reader, 2) : character === "u" ? readUnicode(reader) : undefined;
  if (point !== undefined) return [[point, point]];
  if (character === "c") {
    const letter = (take(reader).codePointAt(0) ?? 0) % 32;
    return [[letter, letter]];
  }
  if (!"^$\\.*+?()[]{}|/-".includes(character)) throw new NotUnderstood();
  return [[character.charCodeAt(0), character.charCodeAt(0)]];
};

const readUnicode = (reader: Reader): number => {
  if (reader.text[reader.at] === "{") {
    const end = reader.text.indexOf("}", reader.at);
    const point = Number.parseInt(reader.text.slice(reader.at + 1, end).join(""), 16);
    reader.at = end + 1;
    return point;
  }
  const first = hex(reader, 4);
  if (first < 0xd800 || first > 0xdbff || reader.text[reader.at] !== "\\" || reader.text[reader.at + 1] !== "u") {
    return first;
  }
  reader.at += 2;
  return (first - 0xd800) * 0x400 + (hex(reader, 4) - 0xdc00) + 0x10000;
};

const hex = (reader: Reader, digits: number): number => {
  const text = reader.text.slice(reader.at, reader.at + digits).join("");
  if (!/^[0-9a-fA-F]+$/.test(text)) throw new NotUnderstood();
  reader.at += digits;
  return Number.parseInt(text, 16);
};

/** `\p{L}`: only the engine knows what it means, so every code point is asked once. */
const readProperty = (reader: Reader, letter: string): Ranges => {
  const end = reader.text.indexOf("}", reader.at);
  const name = reader.text.slice(reader.at, end + 1).join("");
  if (end < 0 || !/^\{[A-Za-z0-9_=]+\}$/.test(name)) throw new NotUnderstood();
  reader.at = end + 1;
  const source = `\\${letter}${name}`;
  const known = properties.get(source);
  if (known !== undefined) return known;
  const test = new RegExp(source, "u");
  const ranges: [number, number][] = [];
  for (const [from, to] of everything) {
    for (let point = from; point <= to; point++) {
      if (!test.test(String.fromCodePoint(point))) continue;
      const last = ranges.at(-1);
      if (last !== undefined && last[1] === point - 1) last[1] = point;
      else ranges.push([point, point]);
    }
  }
  properties.set(source, ranges);
  return ranges;
};

const properties = new Map<string, Ranges>();

const take = (reader: Reader): string => {
  const character = reader.text[reader.at++];
  if (character === undefined) throw new NotUnderstood();
  return character;
};

const normal = (ranges: readonly (readonly [number, number])[]): Ranges => {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
};

const without = (ranges: Ranges, removed: Ranges): Ranges => {
  const left: [number, number][] = [];
  for (const [from, to] of ranges) {
    let start = from;
    for (const [low, high] of removed) {
      if (high < start || low > to) continue;
      if (low > start) left.push([start, low - 1]);
      start = high + 1;
    }
    if (start <= to) left.push([start, to]);
  }
  return left;
};

const lineEnds: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const digits: Ranges = [[0x30, 0x39]];
const word: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const space: Ranges = normal([
  ...[0x20, 0xa0, 0x1680, 0x202f, 0x205f, 0x3000, 0xfeff].map((point) => [point, point] as const),
  [0x09, 0x0d],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
]);
const classes: ReadonlyMap<string, Ranges> = new Map([
  ["d", digits],
  ["D", without(everything, digits)],
  ["w", word],
  ["W", without(everything, word)],
  ["s", space],
  ["S", without(everything, space)],
]);
const controls: ReadonlyMap<string, number> = new Map([
  ["t", 9],
  ["n", 10],
  ["v", 11],
  ["f", 12],
  ["r", 13],
  ["0", 0],
]);
