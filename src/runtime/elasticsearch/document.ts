import type { AnyRow } from "../apply-change.js";
import type { EventHeader, JsonValue } from "../definitions.js";
import type { AnyProjection, KeyedRow } from "../store.js";
import { storedForm } from "../stored-form.js";
import { indexesOf, own } from "./mapping.js";

/** Which event a row, or a stream, has seen last. */
export interface Mark {
  readonly stream: string;
  readonly id: string;
  readonly sequence?: number | undefined;
}

/** What a document says beside the fields of the row. */
interface Own extends Mark {
  /** The row was deleted; what is left remembers by which event. */
  readonly gone?: true;
  /** For each order, a text by which rows are sorted. */
  readonly by?: Readonly<Record<string, string>>;
}

/** The source of a document. */
export type Source = { readonly [field: string]: JsonValue } & { readonly [own]: Own };

/** Between rows and the sources of documents. */
export interface Documents {
  /** A row that is undefined was deleted. */
  write(key: AnyRow, row: AnyRow | undefined, mark: Mark): Source;
  /** Undefined when the row was deleted. */
  read(source: Source): KeyedRow | undefined;
}

export const documentsOf = (projection: AnyProjection): Documents => {
  const form = storedForm(projection);
  const orders = indexesOf(projection);
  const fields = Object.keys((projection.row["properties"] ?? {}) as object);
  const bigints = projection.key.filter((field) => projection.columns[field]?.type === "bigint");
  return {
    write(key, row, { stream, id, sequence }) {
      const mark = { stream, id, ...(sequence === undefined ? {} : { sequence }) };
      if (row === undefined) return { [own]: { ...mark, gone: true } } as unknown as Source;
      const source: Record<string, unknown> = { ...form.toStored(row) };
      for (const field of projection.key) source[field] = bigints.includes(field) ? String(key[field]) : key[field];
      const by = Object.fromEntries(orders.map(({ name, sortKeys }) => [name, sortKeys.of({ key, row })]));
      return { ...source, [own]: { ...mark, by } } as unknown as Source;
    },
    read(source) {
      if (source[own].gone === true) return undefined;
      const row: Record<string, JsonValue> = {};
      for (const field of fields) if (source[field] !== undefined) row[field] = source[field];
      const key = Object.fromEntries(
        projection.key.map((field) => [field, bigints.includes(field) ? BigInt(String(source[field])) : source[field]]),
      );
      return { key, row: form.fromStored(row) };
    },
  };
};

/** Whether a mark says that the event, or a later one of its stream, was seen. */
export const hasSeen = (
  mark: Mark,
  stream: string,
  { id, sequence }: Pick<EventHeader, "id" | "sequence">,
): boolean => {
  if (mark.stream !== stream) return false;
  return sequence === undefined ? mark.id === id : mark.sequence !== undefined && sequence <= mark.sequence;
};
