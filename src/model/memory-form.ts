import type { JsonValue, RecordType, Type } from "./type.js";
import { dereference } from "./type.js";
import { normalize } from "./values.js";

/** How TypeScript holds a `long`, as `Model.long` says. */
export type Long = "number" | "bigint";

/** A value in data form as generated code holds it: bytes as Uint8Array, a long as bigint where the model says so. */
export const toMemory = (value: JsonValue, type: Type, long: Long): unknown => {
  const target = dereference(type);
  switch (target.kind) {
    case "bytes":
      return new Uint8Array(Buffer.from(value as string, "base64"));
    case "long":
      return long === "bigint" ? BigInt(value as string | number) : value;
    case "timestamp":
      return normalize(value, target);
    default:
      return within(value, target, (inner, innerType) => toMemory(inner as JsonValue, innerType, long));
  }
};

/** A value as generated code holds it, in data form. */
export const fromMemory = (value: unknown, type: Type, long: Long): JsonValue => {
  const target = dereference(type);
  switch (target.kind) {
    case "bytes":
      return Buffer.from(value as Uint8Array).toString("base64");
    case "long":
      return long === "bigint" ? normalize(String(value), target) : (value as number);
    default:
      return within(value, target, (inner, innerType) => fromMemory(inner, innerType, long)) as JsonValue;
  }
};

type Composite = Exclude<Type, { readonly kind: "reference" }>;
type Values = { readonly [key: string]: unknown };

/** Does the same to all parts of a value. */
const within = (value: unknown, type: Composite, change: (inner: unknown, type: Type) => unknown): unknown => {
  const fields = (record: RecordType): [string, unknown][] =>
    record.fields
      // A field that is undefined counts as absent: optional ones are copied so.
      .filter((field) => Object.hasOwn(value as Values, field.name) && (value as Values)[field.name] !== undefined)
      .map((field) => [field.name, change((value as Values)[field.name], field.type)]);
  switch (type.kind) {
    case "array":
      return (value as unknown[]).map((item) => change(item, type.items));
    case "map":
      return Object.fromEntries(Object.entries(value as Values).map(([key, item]) => [key, change(item, type.values)]));
    case "record":
      return Object.fromEntries(fields(type));
    case "union": {
      const { kind } = value as { readonly kind: string };
      const member = type.members.find((one) => one.name === kind)?.type;
      return member?.kind === "record" ? Object.fromEntries([["kind", kind], ...fields(member)]) : value;
    }
    default:
      return value;
  }
};
