import type { AnyRow } from "../apply-change.js";
import type { JsonValue } from "../definitions.js";
import type { AnyProjection, KeyedRow } from "../store.js";
import { storedForm } from "../stored-form.js";

/**
 * Between a row and the JSON text that Redis has of it: `{"version":7,"key":{…},"row":{…}}`. The version is that of the
 * batch that has written it; the server adds it.
 */
export interface RowText {
  /** The text without its beginning, `{"version":7,`. */
  write(row: KeyedRow): string;
  read(text: string): KeyedRow;
}

export const rowText = (projection: AnyProjection): RowText => {
  const form = storedForm(projection);
  const bigints = projection.key.filter((field) => projection.columns[field]?.type === "bigint");
  return {
    write({ key, row }) {
      const stored: Record<string, unknown> = {};
      for (const field of projection.key) stored[field] = bigints.includes(field) ? String(key[field]) : key[field];
      return `"key":${JSON.stringify(stored)},"row":${JSON.stringify(form.toStored(row))}}`;
    },
    read(text) {
      const { key, row } = JSON.parse(text) as { key: Record<string, unknown>; row: { [field: string]: JsonValue } };
      for (const field of bigints) key[field] = BigInt(key[field] as string);
      return { key: key as AnyRow, row: form.fromStored(row) };
    },
  };
};

/** The version that a text begins with. */
export const versionOf = (text: string): string => /^\{"version":(\d+),/.exec(text)?.[1] ?? "";
