import { createHash } from "node:crypto";

/** The indexes of one copy of the rows of a table, and the aliases by which it is found. */
export interface IndexNames {
  readonly rows: string;
  /** How far the rows have come in each stream. */
  readonly streams: string;
  /** The alias of the copy that is read. */
  readonly live: string;
  /** The alias of all copies. */
  readonly all: string;
}

/** What rows are called here, where names have no upper case and few signs. */
export const indexNames = (table: string, target: string, prefix = ""): IndexNames => {
  const [live, rows] = [nameOf(prefix + table), nameOf(prefix + target)];
  return { rows, streams: `${rows}-streams`, live, all: `${live}-targets` };
};

const nameOf = (text: string): string =>
  [...text]
    .map((character, at) => ((at === 0 ? /[a-z0-9]/ : /[a-z0-9_.-]/).test(character) ? character : escaped(character)))
    .join("");

const escaped = (character: string): string => `~${Buffer.from(character).toString("hex")}`;

/** The id of a document: a text, or its hash when it is longer than an id may be. */
export const documentId = (text: string): string =>
  Buffer.byteLength(text) <= 512 && text !== "" ? text : `sha256:${createHash("sha256").update(text).digest("hex")}`;
