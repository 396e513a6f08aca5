import { ServerBusy } from "./hindrance.js";
import { ask, type SearchClient } from "./request.js";

/** Which state of a document was read; undefined when there was none. */
export interface Version {
  readonly seq: number;
  readonly term: number;
}

/** A document to be written if it is still as it was read. */
export interface Draft {
  readonly id: string;
  readonly source: object;
  readonly version: Version | undefined;
}

/** What became of a document. `again`: it is not as it was read any more. `refused`: it can never be written, and why. */
export type Written = "written" | "again" | { readonly refused: string };

/**
 * Writes documents in bulk. In the order of the drafts. Throws ServerBusy when some could not be written, which may be
 * tried again as a whole, since others are not as they were read then.
 */
export const writeDocuments = async (
  client: SearchClient,
  index: string,
  drafts: readonly Draft[],
): Promise<readonly Written[]> => {
  const items: Item[] = [];
  for (const part of inParts(drafts.map(linesOf))) items.push(...(await send(client, index, part)));
  return drafts.map((_, at) => writtenOf(items[at] ?? {}, index));
};

interface Item {
  readonly status?: number;
  readonly error?: {
    readonly type?: string;
    readonly reason?: string;
    readonly caused_by?: { readonly reason?: string };
  };
}

const writtenOf = ({ status = 500, error }: Item, index: string): Written => {
  if (status < 300) return "written";
  if (status === 409 || status === 404) return "again";
  const reason = reasonOf(error);
  // An index is closed to writes when the disk is nearly full.
  if (error?.type === "cluster_block_exception" || status === 429 || status >= 500) {
    throw new ServerBusy(`documents of ${index} cannot be written: ${status} ${reason}`);
  }
  return { refused: `${status} ${reason}` };
};

const reasonOf = (error: Item["error"]): string =>
  [error?.type, error?.reason, error?.caused_by?.reason].filter((one) => one !== undefined).join(": ");

const linesOf = ({ id, source, version }: Draft): Lines => {
  const action =
    version === undefined
      ? { create: { _id: id } }
      : { index: { _id: id, if_seq_no: version.seq, if_primary_term: version.term } };
  return [JSON.stringify(action), JSON.stringify(source)];
};

/** The two lines of a document. */
type Lines = readonly [string, string];

/** About five million characters each: servers take a hundred by default, and like less. */
const inParts = (all: readonly Lines[]): readonly (readonly Lines[])[] => {
  const parts: Lines[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const lines of all) {
    if (size + lines[1].length > 5_000_000) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(lines);
    size += lines[1].length;
  }
  return parts;
};

const send = async (client: SearchClient, index: string, part: readonly Lines[]): Promise<readonly Item[]> => {
  const { statusCode, body } = await ask<BulkAnswer>(client, "POST", [index, "_bulk"], {
    bulkBody: part.flat(),
    ignore: [413, 429, 503],
  });
  if (body.items !== undefined) return body.items.map((item) => Object.values(item)[0] ?? {});
  const { error } = body;
  const item = { status: statusCode, error: typeof error === "object" ? error : { reason: String(error) } };
  // Too large together: one by one it is known which of them is too large.
  if (statusCode !== 413 || part.length === 1) return part.map(() => item);
  const items: Item[] = [];
  for (const one of part) items.push(...(await send(client, index, [one])));
  return items;
};

interface BulkAnswer {
  readonly items?: readonly Readonly<Record<string, Item>>[];
  readonly error?: Item["error"] | string;
}
