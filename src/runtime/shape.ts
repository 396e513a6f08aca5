import type { AvroSchema, TopicDefinition } from "./definitions.js";

/** What a topic's Avro definition says about its values, with names looked up. Records may hold themselves. */
export type Shape =
  | { readonly kind: ScalarKind }
  | { readonly kind: "decimal"; readonly scale: number }
  | { readonly kind: "enum"; readonly symbols: readonly string[] }
  | { readonly kind: "array" | "map"; readonly of: Shape }
  | RecordShape
  | UnionShape;

type ScalarKind =
  | "null"
  | "string"
  | "boolean"
  | "int"
  | "long"
  | "bigint"
  | "float"
  | "double"
  | "bytes"
  | "date"
  | "timestamp"
  | "json";

export interface RecordShape {
  readonly kind: "record";
  /** Without its namespace. */
  readonly name: string;
  readonly fields: FieldShape[];
}

interface FieldShape {
  /** In JSON and in memory; Avro has no names on the wire. */
  readonly name: string;
  readonly shape: Shape;
}

/** At most one member is null, which makes it optional; the others are records when there are several. */
export interface UnionShape {
  readonly kind: "union";
  readonly members: readonly Shape[];
  /** Whether the members have their name as `kind` in memory: they are a union of the model, also one of one member. */
  readonly tagged: boolean;
}

/** The shape of a topic's envelope: the record, and its branches by name. */
export interface Envelope {
  readonly record: RecordShape;
  readonly branches: readonly RecordShape[];
  /** The index of each branch, by `<Event>V<version>`. */
  readonly indexes: ReadonlyMap<string, number>;
}

/** The Avro record of a topic, as data. */
export const definitionOf = ({ envelope }: TopicDefinition): AvroSchema =>
  typeof envelope === "string" ? (JSON.parse(envelope) as AvroSchema) : envelope;

/** Reads a topic's Avro definition. Throws an Error when it is not one that evgen makes: that is a bug. */
export const envelopeOf = (topic: TopicDefinition): Envelope => {
  const definition = definitionOf(topic);
  const record = shapeOf(definition, { namespace: "", named: new Map(), long: "long" });
  const data = record.kind === "record" ? record.fields.find((field) => field.name === "data")?.shape : undefined;
  if (record.kind !== "record" || data?.kind !== "union")
    throw new Error(`${topic.url}: the envelope has no union "data"`);
  // The header's sequence stays a number; only data follows the topic's option.
  const withBigints = topic.long === "bigint" ? dataOf(definition) : data;
  const branches = withBigints.members.filter((member) => member.kind === "record");
  if (branches.length !== withBigints.members.length)
    throw new Error(`${topic.url}: a branch of "data" is not a record`);
  const fields = record.fields.map((field) => (field.name === "data" ? { name: "data", shape: withBigints } : field));
  return {
    record: { kind: "record", name: record.name, fields },
    branches,
    indexes: new Map(branches.map((branch, index) => [branch.name, index])),
  };
};

const dataOf = (envelope: AvroSchema): UnionShape => {
  const shape = shapeOf(envelope, { namespace: "", named: new Map(), long: "bigint" });
  const data = shape.kind === "record" ? shape.fields.find((field) => field.name === "data")?.shape : undefined;
  if (data?.kind !== "union") throw new Error('the envelope has no union "data"');
  return data;
};

/** A record with all that it is made of, each once. */
export const shapesOf = (branch: RecordShape): readonly Shape[] => {
  const seen = new Set<Shape>();
  const waiting: Shape[] = [branch];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    if (one.kind === "record") waiting.push(...one.fields.map((field) => field.shape));
    if (one.kind === "union") waiting.push(...one.members);
    if (one.kind === "array" || one.kind === "map") waiting.push(one.of);
  }
  return [...seen];
};

interface Scope {
  readonly namespace: string;
  readonly named: Map<string, Shape>;
  readonly long: "long" | "bigint";
}

interface Described {
  readonly type?: unknown;
  readonly name?: string;
  readonly namespace?: string;
  readonly logicalType?: string;
  readonly scale?: number;
  readonly symbols?: readonly string[];
  readonly items?: unknown;
  readonly values?: unknown;
  readonly fields?: readonly DescribedField[];
}

interface DescribedField {
  readonly name: string;
  readonly type: unknown;
  /** Its name in memory, where that is not an Avro name. */
  readonly property?: string;
  /** True for an optional union of one member, which looks like an optional record. */
  readonly union?: boolean;
}

const shapeOf = (schema: unknown, scope: Scope): Shape => {
  if (Array.isArray(schema)) return union(schema, scope);
  if (typeof schema === "string") return byName(schema, scope);
  const described = schema as Described;
  switch (described.type) {
    case "record":
      return record(described, scope);
    case "enum":
      return remember(described, { kind: "enum", symbols: described.symbols ?? [] }, scope);
    case "array":
      return { kind: "array", of: shapeOf(described.items, scope) };
    case "map":
      return { kind: "map", of: shapeOf(described.values, scope) };
    case "bytes":
      return described.logicalType === "decimal" ? { kind: "decimal", scale: described.scale ?? 0 } : { kind: "bytes" };
    case "int":
      return { kind: described.logicalType === "date" ? "date" : "int" };
    case "long":
      return { kind: described.logicalType === "timestamp-millis" ? "timestamp" : scope.long };
    case "string":
      return { kind: described.logicalType === "json" ? "json" : "string" };
    default:
      return shapeOf(described.type, scope);
  }
};

const union = (schemas: readonly unknown[], scope: Scope): UnionShape => {
  const members = schemas.map((member) => shapeOf(member, scope));
  const others = members.filter((member) => member.kind !== "null");
  return { kind: "union", members, tagged: others.length > 1 || others.length === members.length };
};

const scalars = ["null", "string", "boolean", "int", "long", "float", "double", "bytes"] as const;

const byName = (name: string, scope: Scope): Shape => {
  const scalar = scalars.find((one) => one === name);
  if (scalar !== undefined) return { kind: scalar === "long" ? scope.long : scalar };
  const known = scope.named.get(name) ?? scope.named.get(`${scope.namespace}.${name}`);
  if (known === undefined) throw new Error(`the Avro definition does not say what ${name} is`);
  return known;
};

const record = (described: Described, scope: Scope): Shape => {
  const shape: RecordShape = { kind: "record", name: described.name ?? "", fields: [] };
  remember(described, shape, scope);
  const inner = { ...scope, namespace: described.namespace ?? scope.namespace };
  for (const field of described.fields ?? []) {
    const its = shapeOf(field.type, inner);
    const tagged = its.kind === "union" && field.union === true;
    shape.fields.push({ name: field.property ?? field.name, shape: tagged ? { ...its, tagged } : its });
  }
  return shape;
};

const remember = (described: Described, shape: Shape, scope: Scope): Shape => {
  const namespace = described.namespace ?? scope.namespace;
  scope.named.set(namespace === "" ? (described.name ?? "") : `${namespace}.${described.name}`, shape);
  return shape;
};
