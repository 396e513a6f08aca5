import { avroName, avroNamespace, isAvroName } from "../model/avro-names.js";
import type { Model, Topic } from "../model/model.js";
import type { EnumType, Field, JsonValue, RecordType, Type, UnionType } from "../model/type.js";
import { dereference } from "../model/type.js";

type AvroObject = { readonly [attribute: string]: JsonValue };

/**
 * The Avro record that is registered for a topic, as docs/wire.md says: the header, and `data` as a union of one
 * record per event version, in the order of the topic's branches. A named type is defined where it is first used.
 *
 * A field whose name is not an Avro name gets one that is, and keeps its own in the attribute `property`. An optional
 * union of one member looks like an optional record, so its field has the attribute `union`.
 */
export const envelopeSchema = (topic: Topic, model: Model): AvroObject => {
  const records = topic.branches.map((version) => version.type);
  return envelopeOfRecords(topic.envelope, avroNamespace(model), records);
};

/** The same, for records that are at hand without a model. */
export const envelopeOfRecords = (name: string, namespace: string, records: readonly RecordType[]): AvroObject => {
  const names: Names = { namespace, defined: new Set() };
  const data = records.map((one) => record(one, names));
  return { type: "record", name, namespace, fields: [...header, { name: "data", type: data }] };
};

const header: readonly AvroObject[] = [
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

interface Names {
  readonly namespace: string;
  /** Names of records and enums that stand in the schema already. */
  readonly defined: Set<string>;
}

const record = (type: RecordType, names: Names): JsonValue => {
  if (names.defined.has(type.name)) return `${names.namespace}.${type.name}`;
  names.defined.add(type.name);
  const taken = new Set(type.fields.map((one) => one.name).filter(isAvroName));
  return { type: "record", name: type.name, fields: type.fields.map((one) => field(one, names, taken)) };
};

const field = (one: Field, names: Names, taken: Set<string>): AvroObject => {
  const name = isAvroName(one.name) ? one.name : freeName(avroName(one.name), taken);
  taken.add(name);
  return {
    name,
    ...(one.description === undefined ? {} : { doc: one.description }),
    ...(name === one.name ? {} : { property: one.name }),
    ...(one.optional && isUnionOfOne(one.type) ? { union: true } : {}),
    ...(one.optional ? { type: optional(one.type, names), default: null } : { type: avroType(one.type, names) }),
  };
};

const isUnionOfOne = (type: Type): boolean => {
  const target = dereference(type);
  return target.kind === "union" && target.members.length === 1;
};

/** A union cannot hold a union, so the members of an optional one stand beside null. */
const optional = (type: Type, names: Names): JsonValue => {
  const inner = avroType(type, names);
  return Array.isArray(inner) ? ["null", ...inner] : ["null", inner];
};

const avroType = (type: Type, names: Names): JsonValue => {
  switch (type.kind) {
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "float":
    case "double":
    case "bytes":
      return type.kind;
    case "decimal":
      return { type: "bytes", logicalType: "decimal", precision: type.precision, scale: type.scale };
    case "uuid":
      return { type: "string", logicalType: "uuid" };
    case "date":
      return { type: "int", logicalType: "date" };
    case "timestamp":
      return { type: "long", logicalType: "timestamp-millis" };
    case "json":
      return { type: "string", logicalType: "json" };
    case "enum":
      return enumeration(type, names);
    case "array":
      return { type: "array", items: avroType(type.items, names) };
    case "map":
      return { type: "map", values: avroType(type.values, names) };
    case "record":
      return record(type, names);
    case "union":
      return union(type, names);
    case "reference":
      return avroType(type.to.type, names);
  }
};

/** A symbol that every object in JavaScript has as a property is one too many for libraries that keep them in one. */
const enumeration = (type: EnumType, names: Names): JsonValue => {
  if (!type.values.every((value) => isAvroName(value) && !(value in Object.prototype))) return "string";
  if (names.defined.has(type.name)) return `${names.namespace}.${type.name}`;
  names.defined.add(type.name);
  return { type: "enum", name: type.name, symbols: type.values };
};

const union = (type: UnionType, names: Names): JsonValue[] =>
  type.members.map((member) => avroType(member.type, names));

const freeName = (name: string, taken: ReadonlySet<string>): string => {
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name}_${number}`)) number++;
  return `${name}_${number}`;
};
