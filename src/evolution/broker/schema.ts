import type { Tree } from "./json-tree.js";

/** Which Avro library a broker brings: Pulsar 4.0 has 1.11, Pulsar 4.2 has 1.12. */
export type AvroLine = "1.11" | "1.12";

/** An Avro schema as a broker's library holds it: names are full, references are the very object that they name. */
export type Schema = Primitive | EnumSchema | FixedSchema | ArraySchema | MapSchema | UnionSchema | RecordSchema;

type Primitive = { readonly kind: PrimitiveName } & WithProperties;

export type PrimitiveName = "null" | "boolean" | "int" | "long" | "float" | "double" | "string" | "bytes";

export interface EnumSchema extends Named {
  readonly kind: "enum";
  readonly symbols: readonly string[];
  /** What a reader takes for a symbol that it does not know. */
  readonly fallback: string | undefined;
}

interface FixedSchema extends Named {
  readonly kind: "fixed";
  readonly size: number;
}

interface ArraySchema extends WithProperties {
  readonly kind: "array";
  readonly items: Schema;
}

interface MapSchema extends WithProperties {
  readonly kind: "map";
  readonly values: Schema;
}

export interface UnionSchema extends WithProperties {
  readonly kind: "union";
  readonly branches: readonly Schema[];
}

export interface RecordSchema extends Named {
  readonly kind: "record";
  readonly fields: readonly Field[];
}

export interface Field extends WithProperties {
  readonly name: string;
  readonly schema: Schema;
  readonly default: Tree | undefined;
  readonly order: string;
  readonly aliases: readonly string[];
}

interface Named extends WithProperties {
  /** Its namespace and its name: shop.sales.OrderEvent. */
  readonly name: string;
  /** Full, too. */
  readonly aliases: readonly string[];
}

interface WithProperties {
  /** What Avro does not know, logicalType among it; counts when schemas are held equal. */
  readonly properties: ReadonlyMap<string, Tree>;
}

export const primitives: ReadonlySet<string> = new Set<PrimitiveName>([
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "string",
  "bytes",
]);

/** Without its namespace. */
export const shortName = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

/** What a union tells its branches apart by. */
export const branchName = (schema: Schema): string => ("name" in schema ? schema.name : schema.kind);

export const fieldOf = (record: RecordSchema, name: string): Field | undefined =>
  record.fields.find((field) => field.name === name);
