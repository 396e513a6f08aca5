import type { ColumnType } from "../definitions.js";

/** What tables are made of: a projection, as its generated code or the model declares it. */
export interface TableShape {
  readonly name: string;
  readonly table: string;
  readonly fingerprint: string;
  readonly key: readonly string[];
  readonly columns: {
    readonly [field: string]: { readonly name: string; readonly type: ColumnType; readonly optional?: true };
  };
  readonly indexes: readonly (readonly string[])[];
}

/** Something in a database that is made when it is not there. */
export interface Relation {
  /** As `to_regclass` takes it. */
  readonly name: string;
  /** A statement without its semicolon. */
  readonly create: string;
}

/** Which targets there are, and what they were made for. */
export const targetsTable = (schema: string | undefined): Relation => {
  const name = qualified(schema, "_evgen_target");
  return {
    name,
    create: `create table if not exists ${name} (
  target text collate "C" primary key,
  "table" text collate "C" not null,
  projection text not null,
  fingerprint text not null,
  shape jsonb not null,
  live boolean not null,
  made timestamptz not null default now()
)`,
  };
};

/** The tables of a target: its rows, how far each stream has come, and the events that have no sequence. */
export const targetTables = (shape: TableShape, target: string, schema: string | undefined): readonly Relation[] => {
  const [rows, streams, events] = tableNames(target, schema);
  const columns = Object.entries(shape.columns).map(
    ([, { name, type, optional }]) => `  ${quoted(name)} ${declaredType(type)}${optional === true ? "" : " not null"},`,
  );
  const key = shape.key.map((field) => quoted(shape.columns[field]?.name ?? field)).join(", ");
  return [
    { name: rows, create: `create table if not exists ${rows} (\n${columns.join("\n")}\n  primary key (${key})\n)` },
    {
      name: streams,
      create: `create table if not exists ${streams} (
  stream text collate "C" primary key,
  last bigint not null
)`,
    },
    {
      name: events,
      create: `create table if not exists ${events} (
  id text collate "C" primary key,
  seen timestamptz not null default now()
)`,
    },
  ];
};

export const tableNames = (target: string, schema: string | undefined) =>
  [qualified(schema, target), qualified(schema, `_stream_${target}`), qualified(schema, `_event_${target}`)] as const;

/** Its indexes, each followed by the key, so that pages have an order. */
export const targetIndexes = (shape: TableShape, target: string, schema: string | undefined): readonly Relation[] => {
  const [rows] = tableNames(target, schema);
  return shape.indexes.map((index) => {
    const fields = [...index, ...shape.key.filter((field) => !index.includes(field))];
    const columns = fields.map((field) => shape.columns[field]?.name ?? field);
    const name = indexName(target, columns.slice(0, index.length));
    return {
      name: qualified(schema, name),
      create: `create index if not exists ${quoted(name)} on ${rows} (${columns.map(quoted).join(", ")})`,
    };
  });
};

/** Says what a target was made for; the first one of a table is live. */
export const targetRow = (shape: TableShape, target: string, schema: string | undefined): string => {
  const { name, table, fingerprint, key, columns } = shape;
  const targets = targetsTable(schema).name;
  const values = [target, table, name, fingerprint, JSON.stringify({ name, key, columns })].map(text).join(", ");
  return `insert into ${targets} (target, "table", projection, fingerprint, shape, live)
values (${values}, not exists (select 1 from ${targets} where "table" = ${text(table)} and live))
on conflict (target) do nothing`;
};

/** The rows that are live, under the name of their table. */
export const liveView = (table: string, target: string, schema: string | undefined): Relation => {
  const name = qualified(schema, table);
  return { name, create: `create view ${name} as select * from ${qualified(schema, target)}` };
};

/** Makes the view of a target, when that is the live one and there is no view: for a script that may be run again. */
export const liveViewIfMissing = (table: string, target: string, schema: string | undefined): string => {
  const view = liveView(table, target, schema);
  return `do $evgen$ begin
  if to_regclass(${text(view.name)}) is null
    and exists (select 1 from ${targetsTable(schema).name} where target = ${text(target)} and live) then
    ${view.create};
  end if;
end $evgen$`;
};

/** The names of evgen's own tables begin with an underscore, which no projection's does. */
const indexName = (target: string, columns: readonly string[]): string => {
  const name = `_index_${target}_${columns.join("_")}`;
  if (name.length <= longestName) return name;
  return `${name.slice(0, longestName - 9)}_${hashOf(name)}`;
};

const longestName = 63;

/** FNV-1a, in eight digits: tells names apart that begin alike. */
const hashOf = (name: string): string => {
  let hash = 0x811c9dc5;
  for (const letter of Buffer.from(name)) hash = Math.imul(hash ^ letter, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
};

/** The longest name of a target, in bytes: those of its other tables begin with eight more. */
export const longestTarget = longestName - 8;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const qualified = (schema: string | undefined, name: string): string =>
  schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;

/** A text as SQL says it, whatever `standard_conforming_strings` is. */
const text = (value: string): string => {
  const plain = `'${value.replaceAll("'", "''")}'`;
  return value.includes("\\") ? ` E${plain.replaceAll("\\", "\\\\")}` : plain;
};

/** The type of a column. Texts are compared by their code points, so that no index depends on a library's locale. */
export const sqlType = (type: ColumnType): string => {
  switch (type) {
    case "string":
    case "enum":
      return "text";
    case "int":
      return "integer";
    case "long":
    case "bigint":
      return "bigint";
    case "float":
      return "real";
    case "double":
      return "double precision";
    case "timestamp":
      return "timestamptz";
    case "bytes":
      return "bytea";
    case "json":
      return "jsonb";
    case "uuid":
    case "boolean":
    case "date":
      return type;
    default:
      return type.replace("decimal", "numeric");
  }
};

const declaredType = (type: ColumnType): string =>
  type === "string" || type === "enum" ? 'text collate "C"' : sqlType(type);
