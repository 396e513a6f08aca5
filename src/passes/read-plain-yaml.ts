import { CORE_SCHEMA, load } from "js-yaml";
import type { JsonValue } from "../model/type.js";

/**
 * Reads a text of ordinary YAML with js-yaml, five times as fast as the parser that knows positions. Undefined for
 * everything about which that parser could have something to say: it then reads the text again, and reports.
 */
export const readPlainYaml = (text: string): JsonValue | undefined => {
  if (unusual.some((pattern) => pattern.test(text))) return undefined;
  try {
    const value = load(text, { schema: CORE_SCHEMA }) as JsonValue;
    return isMap(value) && !holdsNull(value, 0) ? value : undefined;
  } catch {
    // A mistake, or nested too deep: the parser says which, and where.
    return undefined;
  }
};

/** What may be read in more than one way, or is not allowed in a model; some of it stands in harmless texts as well. */
const unusual: readonly RegExp[] = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters and tabs are what it looks for
  /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff]|\r(?!\n)/,
  // documents, directives, explicit keys, kept line ends, indentations that are said
  /^(?:---|\.\.\.|%)|^\s*(?:- +)*\?(?:\s|$)|[|>]-?[0-9+]/m,
  // a comment inside of brackets over several lines
  /[[{,][^\]}\n]*\n\s*#/,
  // anchors, aliases, tags, merge keys, empty keys
  /(?:^|[\s,[{:?-])[&*!]|<<|(?:^|[\s,[{-]):(?:\s|$)/m,
  // keys that are another value than their text
  /(?:^|[\s,[{-])(?:~|Null|NULL|True|TRUE|False|FALSE|[-+0-9]*\.[.0-9]*|\+[0-9]+)\s*:(?:\s|$)/m,
  // numbers that lose digits, have no end or another base
  /[0-9]{15}|[\s,[{][-+]?[0-9.]+e[-+]?[0-9]|\.(?:inf|nan)|-0+(?:[\s,\]}]|$)|(?:^|[\s,[{])0[0-9ox]/im,
];

const isMap = (value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Also a comma that cuts a value in two leaves a null behind: `{ price: decimal(12, 2) }` has a key called `2)`. */
const holdsNull = (value: JsonValue, depth: number): boolean =>
  value === null ||
  depth > 100 ||
  (typeof value === "object" && Object.values(value).some((one) => holdsNull(one, depth + 1)));
