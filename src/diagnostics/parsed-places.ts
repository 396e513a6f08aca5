import { createRequire } from "node:module";
import type { Document, ParsedNode, YAMLMap } from "yaml";
import type { Place } from "./diagnostic.js";
import type { Range } from "./plain-yaml.js";

/** Where things stand in any text, as far as it is YAML. What is not there stands where the nearest thing around it does. */
export const parsedPlaces = (text: string): ((place: Place) => Range) => {
  const tree = parse(text);
  return (place) => rangeOf(place, tree);
};

/** It takes longer to load than most models to be built, and few places need it. */
const yaml = (): typeof import("yaml") => createRequire(import.meta.url)("yaml");

interface Tree {
  readonly library: typeof import("yaml");
  readonly root: ParsedNode | null;
  readonly pairOf: (map: YAMLMap, key: string) => Pair | undefined;
  /** What an alias repeats. */
  readonly anchorOf: (alias: ParsedNode & { readonly source: string }) => ParsedNode | undefined;
}

type Pair = { readonly key: unknown; readonly value: unknown };

const parse = (text: string): Tree => {
  const library = yaml();
  const document = library.parseDocument(text, {
    strict: false,
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: "silent",
  });
  const indexes = new WeakMap<YAMLMap, Map<string, Pair>>();
  let anchors: Map<string, ParsedNode[]> | undefined;
  return {
    library,
    root: document.contents,
    pairOf: (map, key) => {
      let index = indexes.get(map);
      if (index === undefined) {
        index = new Map();
        for (const pair of map.items) {
          const name = library.isScalar(pair.key) ? String(pair.key.value) : "";
          if (!index.has(name)) index.set(name, pair);
        }
        indexes.set(map, index);
      }
      return index.get(key);
    },
    anchorOf: (alias) => {
      anchors ??= anchorsOf(document, library);
      return anchors.get(alias.source)?.findLast((node) => startOf(node) < startOf(alias));
    },
  };
};

const anchorsOf = (document: Document.Parsed, { isAlias, visit }: Tree["library"]): Map<string, ParsedNode[]> => {
  const anchors = new Map<string, ParsedNode[]>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || !node.anchor) return;
      anchors.set(node.anchor, [...(anchors.get(node.anchor) ?? []), node as ParsedNode]);
    },
  });
  return anchors;
};

const rangeOf = (place: Place, tree: Tree): Range => {
  const { isAlias } = tree.library;
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
  if (key === undefined) return firstKey(node, tree) ?? value ?? [0, 0];
  // Of what is missing, and of an empty value, the key is all there is to show.
  if (!found || place.at === "key" || value === undefined || value[0] === value[1]) return key;
  return value;
};

const stepInto = (
  node: ParsedNode | undefined,
  step: string | number,
  tree: Tree,
): { readonly node: ParsedNode | undefined; readonly key: Range | undefined } | undefined => {
  const { isMap, isNode, isSeq } = tree.library;
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
const firstKey = (node: ParsedNode | undefined, { library }: Tree): Range | undefined => {
  const key = node && library.isMap(node) ? node.items[0]?.key : undefined;
  return library.isNode(key) ? extent(key as ParsedNode) : undefined;
};

const extent = (node: ParsedNode): Range => [node.range[0], node.range[1]];

const startOf = (node: ParsedNode): number => node.range[0];
