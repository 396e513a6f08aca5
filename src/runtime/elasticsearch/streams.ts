import type { EventHeader } from "../definitions.js";
import { type Draft, type Version, writeDocuments } from "./bulk.js";
import { documentId } from "./names.js";
import { type Found, readDocuments } from "./read.js";
import type { SearchTable } from "./rows.js";

/** How far the rows have come in a stream: the document of the stream. */
export interface StreamSource {
  readonly stream: string;
  /** The last sequence. */
  readonly last?: number;
  /** Ids of the last events without a sequence. */
  readonly ids?: readonly string[];
}

type Numbered = Pick<EventHeader, "id" | "sequence">;

/** Ids that are remembered for each stream. */
const remembered = 1000;

export const streamHas = ({ last, ids = [] }: StreamSource, { id, sequence }: Numbered): boolean =>
  sequence === undefined ? ids.includes(id) : last !== undefined && sequence <= last;

/** What was read of a stream. */
export interface KnownStream {
  readonly source: StreamSource;
  readonly version: Version | undefined;
}

export const knownStream = (stream: string, found: Found<StreamSource> | undefined): KnownStream =>
  found === undefined ? { source: { stream }, version: undefined } : found;

/**
 * Remembers an event of each stream, after the rows have it. True for the streams in which it was this call that did so,
 * and not another process in the meantime.
 */
export const advanceStreams = async (
  { client, names }: SearchTable,
  steps: ReadonlyMap<string, { readonly event: Numbered; readonly known: KnownStream }>,
): Promise<ReadonlySet<string>> => {
  const advanced = new Set<string>();
  let left = [...steps].map(([stream, step]) => ({ stream, ...step }));
  while (left.length > 0) {
    const drafts = left.map(({ stream, event, known }): Draft => {
      return { id: documentId(stream), source: withEvent(known.source, event), version: known.version };
    });
    const written = await writeDocuments(client, names.streams, drafts);
    const again = left.filter(({ stream }, at) => {
      const result = written[at];
      if (result === "written") advanced.add(stream);
      else if (typeof result === "object") throw new Error(`the position of ${stream} is refused: ${result.refused}`);
      return result === "again";
    });
    if (again.length === 0) break;
    const found = await readDocuments<StreamSource>(
      client,
      again.map(({ stream }) => ({ index: names.streams, id: documentId(stream) })),
    );
    left = again
      .map((one, at) => ({ ...one, known: knownStream(one.stream, found[at]) }))
      .filter(({ known, event }) => !streamHas(known.source, event));
  }
  return advanced;
};

const withEvent = (source: StreamSource, { id, sequence }: Numbered): StreamSource =>
  sequence === undefined
    ? { ...source, ids: [...(source.ids ?? []), id].slice(-remembered) }
    : { ...source, last: sequence };
