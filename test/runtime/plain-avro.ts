import avsc from "avsc";

type Described = {
  readonly type: unknown;
  readonly name?: string;
  readonly logicalType?: string;
  readonly scale?: number;
  readonly items?: unknown;
  readonly values?: unknown;
  readonly fields?: readonly { readonly name: string; readonly property?: string; readonly type: unknown }[];
};
type Values = { readonly [key: string]: unknown };

/**
 * avsc's own type of an Avro definition, without any code of evgen's, and how a value in memory looks to it: what the
 * codec is measured by. Longs are bigints, so that all 64 bits can be compared.
 */
export const plainAvro = (definition: object) => {
  const named = new Map<string, unknown>();
  const schema = bare(definition, named);
  const type = avsc.Type.forSchema(schema as never, { registry: { long }, wrapUnions: true, omitRecordMethods: true });
  return { type, wireOf: (value: unknown) => wire(definition, value, named) };
};

const long = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer(value: bigint) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === "bigint",
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

/** Without logical types, whose types would not be those of the registry. */
const bare = (schema: unknown, named: Map<string, unknown>): unknown => {
  if (Array.isArray(schema)) return schema.map((one) => bare(one, named));
  if (typeof schema !== "object" || schema === null) return schema;
  const described = schema as Described;
  if (described.name !== undefined) named.set(`a.b.${described.name}`, schema);
  if (described.logicalType !== undefined) return described.type;
  if (described.fields !== undefined) {
    return { ...described, fields: described.fields.map((field) => ({ ...field, type: bare(field.type, named) })) };
  }
  if (described.items !== undefined) return { ...described, items: bare(described.items, named) };
  if (described.values !== undefined) return { ...described, values: bare(described.values, named) };
  return schema;
};

const wire = (schema: unknown, value: unknown, named: ReadonlyMap<string, unknown>): unknown => {
  if (Array.isArray(schema)) return union(schema, value, named);
  if (typeof schema === "string" && named.has(schema)) return wire(named.get(schema), value, named);
  const described = (typeof schema === "string" ? { type: schema } : schema) as Described;
  switch (described.logicalType ?? described.type) {
    case "record":
      return Object.fromEntries(
        described.fields?.map(({ name, property = name, type }) => [
          name,
          wire(type, (value as Values)[property], named),
        ]) ?? [],
      );
    case "array":
      return (value as unknown[]).map((one) => wire(described.items, one, named));
    case "map":
      return Object.fromEntries(
        Object.entries(value as Values).map(([key, one]) => [key, wire(described.values, one, named)]),
      );
    case "long":
      return BigInt(value as number | bigint);
    case "bytes":
      return Buffer.from(value as Uint8Array);
    case "timestamp-millis":
      return BigInt(Date.parse(value as string));
    case "date":
      return Date.parse(value as string) / 86_400_000;
    case "json":
      // JSON.stringify makes zero of a negative zero, which is a different number.
      return JSON.stringify(value, (_key, one) => (Object.is(one, -0) ? "<-0>" : one)).replaceAll('"<-0>"', "-0");
    case "decimal":
      return twosComplement(BigInt((value as string).replace(".", "")));
    default:
      return value;
  }
};

const union = (members: readonly unknown[], value: unknown, named: ReadonlyMap<string, unknown>): unknown => {
  if (value === undefined) return null;
  const others = members.filter((member) => member !== "null");
  const nameOf = (member: unknown) => (typeof member === "string" ? member : (member as Described).name);
  const [only] = others;
  if (others.length === 1 && (only as Described).fields === undefined) {
    return { [typeof only === "string" ? only : String((only as Described).type)]: wire(only, value, named) };
  }
  const { kind } = value as { kind: string };
  const member = others.find((one) => nameOf(one)?.replace(/^a\.b\./, "") === kind);
  return { [`a.b.${kind}`]: wire(member, value, named) };
};

/** As few bytes as hold it. */
const twosComplement = (value: bigint): Buffer => {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 8n) {
    bytes.unshift(Number(rest & 0xffn));
    const negative = (bytes[0] as number) >= 128;
    if (rest >> 8n === (negative ? -1n : 0n)) return Buffer.from(bytes);
  }
};
