/**
 * A short text that the pattern matches and that passes `accepts`, or undefined when none was found: patterns with
 * back references, and those that only a lookaround decides, are beyond it. The same for the same pattern, always.
 */
export const matchingText = (pattern: string, accepts: (text: string) => boolean): string | undefined => {
  let whole: RegExp;
  try {
    whole = new RegExp(pattern, "u");
  } catch {
    return undefined;
  }
  const parsed = parse(pattern);
  if (parsed === undefined) return undefined;
  for (let extra = 0; extra <= maxExtra; extra++) {
    for (let alternative = 0; alternative < 4; alternative++) {
      const text = write(parsed, { extra, alternative, budget: maxLength });
      if (text !== undefined && accepts(text) && whole.test(text)) return text;
    }
  }
  return undefined;
};

/** What a pattern consists of: `one` is an atom as its source says it, matched by a single character. */
type Node =
  | { readonly kind: "one"; readonly character: string }
  | { readonly kind: "sequence"; readonly items: readonly Node[] }
  | { readonly kind: "choice"; readonly items: readonly Node[] }
  | { readonly kind: "repeat"; readonly item: Node; readonly min: number; readonly max: number };

/** How often, at most, everything that may be repeated is repeated beyond its minimum. */
const maxExtra = 40;
const maxLength = 2_000;
const maxNesting = 50;

interface Style {
  readonly extra: number;
  /** Which branch of a choice is taken, counted from the first. */
  readonly alternative: number;
  /** How many characters the text may still have. */
  budget: number;
}

const write = (node: Node, style: Style): string | undefined => {
  switch (node.kind) {
    case "one":
      style.budget -= node.character.length;
      return style.budget < 0 ? undefined : node.character;
    case "sequence":
      return writeAll(node.items, style);
    case "choice":
      return write(node.items[Math.min(style.alternative, node.items.length - 1)] as Node, style);
    case "repeat": {
      const count = Math.min(node.max, node.min + style.extra);
      return count > maxLength
        ? undefined
        : writeAll(
            Array.from({ length: count }, () => node.item),
            style,
          );
    }
  }
};

const writeAll = (nodes: readonly Node[], style: Style): string | undefined => {
  let text = "";
  for (const node of nodes) {
    const part = write(node, style);
    if (part === undefined) return undefined;
    text += part;
  }
  return text;
};

interface Reader {
  readonly pattern: string;
  at: number;
  depth: number;
}

const parse = (pattern: string): Node | undefined => {
  const reader: Reader = { pattern, at: 0, depth: 0 };
  const node = parseChoice(reader);
  return reader.at < pattern.length ? undefined : node;
};

const parseChoice = (reader: Reader): Node | undefined => {
  const items: Node[] = [];
  do {
    const sequence = parseSequence(reader);
    if (sequence === undefined) return undefined;
    items.push(sequence);
  } while (take(reader, "|"));
  return items.length === 1 ? items[0] : { kind: "choice", items };
};

const parseSequence = (reader: Reader): Node | undefined => {
  const items: Node[] = [];
  while (reader.at < reader.pattern.length && !"|)".includes(reader.pattern[reader.at] as string)) {
    const atom = parseAtom(reader);
    if (atom === undefined) return undefined;
    items.push(parseQuantifier(reader, atom));
  }
  return { kind: "sequence", items };
};

const nothing: Node = { kind: "sequence", items: [] };

const parseAtom = (reader: Reader): Node | undefined => {
  // what asserts something is left out here: the whole pattern is tried on the result
  if (match(reader, /[$^]|\\[bB]/y) !== undefined) return nothing;
  if (match(reader, /\(\?<?[=!]/y) !== undefined) return parseGroup(reader) === undefined ? undefined : nothing;
  if (match(reader, /\((?:\?:|\?<[^>=!]+>)?/y) !== undefined) return parseGroup(reader);
  if (reader.pattern.startsWith("\\k", reader.at) || /\\[1-9]/y.test(reader.pattern.slice(reader.at, reader.at + 2))) {
    return undefined;
  }
  const source = match(
    reader,
    /\[(?:\\.|[^\]\\])*\]|\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c[A-Za-z]|.)|./suy,
  );
  const character = source === undefined ? undefined : characterOf(source);
  return character === undefined ? undefined : { kind: "one", character };
};

const parseGroup = (reader: Reader): Node | undefined => {
  if (reader.depth >= maxNesting) return undefined;
  reader.depth++;
  const inner = parseChoice(reader);
  reader.depth--;
  return inner !== undefined && take(reader, ")") ? inner : undefined;
};

const parseQuantifier = (reader: Reader, item: Node): Node => {
  const source = match(reader, /(?:[*+?]|\{\d+(?:,\d*)?\})\??/y);
  if (source === undefined) return item;
  const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(source) ?? [];
  if (least !== undefined) {
    const min = Number(least);
    return {
      kind: "repeat",
      item,
      min,
      max: comma === "" ? min : most === "" ? Number.POSITIVE_INFINITY : Number(most),
    };
  }
  const max = source.startsWith("?") ? 1 : Number.POSITIVE_INFINITY;
  return { kind: "repeat", item, min: source.startsWith("+") ? 1 : 0, max };
};

const match = (reader: Reader, token: RegExp): string | undefined => {
  token.lastIndex = reader.at;
  const found = token.exec(reader.pattern)?.[0];
  if (found !== undefined) reader.at += found.length;
  return found;
};

const take = (reader: Reader, character: string): boolean => {
  if (reader.pattern[reader.at] !== character) return false;
  reader.at++;
  return true;
};

/** The first character that the atom matches, of those that read well. */
const characterOf = (source: string): string | undefined => {
  if (!/[\\[.]/.test(source)) return source;
  const atom = new RegExp(`^${source}$`, "su");
  return candidates.find((character) => atom.test(character)) ?? characterIn(source, atom);
};

const candidates: readonly string[] = [
  ..."aA1",
  ..."bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ023456789-_.:/@+ ",
  ..."!\"#$%&'()*,;<=>?[\\]^`{|}~",
  ..."\t\n\r\0\v\f",
  ..."éßñÉΩλяЖאع中日あ한😀€£",
];

/** A character that the source of the atom itself spells, where none of the usual ones matches. */
const characterIn = (source: string, atom: RegExp): string | undefined => {
  const spelled = [...source.matchAll(/\\u\{([0-9A-Fa-f]{1,6})\}|\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})/g)].map(
    ([, a, b, c]) => String.fromCodePoint(Number.parseInt(a ?? b ?? c ?? "0", 16)),
  );
  return [...spelled, ...source].find((character) => atom.test(character));
};
