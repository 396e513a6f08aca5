import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { EventVersion, Model } from "../../src/model/model.js";
import { type Identifier, identifier, pascalWords } from "../../src/model/names.js";
import type { Field, JsonValue, NamedType, RecordType, Type } from "../../src/model/type.js";
import { createSchemaImporter } from "../../src/passes/import-schema.js";
import { publishedSchema } from "../../src/targets/json-schema.js";

/*
 * The schemas that evgen publishes say types in JSON Schema; read again, they are the same types. Left out is what
 * JSON Schema cannot say or says in another way: floats, small longs, bounds of decimals, personal data, and what
 * describes a named type, which the schema of a union's member does not repeat.
 */

const place = { file: "m.yaml", path: [] } as const;
const named = (text: string): Identifier => identifier(text) as Identifier;

/** A type without names, which come with the place where it is built in. */
type Plan =
  | { readonly kind: "type"; readonly type: Type }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "array" | "map"; readonly inner: Plan; readonly counts: Counts }
  | { readonly kind: "record"; readonly fields: readonly FieldPlan[] }
  | { readonly kind: "union"; readonly members: readonly number[] }
  | { readonly kind: "reference"; readonly to: number };
interface Counts {
  readonly minItems?: number;
  readonly maxItems?: number;
}
interface FieldPlan {
  readonly name: string;
  readonly plan: Plan;
  readonly optional: boolean;
  readonly description?: string;
  readonly deprecated?: true;
}

const recordNames = ["Alpha", "Beta", "Gamma"];
const otherNames = ["Sku", "Color"];

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const given = <T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

const bounds = (min: bigint, max: bigint) =>
  fc
    .tuple(optional(fc.bigInt({ min, max: -5n })), optional(fc.bigInt({ min: 5n, max })))
    .map(([low, high]) => given({ min: low === min ? undefined : low, max: high === max ? undefined : high }));

const scalars: fc.Arbitrary<Type> = fc.oneof<fc.Arbitrary<Type>[]>(
  fc.constantFrom<Type>(
    ...(["boolean", "uuid", "date", "timestamp", "json", "double"] as const).map((kind) => ({ kind })),
    { kind: "long" },
    { kind: "string", pattern: "^[A-Z]{3}$" },
  ),
  fc
    .record({
      minLength: optional(fc.integer({ min: 1, max: 9 })),
      maxLength: optional(fc.integer({ min: 9, max: 99 })),
    })
    .map((lengths) => ({ kind: "string", ...given(lengths) })),
  fc
    .record({ minLength: optional(fc.constantFrom(1, 4, 7)), maxLength: optional(fc.constantFrom(9, 12)) })
    .map((lengths) => ({ kind: "bytes", ...given(lengths) })),
  bounds(-(2n ** 31n), 2n ** 31n - 1n).map((range) => ({ kind: "int", ...range })),
  fc.bigInt({ min: 2n ** 32n, max: 2n ** 53n - 2n }).map((max) => ({ kind: "long", max })),
  fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((min) => ({ kind: "double", min: min + 0 })),
  fc
    .nat(30)
    .chain((scale) =>
      fc.integer({ min: Math.max(1, scale), max: 38 }).map((precision) => ({ kind: "decimal", precision, scale })),
    ),
);

const texts = fc.oneof(fc.string({ unit: "binary", maxLength: 5 }), fc.constantFrom("__proto__", "*/", "constructor"));
const values = fc.uniqueArray(texts, { minLength: 1, maxLength: 4 });
const counts: fc.Arbitrary<Counts> = fc
  .record({ minItems: optional(fc.constantFrom(1, 2)), maxItems: optional(fc.constantFrom(3, 4)) })
  .map(given);

const fieldNames = ["a", "bTwo", "class_name", "arguments", "_x9", "default"];

