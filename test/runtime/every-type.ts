import type { AggregateDefinition, EventDefinition, JsonSchema, TopicDefinition } from "../../src/runtime/index.js";

/** An event with a field of every type, written by hand as the generator would print it. */
export interface EveryType {
  text: string;
  flag: boolean;
  small: number;
  big: number | bigint;
  single: number;
  real: number;
  money: string;
  whole: string;
  id: string;
  day: string;
  at: string;
  blob: Uint8Array;
  any: unknown;
  color: "red" | "green";
  odd: "a b" | "``${}" | "";
  list: readonly (readonly number[])[];
  map: Readonly<Record<string, readonly string[]>>;
  tree: Tree;
  pay: Pay;
  maybePay?: Pay | undefined;
  maybe?: string | undefined;
  maybeReal?: number | undefined;
  /** Only with corners. */
  maybeAny?: unknown;
  /** Only with corners. */
  hollow?: readonly Hollow[] | undefined;
  "first-name\u2028": string;
}

/** A record that has no bytes in Avro. */
interface Hollow {
  nothing: Record<string, never>;
}

export interface Tree {
  name: string;
  children: readonly Tree[];
}

export type Pay = { kind: "Card"; number: string; next?: Pay | undefined } | { kind: "Cash"; amount: number };

const paySchema: JsonSchema = {
  type: "object",
  discriminator: { propertyName: "kind" },
  required: ["kind"],
  oneOf: [
    {
      type: "object",
      properties: { kind: { const: "Card" }, number: { type: "string" }, next: { $ref: "#/$defs/Pay" } },
      required: ["kind", "number"],
      additionalProperties: false,
    },
    {
      type: "object",
      properties: { kind: { const: "Cash" }, amount: { type: "number" } },
      required: ["kind", "amount"],
      additionalProperties: false,
    },
  ],
};

const schema = (long: "number" | "bigint"): JsonSchema => ({
  type: "object",
  properties: {
    text: { type: "string" },
    flag: { type: "boolean" },
    small: { type: "integer", minimum: -2147483648, maximum: 2147483647 },
    big:
      long === "bigint" ? { bigint: {} } : { type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 },
    single: { type: "number", float: true },
    real: { type: "number" },
    money: { type: "string", pattern: "^(?!-0\\.00$)-?(0|[1-9]\\d{0,33})\\.\\d{2}$" },
    whole: { type: "string", pattern: "^(?!-0$)-?(0|[1-9]\\d{0,5})$", minDecimal: "-99999", maxDecimal: "99999" },
    id: { type: "string", format: "uuid" },
    day: { type: "string", format: "date" },
    at: { type: "string", format: "timestamp" },
    blob: { bytes: true, maxLength: 100 },
    any: { json: true },
    color: { enum: ["red", "green"] },
    odd: { enum: ["a b", "``${}", ""] },
    list: {
      type: "array",
      items: { type: "array", items: { type: "integer", minimum: -2147483648, maximum: 2147483647 } },
    },
    map: { type: "object", map: true, additionalProperties: { type: "array", items: { type: "string" } } },
    tree: { $ref: "#/$defs/Tree" },
    pay: { $ref: "#/$defs/Pay" },
    maybePay: { $ref: "#/$defs/Pay" },
    maybe: { type: "string" },
    maybeReal: { type: "number" },
    "first-name\u2028": { type: "string" },
  },
  required: [
    "text",
    "flag",
    "small",
    "big",
    "single",
    "real",
    "money",
    "whole",
    "id",
    "day",
    "at",
    "blob",
    "any",
    "color",
    "odd",
    "list",
    "map",
    "tree",
    "pay",
    "first-name\u2028",
  ],
  additionalProperties: false,
  $defs: {
    Tree: {
      type: "object",
      properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/Tree" } } },
      required: ["name", "children"],
      additionalProperties: false,
    },
    Pay: paySchema,
  },
});

