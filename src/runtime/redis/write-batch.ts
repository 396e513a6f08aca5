import { setTimeout as wait } from "node:timers/promises";
import type { AnyRow } from "../apply-change.js";
import type { FoldedRow } from "../fold.js";
import type { ProjectionWrite } from "../store.js";
import { beforeRowKey, indexesText } from "./layout.js";
import { versionOf } from "./row-text.js";
import { type RedisTable, readRows } from "./rows.js";
import { runScript, writeScript } from "./scripts.js";

type Outcome = PromiseSettledResult<"applied" | "duplicate">;

/**
 * Reads what the writes are about, folds them, and writes what has become of it if all of that is still as it was read;
 * otherwise another process was faster, and it begins anew.
 */
export const writeBatch = async (
  table: RedisTable,
  writes: readonly ProjectionWrite[],
): Promise<readonly Outcome[]> => {
  for (let attempt = 1; ; attempt++) {
    const known = await readKnown(table, writes);
    const outcomes = writes.map((write) => fold(table, known, write));
    if (known.streams.size + known.ids.size === 0) return outcomes;
    const { layout, client, target, rememberedIds } = table;
    const keys = [layout.about, layout.rows, layout.streams, layout.seen, ...layout.orders.map((one) => one.key)];
    const values = [indexesText(layout), String(rememberedIds), ...valuesOf(table, known)];
    const answer = await runScript(client, writeScript, keys, values);
    if (answer === 1) return outcomes;
    if (answer === -1) throw new Error(`${target} was dropped, or opened by a process with other indexes`);
    // By chance, so that two processes do not meet again and again.
    await wait(Math.random() * Math.min(100, 2 ** attempt));
  }
};

/** What was read, and what the writes so far would make of it. */
interface Known {
  readonly lasts: ReadonlyMap<string, string>;
  readonly seen: ReadonlySet<string>;
  readonly before: ReadonlyMap<string, string>;
  /** What is new: the sequences of streams, ids, and rows by their key. */
  readonly streams: Map<string, number>;
  readonly ids: Set<string>;
  readonly rows: Map<string, FoldedRow>;
}

const readKnown = async (table: RedisTable, writes: readonly ProjectionWrite[]): Promise<Known> => {
  const numbered = writes.filter(({ header }) => header.sequence !== undefined);
  const streams = [...new Set(numbered.map(({ stream }) => stream))];
  const ids = [...new Set(writes.flatMap(({ header }) => (header.sequence === undefined ? [header.id] : [])))];
  const keys = [
    ...new Set(writes.flatMap(({ changes }) => changes.map(({ key }) => table.fold.keyText(key as AnyRow)))),
  ];
  const found = await readRows(table, { streams, ids, keys });
  const texts = (names: readonly string[], from: number) =>
    names.flatMap((name, at) => {
      const text = found[from + at];
      return typeof text === "string" ? [[name, text] as const] : [];
    });
  return {
    lasts: new Map(texts(streams, 0)),
    seen: new Set(texts(ids, streams.length).map(([id]) => id)),
    before: new Map(texts(keys, streams.length + ids.length)),
    ...{ streams: new Map(), ids: new Set(), rows: new Map() },
  };
};

const fold = ({ fold: folding, text }: RedisTable, known: Known, write: ProjectionWrite): Outcome => {
  const { stream, header } = write;
  const { id, sequence } = header;
  const duplicate =
    sequence === undefined
      ? known.seen.has(id) || known.ids.has(id)
      : sequence <= (known.streams.get(stream) ?? Number(known.lasts.get(stream) ?? Number.NEGATIVE_INFINITY));
  if (duplicate) return { status: "fulfilled", value: "duplicate" };
  try {
    const rows = folding.write(write, (key) => {
      if (known.rows.has(key)) return known.rows.get(key)?.row;
      const before = known.before.get(key);
      return before === undefined ? undefined : text.read(before).row;
    });
    for (const [key, row] of rows) known.rows.set(key, row);
  } catch (reason) {
    return { status: "rejected", reason };
  }
  if (sequence === undefined) known.ids.add(id);
  else known.streams.set(stream, sequence);
  return { status: "fulfilled", value: "applied" };
};

/** What the script is told. */
const valuesOf = ({ layout, text }: RedisTable, known: Known): readonly string[] => {
  const values = [String(known.streams.size), String(known.ids.size), String(known.rows.size)];
  for (const [stream, sequence] of known.streams) values.push(stream, known.lasts.get(stream) ?? "", String(sequence));
  values.push(...known.ids);
  for (const [rowKey, { key, row }] of known.rows) {
    const before = known.before.get(rowKey);
    const old = before === undefined ? undefined : text.read(before);
    const now = row === undefined ? undefined : { key, row };
    values.push(rowKey, before === undefined ? "" : versionOf(before), now === undefined ? "" : text.write(now));
    for (const { sortKeys } of layout.orders) {
      for (const one of [old, now]) values.push(one === undefined ? "" : sortKeys.of(one) + beforeRowKey + rowKey);
    }
  }
  return values;
};
