import { hashOf } from "../hash.js";

/*
 * A lock is text, one fact a line, sorted by kind and key, a sum behind what it is the sum of:
 *
 *     # What has been released. …
 *     evgen.lock 1
 *     branch persistent://shop/sales/orders 00000 "OrderPlacedV1" #2f6c0d8b41aa
 *     …
 *     end
 *
 * Each fact carries a hash of itself, so that an edit of any of them is seen at its line. The facts of one aggregate,
 * and each reader, are summed up in one more line, so that a missing one is seen too. There is no hash of the whole: two branches of git that
 * release events of different aggregates would always be in conflict over it.
 */

/** Each kind of fact, with how many words its key has. */
const kinds = {
  aggregate: 1,
  branch: 2,
  consumer: 1,
  projection: 1,
  proved: 3,
  retired: 2,
  sample: 3,
  sum: 1,
  system: 0,
  topic: 1,
  type: 1,
  upcast: 3,
  version: 3,
} as const;

export type Kind = keyof typeof kinds;

/** A line of a lock. */
export interface Fact {
  readonly kind: Kind;
  /** The words between kind and value: `Order OrderPlaced 2`. */
  readonly key: string;
  /** Its value, as JSON. */
  readonly json: string;
  readonly hash: string;
  /** Where the line is in the text, in characters. */
  readonly range: readonly [start: number, end: number];
}

export const firstLine = "# What has been released. `evgen release` writes this file; nobody edits it.";
export const formatWord = "evgen.lock";
export const formatVersion = 1;
export const lastLine = "end";

export const factText = (kind: Kind, key: string, json: string): string =>
  key === "" ? `${kind} ${json}` : `${kind} ${key} ${json}`;

/** The parts of a line, whatever stands after its key; none when it is of no kind. */
export const splitFact = (
  text: string,
): { readonly kind: Kind; readonly key: string; readonly json: string } | undefined => {
  const kind = text.split(" ", 1)[0] ?? "";
  if (!isKind(kind)) return undefined;
  let at = kind.length;
  for (let count = kinds[kind]; count > 0 && at >= 0; count--) at = text.indexOf(" ", at + 1);
  return at < 0 ? undefined : { kind, key: text.slice(kind.length + 1, at), json: text.slice(at + 1) };
};

export const isKind = (word: string): word is Kind => Object.hasOwn(kinds, word);

export const lineHash = (text: string): string => hashOf(text, 12);

/** The key of a branch: positions have as many digits, so that they sort as text. */
export const branchKey = (topic: string, position: number): string => `${topic} ${String(position).padStart(5, "0")}`;

/** The hash in the line that sums up an aggregate: of the hashes of its other lines, in their order. */
export const sumOf = (hashes: readonly string[]): string => hashOf(hashes.join(" "), 16);

/**
 * What lines are sorted by. Sums stand apart from each other, since git takes changes of neighbours for a conflict, and two
 * branches that release events of different aggregates change two of them.
 */
export const sortKeyOf = ({ kind, key }: Pick<Fact, "kind" | "key">): string => {
  if (kind !== "sum") return `${kind} ${key}`;
  return key.includes(":") ? `${key.replace(":", " ")} sum` : `aggregate ${key} sum`;
};

/** Which sum a fact is part of: that of its aggregate, or one of its own. */
export const sumKeyOf = ({ kind, key }: Pick<Fact, "kind" | "key">): string | undefined => {
  switch (kind) {
    case "aggregate":
    case "retired":
    case "sample":
    case "upcast":
    case "version":
      return key.split(" ", 1)[0];
    case "consumer":
    case "projection":
      // Nothing else names a reader, and two branches of git may each add one.
      return `${kind}:${key}`;
    case "branch":
    // A proof that is lost is asked for again.
    case "proved":
    case "sum":
    case "system":
    case "topic":
    case "type":
      return undefined;
  }
};

/** Stands for what a sample is read as where a function of the user's is on the way. */
export const byFunction = "by";
