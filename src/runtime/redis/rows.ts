import { createBatches } from "../batches.js";
import type { Fold } from "../fold.js";
import { pageOf, planPage } from "../page.js";
import type { Retrying } from "../retrying.js";
import type { AnyProjection, ProjectionRows } from "../store.js";
import { behindSortKey, type RedisLayout, type RedisTableKeys } from "./layout.js";
import type { RowText } from "./row-text.js";
import { pageScript, type RedisClient, readScript, runScript } from "./scripts.js";
import { writeBatch } from "./write-batch.js";

/** The rows of a projection as they are opened. */
export interface RedisTable {
  readonly client: RedisClient;
  readonly projection: AnyProjection;
  readonly target: string;
  readonly keys: RedisTableKeys;
  readonly layout: RedisLayout;
  readonly fold: Fold;
  readonly text: RowText;
  /** Ids that are remembered. */
  readonly rememberedIds: number;
  readonly maxBatch: number;
  readonly retrying: Retrying;
}

/** The rows of a projection. Every step is a script, so that nothing comes between what it reads and what it writes. */
export const redisRows = (table: RedisTable & { readonly fingerprint: string }): ProjectionRows => {
  const { client, projection, target, layout, fold, text, fingerprint } = table;
  const batches = createBatches(
    (writes: Parameters<typeof writeBatch>[1]) => table.retrying(() => writeBatch(table, writes)),
    table.maxBatch,
  );
  return {
    ...{ target, fingerprint, write: batches.add },
    async get(key) {
      const [row] = await readRows(table, { keys: [fold.keyText(key)] });
      return typeof row === "string" ? text.read(row).row : undefined;
    },
    async page(query) {
      const plan = planPage(projection, query);
      const name = (query.index ?? projection.key).join(",");
      const order = layout.orders.find(({ index }) => index.join(",") === name);
      if (order === undefined) throw new TypeError(`${target} has no order by ${name}`);
      const { sortKeys } = order;
      const after = sortKeys.after(plan);
      const first = after === undefined ? `[${sortKeys.prefix(plan)}` : `(${after}${behindSortKey}`;
      const values = [first, `(${sortKeys.end(plan)}`, String(plan.limit + 1)];
      const found = (await runScript(client, pageScript, [layout.rows, order.key], values)) as readonly string[];
      return pageOf(plan, found.map(text.read));
    },
    async holds(stream, { id, sequence }) {
      if (sequence === undefined) return (await readRows(table, { ids: [id] }))[0] !== null;
      const [last] = await readRows(table, { streams: [stream] });
      return typeof last === "string" && sequence <= Number(last);
    },
  };
};

/** What is known of streams and ids, and the texts of rows; in the order in which they are asked for. */
export const readRows = async (
  { client, layout }: RedisTable,
  asked: { readonly streams?: readonly string[]; readonly ids?: readonly string[]; readonly keys?: readonly string[] },
): Promise<readonly (string | null)[]> => {
  const { streams = [], ids = [], keys = [] } = asked;
  const values = [String(streams.length), String(ids.length), ...streams, ...ids, ...keys];
  const names = [layout.rows, layout.streams, layout.seen];
  return (await runScript(client, readScript, names, values)) as readonly (string | null)[];
};
