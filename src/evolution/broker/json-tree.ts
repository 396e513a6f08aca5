/**
 * A definition's JSON as the broker's parser sees it: `1` and `1.0` are different defaults, comments are let through, and a
 * name that is there twice counts as it stands last.
 */
export type Tree = null | boolean | string | Numeral | readonly Tree[] | TreeObject;

export interface TreeObject {
  readonly [name: string]: Tree;
}

export interface Numeral {
  readonly [numeral]: true;
  readonly whole: boolean;
  readonly value: number;
  /** Equal for numbers that are equal to the broker. */
  readonly text: string;
}

const numeral: unique symbol = Symbol("numeral");

/** The tree of a text, or what is wrong with it. */
export const readTree = (text: string): { readonly tree: Tree } | { readonly wrong: string } => {
  const end = text.trimEnd().length;
  const marked = text.replace(tokens, (token, at: number) => {
    if (token.startsWith('"')) return token;
    if (!token.startsWith("/")) return `{"${mark}":"${token}"}`;
    return at + token.length < end ? " " : token; // only at the end is a comment one thing too many
  });
  try {
    return { tree: JSON.parse(marked, revive) as Tree };
  } catch (error) {
    return { wrong: `it is not JSON (${(error as Error).message.replace(/, .*$/s, "")})` };
  }
};

export const isNumeral = (tree: Tree | undefined): tree is Numeral =>
  typeof tree === "object" && tree !== null && numeral in tree;

export const isObject = (tree: Tree | undefined): tree is TreeObject =>
  typeof tree === "object" && tree !== null && !Array.isArray(tree) && !isNumeral(tree);

export const isList = (tree: Tree | undefined): tree is readonly Tree[] => Array.isArray(tree);

export const entry = (tree: Tree | undefined, name: string): Tree | undefined =>
  isObject(tree) && Object.hasOwn(tree, name) ? tree[name] : undefined;

/** A text under a name; whatever else stands there does not count. */
export const textOf = (tree: Tree | undefined, name: string): string | undefined => {
  const found = entry(tree, name);
  return typeof found === "string" ? found : undefined;
};

export const decimal = (value: number): Numeral => ({
  [numeral]: true,
  whole: false,
  value,
  text: `${Object.is(value, -0) ? "-0" : value}.`,
});

export const sameTree = (a: Tree, b: Tree): boolean => {
  if (isNumeral(a) || isNumeral(b)) return isNumeral(a) && isNumeral(b) && a.text === b.text;
  if (isList(a) || isList(b)) {
    return isList(a) && isList(b) && a.length === b.length && a.every((one, at) => sameTree(one, b[at] as Tree));
  }
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameTree(a[name] as Tree, b[name] as Tree))
  );
};

const tokens = /"(?:[^"\\]|\\.)*"?|\/\*[\s\S]*?\*\/|\/\/[^\r\n]*|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** No name of a definition holds a NUL, so it marks what is no object but a number. */
const mark = "\\u0000";

const revive = (_name: string, value: unknown): unknown => {
  const text = typeof value === "object" && value !== null ? (value as Record<string, unknown>)["\u0000"] : undefined;
  if (typeof text !== "string") return value;
  if (/[.eE]/.test(text)) return decimal(Number(text));
  return { [numeral]: true, whole: true, value: Number(text), text: BigInt(text).toString() } satisfies Numeral;
};