const { plan, record } = fc.letrec<{ plan: Plan; record: Plan }>((tie) => ({
  plan: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalars.map((type) => ({ kind: "type" as const, type })),
    values.map((list) => ({ kind: "enum" as const, values: list })),
    fc.nat(recordNames.length + otherNames.length - 1).map((to) => ({ kind: "reference" as const, to })),
    fc
      .uniqueArray(fc.nat(recordNames.length - 1), { minLength: 1 })
      .map((members) => ({ kind: "union" as const, members })),
    fc.record({ kind: fc.constantFrom("array" as const, "map" as const), inner: tie("plan"), counts }),
    tie("record"),
  ),
  record: fc
    .uniqueArray(
      fc
        .record({
          name: fc.constantFrom(...fieldNames),
          plan: tie("plan"),
          optional: fc.boolean(),
          description: optional(fc.string({ unit: "binary" })),
          deprecated: optional(fc.constant(true as const)),
        })
        .map((field) => given(field) as FieldPlan),
      { selector: (field) => field.name, maxLength: 4 },
    )
    .map((fields) => ({ kind: "record" as const, fields })),
}));

const build = (one: Plan, name: string, pool: readonly NamedType[]): Type => {
  switch (one.kind) {
    case "type":
      return one.type;
    case "enum":
      return { kind: "enum", name: named(name), values: one.values };
    case "array":
      return { kind: "array", items: build(one.inner, `${name}Item`, pool), ...one.counts };
    case "map":
      return { kind: "map", values: build(one.inner, `${name}Value`, pool), ...one.counts };
    case "record":
      return {
        kind: "record",
        name: named(name),
        fields: one.fields.map(
          ({ plan: inner, ...rest }): Field => ({
            ...rest,
            type: build(inner, name + pascalWords(rest.name), pool),
            pii: false,
            place,
          }),
        ),
      };
    case "union":
      return { kind: "union", members: one.members.map((at) => pool[at] as NamedType) };
    case "reference":
      return { kind: "reference", to: pool[one.to] as NamedType };
  }
};

/** All of a type, and of the types that it leads to, as data: each named type where it is met first. */
const asData = (type: Type): JsonValue => {
  const seen = new Map<string, JsonValue>();
  const waiting: NamedType[] = [];
  const meet = (one: NamedType): string => {
    if (!seen.has(one.name)) {
      seen.set(one.name, null);
      waiting.push(one);
    }
    return one.name;
  };
  const data = (part: Type): JsonValue =>
    JSON.parse(
      JSON.stringify(part, (key, value: unknown) => {
        if (key === "place") return undefined;
        if (key === "to") return meet(value as NamedType);
        if (key === "members") return (value as NamedType[]).map(meet);
        return typeof value === "bigint" ? `${value}n` : value;
      }),
    ) as JsonValue;
  const root = data(type);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    seen.set(next.name, data(next.type));
  }
  return { root, named: Object.fromEntries([...seen].sort(([a], [b]) => (a < b ? -1 : 1))) };
};

it("reads the schemas that evgen writes as the types that they were made from", () => {
  const types = fc.record({
    root: record,
    records: fc.tuple(...recordNames.map(() => record)),
    sku: scalars,
    colors: values,
  });
  fc.assert(
    fc.property(types, ({ root, records, sku, colors }) => {
      const others: readonly Type[] = [sku, { kind: "enum", name: named("Color"), values: colors }];
      const pool: { -readonly [K in keyof NamedType]: NamedType[K] }[] = [...recordNames, ...otherNames].map(
        (name) => ({
          ...{ name: named(name), type: { kind: "json" } as const, place },
        }),
      );
      for (const [at, one] of pool.entries()) {
        const plan = records[at];
        one.type = (plan === undefined ? others[at - recordNames.length] : build(plan, one.name, pool)) as RecordType;
      }
      const type = build(root, "OrderPlacedV1", pool) as RecordType;
      const version = { name: type.name, type, number: 1, event: {} } as unknown as EventVersion;
      const schema = publishedSchema(version, { long: "number" } as Model);

      const importer = createSchemaImporter(
        { read: () => ({ kind: "text", text: JSON.stringify(schema) }), match: () => [] },
        { long: "number" },
      );
      const imported = importer.importRecord("order.json", type.name, place);
      expect(imported.diagnostics).toEqual([]);
      expect(asData(imported.type as RecordType)).toEqual(asData(type));
    }),
    { numRuns: 200 },
  );
});

it("uses every kind of type", () => {
  // the law above would hold for plans that never get far
  const kinds = new Set(
    fc.sample(plan, { numRuns: 500, seed: 1 }).map((one) => (one.kind === "type" ? one.type.kind : one.kind)),
  );
  expect([...kinds].sort()).toEqual([
    ..."array boolean bytes date decimal double enum int json long map record reference string timestamp union uuid".split(
      " ",
    ),
  ]);
});