const branch = {
  type: "record",
  name: "EveryTypeV1",
  fields: [
    { name: "text", type: "string" },
    { name: "flag", type: "boolean" },
    { name: "small", type: "int" },
    { name: "big", type: "long" },
    { name: "single", type: "float" },
    { name: "real", type: "double" },
    { name: "money", type: { type: "bytes", logicalType: "decimal", precision: 36, scale: 2 } },
    { name: "whole", type: { type: "bytes", logicalType: "decimal", precision: 6, scale: 0 } },
    { name: "id", type: { type: "string", logicalType: "uuid" } },
    { name: "day", type: { type: "int", logicalType: "date" } },
    { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
    { name: "blob", type: "bytes" },
    { name: "any", type: { type: "string", logicalType: "json" } },
    { name: "color", type: { type: "enum", name: "Color", symbols: ["red", "green"] } },
    { name: "odd", type: "string" },
    { name: "list", type: { type: "array", items: { type: "array", items: "int" } } },
    { name: "map", type: { type: "map", values: { type: "array", items: "string" } } },
    {
      name: "tree",
      type: {
        type: "record",
        name: "Tree",
        fields: [
          { name: "name", type: "string" },
          { name: "children", type: { type: "array", items: "a.b.Tree" } },
        ],
      },
    },
    {
      name: "pay",
      type: [
        {
          type: "record",
          name: "Card",
          fields: [
            { name: "number", type: "string" },
            {
              name: "next",
              type: [
                "null",
                "a.b.Card",
                { type: "record", name: "Cash", fields: [{ name: "amount", type: "double" }] },
              ],
              default: null,
            },
          ],
        },
        "a.b.Cash",
      ],
    },
    { name: "maybePay", type: ["null", "a.b.Card", "a.b.Cash"], default: null },
    { name: "maybe", type: ["null", "string"], default: null },
    { name: "maybeReal", type: ["null", "double"], default: null },
    { name: "first_name_", property: "first-name\u2028", type: "string" },
  ],
};

/** The header of every envelope. */
export const headerFields = [
  { name: "id", type: "string" },
  { name: "type", type: "string" },
  { name: "version", type: "int" },
  { name: "aggregateId", type: "string" },
  { name: "sequence", type: ["null", "long"], default: null },
  { name: "time", type: { type: "long", logicalType: "timestamp-millis" } },
  { name: "correlationId", type: ["null", "string"], default: null },
  { name: "causationId", type: ["null", "string"], default: null },
  { name: "metadata", type: { type: "map", values: "string" } },
];

const cornerProperties: { readonly [name: string]: JsonSchema } = {
  maybeAny: { json: true },
  hollow: {
    type: "array",
    items: {
      type: "object",
      properties: { nothing: { type: "object", additionalProperties: false } },
      required: ["nothing"],
      additionalProperties: false,
    },
  },
};

const cornerFields = [
  { name: "maybeAny", type: ["null", { type: "string", logicalType: "json" }], default: null },
  {
    name: "hollow",
    type: [
      "null",
      {
        type: "array",
        items: {
          type: "record",
          name: "Hollow",
          fields: [{ name: "nothing", type: { type: "record", name: "Nothing", fields: [] } }],
        },
      },
    ],
    default: null,
  },
];

/** The topic, event and aggregate of it; with corners it has also what typed clients of other languages cannot say. */
export const everyType = (encoding: "avro" | "json", long: "number" | "bigint", corners = false) => {
  const plain = schema(long);
  const properties = { ...(plain["properties"] as object), ...(corners ? cornerProperties : {}) };
  const fields = [...branch.fields, ...(corners ? cornerFields : [])];
  const topic: TopicDefinition = {
    url: "persistent://a/b/every",
    partitions: 0,
    encoding,
    source: "a.b",
    ...(long === "bigint" ? { long } : {}),
    envelope: {
      type: "record",
      name: "EveryEvent",
      namespace: "a.b",
      fields: [...headerFields, { name: "data", type: [{ ...branch, fields }] }],
    },
  };
  const event: EventDefinition<"EveryType", EveryType> = {
    type: "EveryType",
    versions: [{ schema: { ...plain, properties } }],
  };
  const aggregate: AggregateDefinition = {
    name: "Every",
    key: { name: "id", schema: { type: "string", minLength: 1 } },
    topic,
    events: [event],
  };
  return { topic, event, aggregate };
};
