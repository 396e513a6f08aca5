import type { AnyProjection, KeyedRow, RowQuery } from "./store.js";

/** A query for a page that is known to be sound. */
export interface PagePlan {
  /** Fields with the value that they must have; undefined is absent. */
  readonly equals: readonly (readonly [field: string, value: unknown])[];
  /** The fields that rows are ordered by: the others of the index, then those of the key. */
  readonly order: readonly string[];
  /** Values of `order`: only rows beyond them. */
  readonly after: readonly unknown[] | undefined;
  readonly limit: number;
  /** The cursor of the page that begins after a row. */
  cursor(last: KeyedRow): string;
}

/** Reads a query. Throws a TypeError for an index, a field or a cursor that is not the projection's. */
export const planPage = (projection: AnyProjection, query: RowQuery): PagePlan => {
  const { index = projection.key, equals: wanted = {}, after, limit = 100 } = query;
  const text = index.join(", ");
  if (query.index !== undefined && !projection.indexes.some((one) => one.join(", ") === text)) {
    const known = projection.indexes.map((one) => `[${one.join(", ")}]`).join(" and ");
    throw new TypeError(`${projection.name} has no index [${text}]; it has ${known === "" ? "none" : known}`);
  }
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 10_000) {
    throw new TypeError(`a page of ${projection.name} has from 1 to 10,000 rows, not ${String(limit)}`);
  }
  const fields = Object.keys(wanted);
  const first = index.slice(0, fields.length);
  const strange = fields.find((field) => !first.includes(field));
  if (strange !== undefined) {
    throw new TypeError(`${strange} is not among the first ${fields.length} fields of [${text}] of ${projection.name}`);
  }
  const order = [...index.slice(first.length), ...projection.key.filter((field) => !index.includes(field))];
  // Where every part of the key is asked for, there is still one to go on from.
  if (order.length === 0) order.push(...projection.key.slice(0, 1));
  const shape = JSON.stringify([text, first.length]);
  return {
    equals: first.map((field) => [field, wanted[field]]),
    order,
    after: after === undefined ? undefined : valuesIn(after, projection, order, shape),
    limit,
    cursor: (last) => {
      const values = order.map((field) => plain(fieldOf(projection, last, field)));
      return Buffer.from(JSON.stringify([shape, values])).toString("base64url");
    },
  };
};

/** A field of the key or the row. */
export const fieldOf = (projection: AnyProjection, { key, row }: KeyedRow, field: string): unknown =>
  projection.key.includes(field) ? key[field] : row[field];

const plain = (value: unknown): unknown => (typeof value === "bigint" ? String(value) : (value ?? null));

const valuesIn = (
  cursor: string,
  projection: AnyProjection,
  order: readonly string[],
  shape: string,
): readonly unknown[] => {
  const read = parsed(cursor);
  const values = Array.isArray(read) && read[0] === shape ? (read[1] as unknown) : undefined;
  if (!Array.isArray(values) || values.length !== order.length) {
    throw new TypeError(`this is no cursor of the same query of ${projection.name}: ${cursor.slice(0, 200)}`);
  }
  return values.map((value: unknown, at) => {
    if (value === null) return undefined;
    const bigint = projection.columns[order[at] ?? ""]?.type === "bigint";
    return bigint ? BigInt(value as string) : value;
  });
};

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown;
  } catch {
    return undefined;
  }
};

/** A page of rows that are there, in the plan's order, one more than fits where there are more. */
export const pageOf = (plan: PagePlan, rows: readonly KeyedRow[]) => {
  const shown = rows.slice(0, plan.limit);
  const last = shown.at(-1);
  return rows.length > plan.limit && last !== undefined ? { rows: shown, next: plan.cursor(last) } : { rows: shown };
};

/** For stores that look at each row: whether one is asked for, page aside. */
export const isAskedFor = (plan: PagePlan, projection: AnyProjection, one: KeyedRow): boolean =>
  plan.equals.every(([field, value]) => fieldOf(projection, one, field) === value);
