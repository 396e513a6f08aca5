import type { AnyRow } from "./apply-change.js";
import type { Event, ProjectionDefinition } from "./definitions.js";
import { StoreMismatch, UnknownTarget } from "./errors.js";
import { type Fold, loadFold } from "./fold.js";
import { createGuard, type Guard } from "./guard.js";
import { compareValues } from "./key-value.js";
import { fieldOf, isAskedFor, type PagePlan, pageOf, planPage } from "./page.js";
import { type AnyProjection, type KeyedRow, type ProjectionRows, type ProjectionStore, targetOf } from "./store.js";
import { shapeDifferences } from "./store-shape.js";

/** Rows in memory, by projection. */
export interface MemoryStore extends ProjectionStore {
  /** The live row of a key. */
  read<Key, Row, E extends Event>(projection: ProjectionDefinition<Key, Row, E>, key: Key): Row | undefined;
  /** Every live row with its key, in the order in which they were first made. */
  all<Key, Row, E extends Event>(
    projection: ProjectionDefinition<Key, Row, E>,
  ): readonly { readonly key: Key; readonly row: Row }[];
}

/** A store in memory, for tests and trying out: it is gone with the process. */
export const createMemoryStore = (): MemoryStore => {
  const tables = new Map<string, Table>();
  /** The target that is read, by table. */
  const live = new Map<string, string>();
  const liveRows = ({ table }: { readonly table: string }) => tables.get(live.get(table) ?? "");
  return {
    async open(projection, target = targetOf(projection)) {
      const fold = await loadFold(projection);
      const known = tables.get(target);
      const differences = known === undefined ? [] : shapeDifferences(known.projection, projection);
      if (differences.length > 0) throw new StoreMismatch(target, differences);
      const table = known ?? {
        ...{ projection, rows: new Map<string, KeyedRow>(), keyText: fold.keyText },
        // Never forgets: rows are never forgotten either.
        guard: createGuard(true, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
      };
      tables.set(target, table);
      if (!live.has(projection.table)) live.set(projection.table, target);
      return rowsOf(table, fold, projection, target);
    },
    targets: async (table) =>
      [...tables]
        .filter(([, one]) => one.projection.table === table)
        .map(
          ([
            target,
            {
              projection: { name, fingerprint },
            },
          ]) => ({
            ...{ target, projection: name, fingerprint },
            live: live.get(table) === target,
          }),
        ),
    async promote(table, target) {
      if (tables.get(target)?.projection.table !== table) throw new UnknownTarget(table, target);
      live.set(table, target);
    },
    async drop(table, target) {
      if (tables.get(target)?.projection.table !== table) return;
      tables.delete(target);
      if (live.get(table) === target) live.delete(table);
    },
    read: <Key, Row, E extends Event>(projection: ProjectionDefinition<Key, Row, E>, key: Key) => {
      const table = liveRows(projection);
      return table?.rows.get(table.keyText(key as AnyRow))?.row as Row | undefined;
    },
    all: <Key, Row, E extends Event>(projection: ProjectionDefinition<Key, Row, E>) =>
      [...(liveRows(projection)?.rows.values() ?? [])] as unknown as { key: Key; row: Row }[],
  };
};

interface Table {
  /** The one that it was made for. */
  readonly projection: AnyProjection;
  readonly rows: Map<string, KeyedRow>;
  readonly guard: Guard;
  readonly keyText: (key: AnyRow) => string;
}

const rowsOf = (
  { rows, guard, projection: { fingerprint } }: Table,
  fold: Fold,
  projection: AnyProjection,
  target: string,
): ProjectionRows => ({
  ...{ target, fingerprint },
  // Without waiting in between, so that nothing comes between reading a row and writing it.
  async write(write) {
    const { stream, header } = write;
    if (guard.judge(stream, header) === "duplicate") return "duplicate";
    for (const [text, { key, row }] of fold.write(write, (one) => rows.get(one)?.row)) {
      if (row === undefined) rows.delete(text);
      else rows.set(text, { key, row });
    }
    guard.remember(stream, header);
    return "applied";
  },
  get: async (key) => rows.get(fold.keyText(key))?.row,
  async page(query) {
    const plan = planPage(projection, query);
    return pageOf(plan, inOrder(plan, projection, [...rows.values()]));
  },
  holds: async (stream, event) => guard.judge(stream, event) === "duplicate",
});

const inOrder = (plan: PagePlan, projection: AnyProjection, rows: readonly KeyedRow[]): readonly KeyedRow[] => {
  const compare = (a: readonly unknown[], b: readonly unknown[]): number => {
    for (const [at, field] of plan.order.entries()) {
      const order = compareValues(projection.columns[field]?.type ?? "string", a[at], b[at]);
      if (order !== 0) return order;
    }
    return 0;
  };
  return rows
    .filter((one) => isAskedFor(plan, projection, one))
    .map((one) => ({ one, values: plan.order.map((field) => fieldOf(projection, one, field)) }))
    .filter(({ values }) => plan.after === undefined || compare(values, plan.after) > 0)
    .sort((a, b) => compare(a.values, b.values))
    .map(({ one }) => one);
};
