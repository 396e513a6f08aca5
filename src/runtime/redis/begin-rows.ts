import { StoreMismatch } from "../errors.js";
import { type StoredShape, shapeDifferences } from "../store-shape.js";
import { beforeRowKey, indexesText, type RedisOrder } from "./layout.js";
import { versionOf } from "./row-text.js";
import type { RedisTable } from "./rows.js";
import { declareScript, finishScript, openScript, orderScript, pageScript, runScript } from "./scripts.js";

/**
 * Says what the rows are for, or holds the projection against what was said when they were begun; makes the orders of
 * indexes that are new, and removes those of others. The fingerprint of the beginning.
 */
export const beginRows = async (table: RedisTable): Promise<string> => {
  const { client, projection, target, layout } = table;
  const { name, key, columns, fingerprint } = projection;
  const shape: StoredShape = { name, key, columns };
  const wanted = indexesText(layout);
  const { targets, live } = table.keys;
  for (;;) {
    const begun = [
      target,
      "shape",
      JSON.stringify(shape),
      "fingerprint",
      fingerprint,
      "indexes",
      wanted,
      "unfinished",
      "[]",
    ];
    const known = (await runScript(client, openScript, [layout.about, targets, live], begun)) as readonly (
      | string
      | null
    )[];
    if (known.some((one) => typeof one !== "string")) {
      throw new StoreMismatch(target, [`${layout.about} is not what evgen has written`]);
    }
    const [knownShape, first, indexes, unfinished] = known as readonly [string, string, string, string];
    const differences = shapeDifferences(JSON.parse(knownShape) as StoredShape, shape);
    if (differences.length > 0) throw new StoreMismatch(target, differences);
    if (indexes === wanted && unfinished === "[]") return first;
    if (await makeOrders(table, indexes, unfinished)) return first;
  }
};

/** False when another process had other wishes meanwhile. */
const makeOrders = async (table: RedisTable, indexes: string, unfinished: string): Promise<boolean> => {
  const { client, layout } = table;
  const keysIn = (text: string) => (JSON.parse(text) as readonly (readonly string[])[]).map(layout.order);
  const there = new Set(keysIn(indexes));
  for (const key of keysIn(unfinished)) there.delete(key);
  const missing = layout.orders.filter(({ key }) => !there.has(key));
  const unwanted = keysIn(indexes).filter((key) => !layout.orders.some((one) => one.key === key));
  const wanted = indexesText(layout);
  const values = [indexes, wanted, JSON.stringify(missing.map(({ index }) => index))];
  // Declared first: from now on, whoever writes rows writes these orders, or cannot write.
  if ((await runScript(client, declareScript, [layout.about, ...unwanted], values)) !== 1) return false;
  if (missing.length > 0) await fillOrders(table, missing);
  await runScript(client, finishScript, [layout.about], [wanted]);
  return true;
};

/** Puts the rows that are there into orders; those that are written meanwhile are put there by whoever writes them. */
const fillOrders = async ({ client, layout, text, fold }: RedisTable, orders: readonly RedisOrder[]): Promise<void> => {
  const [byKey] = layout.orders;
  if (byKey === undefined) return;
  for (let from = "-"; ; ) {
    const found = (await runScript(client, pageScript, [layout.rows, byKey.key], [from, "+", "1000"])) as string[];
    const values: string[] = [];
    for (const one of found) {
      const row = text.read(one);
      const rowKey = fold.keyText(row.key);
      values.push(rowKey, versionOf(one), ...orders.map(({ sortKeys }) => sortKeys.of(row) + beforeRowKey + rowKey));
      from = `(${byKey.sortKeys.of(row)}${beforeRowKey}${rowKey}`;
    }
    if (found.length === 0) return;
    await runScript(client, orderScript, [layout.rows, ...orders.map(({ key }) => key)], values);
  }
};
