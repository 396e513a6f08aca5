import type { AnyRow } from "../apply-change.js";
import type { ColumnType, JsonValue } from "../definitions.js";
import type { AnyProjection, KeyedRow } from "../store.js";
import { type StoredForm, storedForm } from "../stored-form.js";
import type { TextRow } from "./database.js";
import { quoted, sqlType } from "./ddl.js";

/** Between rows in memory and the columns of their table. */
export interface Columns {
  /** Names of the key's columns and of all columns, quoted and separated by commas. */
  readonly key: string;
  readonly all: string;
  /** Columns and types of a row that is given as JSON: `"order_id" uuid, …`; and of a key. */
  readonly recordset: string;
  readonly keyRecordset: string;
  /** The columns of such a row, in the order of `all`. */
  readonly values: (recordset: string) => string;
  /** `"status" = x."status", …`, without the key; empty where there is nothing but the key. */
  readonly assignments: (recordset: string) => string;
  /** `t."order_id" = x."order_id" and …` */
  readonly sameKey: (table: string, recordset: string) => string;
  /** What to select, so that every column is text. */
  readonly selected: (table: string) => string;
  /** A key as JSON text with its columns' names; and a whole row. */
  readonly keyJson: (key: AnyRow) => string;
  readonly rowJson: (row: KeyedRow) => string;
  readonly read: (row: TextRow) => KeyedRow;
  /** A value that a key or an index has, as text for `$1::text::type`. */
  readonly parameter: (value: unknown) => string | null;
  readonly column: (field: string) => string;
  readonly type: (field: string) => string;
}

/** The columns of a projection. */
export const columnsOf = (projection: AnyProjection): Columns => {
  const { key, columns } = projection;
  const form = storedForm(projection);
  const fields: readonly Field[] = Object.entries(columns).map(([field, { name, type }]) => ({ field, name, type }));
  const keyFields = key.flatMap((field) => fields.filter((one) => one.field === field));
  const rowFields = fields.filter(({ field }) => !key.includes(field));
  const list = (some: readonly Field[], text: (field: Field) => string) => some.map(text).join(", ");
  const columnOf = new Map(fields.map((one) => [one.field, one]));
  return {
    key: list(keyFields, ({ name }) => quoted(name)),
    all: list(fields, ({ name }) => quoted(name)),
    recordset: list(fields, ({ name, type }) => `${quoted(name)} ${sqlType(type)}`),
    keyRecordset: list(keyFields, ({ name, type }) => `${quoted(name)} ${sqlType(type)}`),
    values: (alias) => list(fields, (field) => valueIn(alias, field)),
    assignments: (alias) => list(rowFields, (field) => `${quoted(field.name)} = ${valueIn(alias, field)}`),
    sameKey: (table, alias) =>
      keyFields.map(({ name }) => `${table}.${quoted(name)} = ${alias}.${quoted(name)}`).join(" and "),
    selected: (table) =>
      list(fields, ({ name, type }) => `${textOf(`${table}.${quoted(name)}`, type)} as ${quoted(name)}`),
    keyJson: (one) => JSON.stringify(Object.fromEntries(keyFields.map((field) => jsonOf(field, one, form)))),
    rowJson: ({ key: its, row }) =>
      JSON.stringify(
        Object.fromEntries([
          ...keyFields.map((field) => jsonOf(field, its, form)),
          ...rowFields.map((field) => jsonOf(field, row, form)),
        ]),
      ),
    read: (row) => ({ key: readFields(keyFields, row, form), row: readFields(rowFields, row, form) }),
    parameter: (value) => (value === undefined ? null : String(value)),
    column: (field) => quoted(columnOf.get(field)?.name ?? field),
    type: (field) => sqlType(columnOf.get(field)?.type ?? "string"),
  };
};

interface Field {
  readonly field: string;
  readonly name: string;
  readonly type: ColumnType;
}

/** A field in a recordset; `json` stands in an array there, since a null alone would be taken for nothing at all. */
const valueIn = (alias: string, { name, type }: Field): string =>
  `${alias}.${quoted(name)}${type === "json" ? " -> 0" : ""}`;

/** As `json_to_recordset` reads it, by the input function of the column's type. */
const jsonOf = ({ field, name, type }: Field, from: AnyRow, form: StoredForm): [string, unknown] => {
  const value = from[field];
  if (value === undefined) return [name, undefined];
  switch (type) {
    case "float":
    case "double":
      return [name, Object.is(value, -0) ? "-0" : value];
    case "bigint":
      return [name, String(value)];
    case "bytes":
      return [name, `\\x${Buffer.from(value as Uint8Array).toString("hex")}`];
    case "json":
      return [name, [form.fieldToStored(field, value)]];
    default:
      return [name, value];
  }
};

/** Independent of the session's settings and of the driver's ideas of types. */
const textOf = (column: string, type: ColumnType): string => {
  switch (type) {
    case "date":
      return `to_char(${column}, 'YYYY-MM-DD')`;
    case "timestamp":
      return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
    case "bytes":
      return `encode(${column}, 'hex')`;
    default:
      return `${column}::text`;
  }
};

const readFields = (fields: readonly Field[], row: TextRow, form: StoredForm): AnyRow => {
  const read: Record<string, unknown> = {};
  for (const { field, name, type } of fields) {
    const text = row[name];
    if (text !== null && text !== undefined) read[field] = decoded(field, type, text, form);
  }
  return read;
};

const decoded = (field: string, type: ColumnType, text: string, form: StoredForm): unknown => {
  switch (type) {
    case "boolean":
      return text === "true";
    case "int":
    case "long":
    case "double":
      return Number(text);
    case "float":
      // Its shortest text is that of 32 bits.
      return Math.fround(Number(text));
    case "bigint":
      return BigInt(text);
    case "bytes":
      return new Uint8Array(Buffer.from(text, "hex"));
    case "json":
      return form.fieldFromStored(field, JSON.parse(text) as JsonValue);
    default:
      return text;
  }
};
