import type { Document, ParsedNode, YAMLMap } from "yaml";
import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument, visit } from "yaml";
import type { Place } from "./diagnostic.js";

/** A position in a file: line and column count from 1, columns in UTF-16 units as editors do, the offset from 0. */
interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Location {
  readonly start: Position;
  /** After the last character. */
  readonly end: Position;
}

/** Where a place is in the text of its file. What is not there stands where the nearest thing around it does. */
export const locate = (place: Place, text: string): Location => locateIn(place, fileOf(text));

/** As `locate`, for many places: each file is read and parsed at most once. Undefined where a file has no text. */
export const locator = (read: (file: string) => string | undefined): ((place: Place) => Location | undefined) => {
  const files = new Map<string, File | undefined>();
  return (place) => {
    if (!files.has(place.file)) {
      const text = read(place.file);
      files.set(place.file, text === undefined ? undefined : fileOf(text));
    }
    const file = files.get(place.file);
    return file && locateIn(place, file);
  };
};

interface File {
  readonly text: string;
  /** Offsets at which lines start. */
  readonly lines: readonly number[];
  /** Parsed when it is first asked for. */
  readonly tree: () => Tree;
}

interface Tree {
  readonly root: ParsedNode | null;
  readonly pairOf: (map: YAMLMap, key: string) => Pair | undefined;
  /** What an alias repeats. */
  readonly anchorOf: (alias: ParsedNode & { readonly source: string }) => ParsedNode | undefined;
}

type Pair = { readonly key: unknown; readonly value: unknown };

const fileOf = (text: string): File => {
  const lines = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.push(at + 1);
  let tree: Tree | undefined;
  return {
    text,
    lines,
    tree: () => {
      tree ??= parse(text);
      return tree;
    },
  };
};

const parse = (text: string): Tree => {
  const document = parseDocument(text, {
    strict: false,
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: "silent",
  });
  const indexes = new WeakMap<YAMLMap, Map<string, Pair>>();
  let anchors: Map<string, ParsedNode[]> | undefined;
  return {
    root: document.contents,
    pairOf: (map, key) => {
      let index = indexes.get(map);
      if (index === undefined) {
        index = new Map();
        for (const pair of map.items) {
          const name = isScalar(pair.key) ? String(pair.key.value) : "";
          if (!index.has(name)) index.set(name, pair);
        }
        indexes.set(map, index);
      }
      return index.get(key);
    },
    anchorOf: (alias) => {
      anchors ??= anchorsOf(document);
      return anchors.get(alias.source)?.findLast((node) => startOf(node) < startOf(alias));
    },
  };
};

const anchorsOf = (document: Document.Parsed): Map<string, ParsedNode[]> => {
  const anchors = new Map<string, ParsedNode[]>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || !node.anchor) return;
      anchors.set(node.anchor, [...(anchors.get(node.anchor) ?? []), node as ParsedNode]);
    },
  });
  return anchors;
};

type Range = readonly [start: number, end: number];

const locateIn = (place: Place, file: File): Location => {
  const [start, end] = place.range ?? rangeOf(place, file.tree());
  const from = Math.min(Math.max(start, 0), file.text.length);
  return { start: positionOf(from, file), end: positionOf(Math.min(Math.max(end, from), file.text.length), file) };
};

const rangeOf = (place: Place, tree: Tree): Range => {
  let node: ParsedNode | undefined = tree.root ?? undefined;
  // The key, or the item, that leads to the node.
  let key: Range | undefined;
  let found = true;
  for (const step of place.path) {
    if (node && isAlias(node)) node = tree.anchorOf(node);
    const next: { node: ParsedNode | undefined; key: Range | undefined } | undefined = stepInto(node, step, tree);
    if (next === undefined) {
      found = false;
      break;
    }
    ({ node, key } = next);
  }
  const value = node && extent(node);
  if (key === undefined) return firstKey(node) ?? value ?? [0, 0];
  // Of what is missing, and of an empty value, the key is all there is to show.
  if (!found || place.at === "key" || value === undefined || value[0] === value[1]) return key;
  return value;
};

const stepInto = (
  node: ParsedNode | undefined,
  step: string | number,
  tree: Tree,
): { readonly node: ParsedNode | undefined; readonly key: Range | undefined } | undefined => {
  if (node && isMap(node)) {
    const pair = tree.pairOf(node, String(step));
    if (pair === undefined) return undefined;
    const value = isNode(pair.value) ? (pair.value as ParsedNode) : undefined;
    return { node: value, key: isNode(pair.key) ? extent(pair.key as ParsedNode) : undefined };
  }
  if (node && isSeq(node)) {
    const item = node.items[Number(step)];
    return isNode(item) ? { node: item as ParsedNode, key: extent(item as ParsedNode) } : undefined;
  }
  return undefined;
};

/** The key of a map's first entry stands for a map that is the whole file. */
const firstKey = (node: ParsedNode | undefined): Range | undefined => {
  const key = node && isMap(node) ? node.items[0]?.key : undefined;
  return isNode(key) ? extent(key as ParsedNode) : undefined;
};

const extent = (node: ParsedNode): Range => [node.range[0], node.range[1]];

const startOf = (node: ParsedNode): number => node.range[0];

const positionOf = (offset: number, { lines, text }: File): Position => {
  let [low, high] = [0, lines.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const start = lines[low] ?? 0;
  // A byte order mark takes no column.
  const mark = low === 0 && offset > 0 && text.startsWith("\ufeff") ? 1 : 0;
  return { line: low + 1, column: offset - start + 1 - mark, offset };
};
