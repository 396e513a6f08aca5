import { setTimeout as wait } from "node:timers/promises";
import type { AnyRow } from "../apply-change.js";
import { ProjectionError } from "../errors.js";
import type { FoldedRow } from "../fold.js";
import type { ProjectionWrite } from "../store.js";
import { type Written, writeDocuments } from "./bulk.js";
import { hasSeen, type Source } from "./document.js";
import { own } from "./mapping.js";
import { documentId } from "./names.js";
import { type Found, readDocuments } from "./read.js";
import type { SearchTable } from "./rows.js";
import { advanceStreams, type KnownStream, knownStream, type StreamSource, streamHas } from "./streams.js";

type Outcome = PromiseSettledResult<"applied" | "duplicate">;

/**
 * Writes rows, then how far their streams have come. Between the two, a row itself says which event it has seen, so that
 * an event that comes again after a crash changes nothing. What is not as it was read is read and tried again.
 */
export const writeBatch = async (
  table: SearchTable,
  writes: readonly ProjectionWrite[],
): Promise<readonly Outcome[]> => {
  const outcomes: (Outcome | undefined)[] = writes.map(() => undefined);
  for (let attempt = 1; ; attempt++) {
    const left = writes.flatMap((write, at) => (outcomes[at] === undefined ? [{ write, at }] : []));
    if (left.length === 0) return outcomes as readonly Outcome[];
    const turn = oneForEach(table, left);
    const settled = await table.retrying(() => {
      return writeTurn(
        table,
        turn.map(({ write }) => write),
      );
    });
    for (const [place, { at }] of turn.entries()) outcomes[at] = settled[place];
    // By chance, so that two processes do not meet again and again.
    if (settled.includes(undefined)) await wait(Math.random() * Math.min(200, 2 ** attempt));
  }
};

/** Those that come first in their stream and at each of their rows: a row says of one event only that it has seen it. */
const oneForEach = <One extends { readonly write: ProjectionWrite }>(
  { fold }: SearchTable,
  all: readonly One[],
): readonly One[] => {
  const taken = new Set<string>();
  return all.filter(({ write }) => {
    const all = [`stream ${write.stream}`, ...keysOf(write).map((key) => `row ${fold.keyText(key)}`)];
    const free = all.every((one) => !taken.has(one));
    for (const one of all) taken.add(one);
    return free;
  });
};

const keysOf = ({ changes }: ProjectionWrite): readonly AnyRow[] => changes.map(({ key }) => key as AnyRow);

/** What is to be written for one event. */
interface Plan {
  readonly write: ProjectionWrite;
  readonly known: KnownStream;
  readonly rows: ReadonlyMap<string, FoldedRow>;
  /** Rows that have seen it already. */
  readonly seen: number;
}

/** Undefined for what has to be tried again. */
const writeTurn = async (
  table: SearchTable,
  writes: readonly ProjectionWrite[],
): Promise<readonly (Outcome | undefined)[]> => {
  const { streams, rows } = await readKnown(table, writes);
  const plans = writes.map((write) => planOf(table, write, streams, rows));
  const drafts = plans.flatMap((plan, at) =>
    "status" in plan
      ? []
      : [...plan.rows].map(([text, row]) => ({ at, text, draft: draftOf(table, plan, text, row, rows) })),
  );
  const written = await writeDocuments(
    table.client,
    table.names.rows,
    drafts.map(({ draft }) => draft),
  );
  const results = new Map<number, readonly Written[]>();
  for (const [place, { at }] of drafts.entries())
    results.set(at, [...(results.get(at) ?? []), written[place] ?? "again"]);
  const steps = new Map<string, { readonly event: ProjectionWrite["header"]; readonly known: KnownStream }>();
  for (const [at, plan] of plans.entries()) {
    if ("status" in plan || (results.get(at) ?? []).some((one) => one !== "written")) continue;
    steps.set(plan.write.stream, { event: plan.write.header, known: plan.known });
  }
  const advanced = await advanceStreams(table, steps);
  return plans.map((plan, at) => ("status" in plan ? plan : outcomeOf(table, plan, results.get(at) ?? [], advanced)));
};

const outcomeOf = (
  { projection }: SearchTable,
  { write, seen }: Plan,
  results: readonly Written[],
  advanced: ReadonlySet<string>,
): Outcome | undefined => {
  const refused = results.find((one) => typeof one === "object");
  if (typeof refused === "object") {
    const reason = new ProjectionError(projection.name, {
      ...{
        event: write.header,
        key: keysOf(write)[0],
        missing: [],
        reason: `the server refuses it: ${refused.refused}`,
      },
    });
    return { status: "rejected", reason };
  }
  if (results.includes("again")) return undefined;
  const byThis = results.length > 0 || (seen === 0 && advanced.has(write.stream));
  return { status: "fulfilled", value: byThis ? "applied" : "duplicate" };
};

const readKnown = async ({ client, names, fold }: SearchTable, writes: readonly ProjectionWrite[]) => {
  const streams = [...new Set(writes.map(({ stream }) => stream))];
  const texts = [...new Set(writes.flatMap(keysOf).map(fold.keyText))];
  const found = await readDocuments<StreamSource | Source>(client, [
    ...streams.map((stream) => ({ index: names.streams, id: documentId(stream) })),
    ...texts.map((text) => ({ index: names.rows, id: documentId(text) })),
  ]);
  return {
    streams: new Map(streams.map((stream, at) => [stream, knownStream(stream, found[at] as Found<StreamSource>)])),
    rows: new Map(texts.map((text, at) => [text, found[streams.length + at] as Found<Source> | undefined])),
  };
};

const planOf = (
  { fold, documents }: SearchTable,
  write: ProjectionWrite,
  streams: ReadonlyMap<string, KnownStream>,
  rows: ReadonlyMap<string, Found<Source> | undefined>,
): Plan | Outcome => {
  const { stream, header, changes } = write;
  const known = streams.get(stream) ?? knownStream(stream, undefined);
  if (streamHas(known.source, header)) return { status: "fulfilled", value: "duplicate" };
  const seen = new Set(
    keysOf(write)
      .map(fold.keyText)
      .filter((text) => {
        const mark = rows.get(text)?.source[own];
        return mark !== undefined && hasSeen(mark, stream, header);
      }),
  );
  const left = changes.filter(({ key }) => !seen.has(fold.keyText(key as AnyRow)));
  try {
    const folded = fold.write({ ...write, changes: left }, (text) => {
      const before = rows.get(text);
      return before === undefined ? undefined : documents.read(before.source)?.row;
    });
    return { write, known, rows: folded, seen: seen.size };
  } catch (reason) {
    return { status: "rejected", reason };
  }
};

const draftOf = (
  { documents }: SearchTable,
  { write: { stream, header } }: Plan,
  text: string,
  { key, row }: FoldedRow,
  rows: ReadonlyMap<string, Found<Source> | undefined>,
) => ({
  id: documentId(text),
  source: documents.write(key, row, { stream, id: header.id, sequence: header.sequence }),
  version: rows.get(text)?.version,
});
