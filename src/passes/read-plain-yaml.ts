import type { PlainNode } from "../diagnostics/plain-yaml.js";
import { scanPlainYaml } from "../diagnostics/plain-yaml.js";
import type { JsonValue } from "../model/type.js";
import { setOwn } from "./set-own.js";

/**
 * Reads a text of ordinary YAML, many times as fast as the parser. Undefined for everything about which the parser could
 * have something to say: it then reads the text again, and reports.
 */
export const readPlainYaml = (text: string): JsonValue | undefined => {
  // Whichever way lines end, values are the same.
  const lines = text.replaceAll("\r\n", "\n");
  const root = scanPlainYaml(lines);
  return root && valueIn(root, lines);
};

const valueIn = (node: PlainNode, text: string): JsonValue | undefined => {
  const { entries, items } = node;
  if (items !== undefined) {
    const list: JsonValue[] = [];
    for (const item of items) {
      const value = valueIn(item, text);
      if (value === undefined) return undefined;
      list.push(value);
    }
    return list;
  }
  if (entries === undefined) return scalarOf(text.slice(node.start, node.end));
  if (node.twice === true) return undefined;
  const map: { [key: string]: JsonValue } = {};
  for (const [key, entry] of entries) {
    const value = valueIn(entry.value, text);
    if (value === undefined) return undefined;
    setOwn(map, key, value);
  }
  return map;
};

const scalarOf = (source: string): JsonValue | undefined => {
  switch (source[0]) {
    case '"':
      return source.includes("\\") ? escapedText(source) : source.slice(1, -1);
    case "'":
      return source.slice(1, -1).replaceAll("''", "'");
    case "|":
    case ">":
      return blockText(source);
    default:
      return source.includes("\n") ? folded(source) : plainScalar(source);
  }
};

/** With escapes that JSON has too, and that mean the same. */
const escapedText = (source: string): string | undefined =>
  /^"(?:[^\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"$/.test(source) ? JSON.parse(source) : undefined;

/** After `|` or `>`; lines end with `\n`, and the first one is not empty. */
const blockText = (source: string): string | undefined => {
  const [header = "", ...lines] = source.slice(0, -1).split("\n");
  const first = lines[0] ?? "";
  const column = first.length - withoutIndent(first).length;
  const texts = lines.map((line) => line.slice(column));
  const end = header[1] === "-" ? "" : "\n";
  if (header.startsWith("|")) return texts.join("\n") + end;
  // Lines that are indented more than the first are not folded, and spaces at a line's end are kept.
  if (texts.some((text) => text.startsWith(" ") || text.endsWith(" "))) return undefined;
  return folded(texts.join("\n")) + end;
};

/** A line's end is a space, and an empty line is a line's end. */
const folded = (text: string): string =>
  text.replace(/ *\n[ \n]*/g, (gap) => {
    const breaks = gap.replaceAll(" ", "");
    return breaks === "\n" ? " " : breaks.slice(1);
  });

const withoutIndent = (line: string): string => line.replace(/^ +/, "");

const plainScalar = (source: string): JsonValue | undefined => {
  if (number.test(source)) return Number(source);
  if (!special.test(source)) return source;
  return boolean.test(source) ? source.toLowerCase() === "true" : undefined;
};

/** Numbers that keep their digits. */
const number = /^(?:0|-?[1-9][0-9]{0,13}|-?(?:0|[1-9][0-9]{0,6})\.[0-9]{1,6})$/;

const boolean = /^(?:[Tt]rue|TRUE|[Ff]alse|FALSE)$/;

/** What may be read as something else than a text, if not by everyone. */
const special =
  /^(?:~|null|true|false|[-+]?\.(?:inf|nan)|[-+]?(?:0x[0-9a-f]*|0o[0-9]*|\.[0-9]+|[0-9]+\.?[0-9]*)(?:e[-+]?[0-9]*)?)$/i;
