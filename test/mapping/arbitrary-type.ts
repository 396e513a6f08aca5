import * as fc from "fast-check";
import type { Identifier } from "../../src/model/names.js";
import type { Field, NamedType, RecordType, Type } from "../../src/model/type.js";

/** Types of all kinds with constraints that values exist for; `long` must be given since bounds of a long depend on it. */
export const arbitraryType = (depth: number): fc.Arbitrary<Type> =>
  depth <= 0
    ? arbitraryScalar
    : fc.oneof(
        { arbitrary: arbitraryScalar, weight: 6 },
        { arbitrary: lists(depth), weight: 2 },
        { arbitrary: arbitraryRecord(depth), weight: 2 },
        { arbitrary: fc.constantFrom<Type>(...namedUses), weight: 1 },
      );

/** Records with fields of few names, so that two of them have some in common. */
export const arbitraryRecord = (depth: number): fc.Arbitrary<RecordType> =>
  fc
    .uniqueArray(fc.constantFrom("a", "b", "c", "odd name", "constructor", "list"), { minLength: 0, maxLength: 4 })
    .chain((names) =>
      fc.tuple(fc.constant(names), fc.tuple(...names.map(() => fc.tuple(arbitraryType(depth - 1), fc.boolean())))),
    )
    .map(([names, parts]) =>
      recordOf(names.map((name, index) => fieldOf(name, parts[index]?.[0] as Type, parts[index]?.[1] ?? false))),
    );

/** Another type that is like the given one but for something small, now and then. */
export const likeType = (type: Type, depth: number): fc.Arbitrary<Type> =>
  fc.oneof({ arbitrary: changed(type, depth), weight: 6 }, { arbitrary: arbitraryType(depth), weight: 1 });

export const nameOf = (text: string): Identifier => text as Identifier;

const place = { file: "model.yaml", path: [] };

export const fieldOf = (name: string, type: Type, optional = false): Field => ({
  name,
  type,
  optional,
  pii: false,
  place,
});

export const recordOf = (fields: readonly Field[]): RecordType => ({ kind: "record", name: nameOf("R"), fields });

export const named = (name: string, type: NamedType["type"]): NamedType => ({ name: nameOf(name), type, place });

/** Patterns that are understood, patterns that are not, and the same language in two forms. */
const patterns = [
  "^[A-Z]{3}$",
  "^[A-Z]{3,5}$",
  "^[A-Z]+$",
  "^[a-z0-9-]{1,10}$",
  "^\\d{1,5}$",
  "^[0-9]{1,5}$",
  "^-?\\d+\\.\\d{2}$",
  "^(?:true|false)$",
  "[0-9]",
  "^a",
  "z$",
  "^(?=a).*$",
  "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
  "^(?:a|b|c)$",
] as const;

const between = <T>(values: readonly T[], less: (a: T, b: T) => boolean) =>
  fc
    .tuple(
      fc.option(fc.constantFrom(...values), { nil: undefined }),
      fc.option(fc.constantFrom(...values), { nil: undefined }),
    )
    .map(([a, b]) => (a !== undefined && b !== undefined && less(b, a) ? ([b, a] as const) : ([a, b] as const)));

const bounded = <K extends string>(min: K, max: K, low: unknown, high: unknown) => ({
  ...(low === undefined ? {} : { [min]: low }),
  ...(high === undefined ? {} : { [max]: high }),
});

const strings: fc.Arbitrary<Type> = fc.oneof(
  between([0, 1, 2, 3, 5, 10, 36, 500], (a, b) => a < b).map(
    ([low, high]) => ({ kind: "string", ...bounded("minLength", "maxLength", low, high) }) as Type,
  ),
  fc.constantFrom(...patterns).map((pattern): Type => ({ kind: "string", pattern })),
);

const integers: fc.Arbitrary<Type> = fc
  .tuple(
    fc.constantFrom("int" as const, "long" as const),
    between([-2147483648n, -100n, 0n, 1n, 2n, 3n, 100n, 16777216n, 2147483647n], (a, b) => a < b),
  )
  .map(([kind, [low, high]]) => ({ kind, ...bounded("min", "max", low, high) }) as Type);

const floats: fc.Arbitrary<Type> = fc
  .tuple(
    fc.constantFrom("float" as const, "double" as const),
    between([-1e10, -1, 0, 0.5, 1, 1000, 16777217, 1e10], (a, b) => a < b),
  )
  .map(([kind, [low, high]]) => ({ kind, ...bounded("min", "max", low, high) }) as Type)
  .filter(
    (type) =>
      type.kind !== "float" || type.min === undefined || type.min !== type.max || Math.fround(type.min) === type.min,
  );

const decimals: fc.Arbitrary<Type> = fc.oneof(
  fc.constantFrom<Type>(
    { kind: "decimal", precision: 12, scale: 2 },
    { kind: "decimal", precision: 14, scale: 2 },
    { kind: "decimal", precision: 4, scale: 4 },
    { kind: "decimal", precision: 9, scale: 0 },
    { kind: "decimal", precision: 30, scale: 10 },
  ),
  between(["-10.00", "0.00", "0.01", "1.00", "99.99"], (a, b) => Number(a) < Number(b)).map(
    ([low, high]) => ({ kind: "decimal", precision: 5, scale: 2, ...bounded("min", "max", low, high) }) as Type,
  ),
);

const members = [
  "a",
  "b",
  "c",
  "ABC",
  "true",
  "false",
  "1",
  "12.50",
  "2026-01-05",
  "__proto__",
  "constructor",
  'quote"`\u0024{x}',
  "é",
];

const enums: fc.Arbitrary<Type> = fc
  .uniqueArray(fc.constantFrom(...members), { minLength: 1, maxLength: 5 })
  .map((values): Type => ({ kind: "enum", name: nameOf("E"), values }));

const bytes: fc.Arbitrary<Type> = between([0, 1, 4, 16], (a, b) => a < b).map(
  ([low, high]) => ({ kind: "bytes", ...bounded("minLength", "maxLength", low, high) }) as Type,
);

export const arbitraryScalar: fc.Arbitrary<Type> = fc.oneof(
  { arbitrary: strings, weight: 4 },
  { arbitrary: integers, weight: 3 },
  { arbitrary: floats, weight: 2 },
  { arbitrary: decimals, weight: 2 },
  { arbitrary: enums, weight: 2 },
  bytes,
  fc.constantFrom<Type>(
    { kind: "boolean" },
    { kind: "uuid" },
    { kind: "date" },
    { kind: "timestamp" },
    { kind: "json" },
  ),
);

const card = named("Card", recordOf([fieldOf("number", { kind: "string", maxLength: 19 })]));
const transfer = named(
  "Transfer",
  recordOf([fieldOf("iban", { kind: "string" }), fieldOf("note", { kind: "string" }, true)]),
);
const cash = named("Cash", recordOf([]));
const tree: NamedType = named("Tree", recordOf([]));
(tree as { type: Type }).type = recordOf([
  fieldOf("value", { kind: "int" }),
  fieldOf("children", { kind: "array", items: { kind: "reference", to: tree } }),
]);
const otherTree: NamedType = named("OtherTree", recordOf([]));
(otherTree as { type: Type }).type = recordOf([
  fieldOf("value", { kind: "int" }),
  fieldOf("children", { kind: "array", items: { kind: "reference", to: otherTree } }),
]);
const narrowTree: NamedType = named("NarrowTree", recordOf([]));
(narrowTree as { type: Type }).type = recordOf([
  fieldOf("value", { kind: "int", min: 0n }),
  fieldOf("children", { kind: "array", items: { kind: "reference", to: narrowTree } }),
]);
const money = named("Money", recordOf([fieldOf("amount", { kind: "decimal", precision: 12, scale: 2 })]));

const namedUses: readonly Type[] = [
  ...[card, tree, otherTree, narrowTree, money].map((to): Type => ({ kind: "reference", to })),
  { kind: "union", members: [card, transfer] },
  { kind: "union", members: [card, transfer, cash] },
  { kind: "union", members: [transfer] },
];

const lists = (depth: number): fc.Arbitrary<Type> =>
  fc
    .tuple(
      fc.boolean(),
      arbitraryType(depth - 1),
      between([0, 1, 2, 3], (a, b) => a < b),
    )
    .map(([isArray, items, [low, high]]) =>
      isArray
        ? ({ kind: "array", items, ...bounded("minItems", "maxItems", low, high) } as Type)
        : ({ kind: "map", values: items, ...bounded("minItems", "maxItems", low, high) } as Type),
    );

const changed = (type: Type, depth: number): fc.Arbitrary<Type> => {
  switch (type.kind) {
    case "string":
    case "uuid":
    case "date":
    case "timestamp":
      return fc.oneof(strings, enums, fc.constant(type));
    case "int":
    case "long":
      return fc.oneof(integers, floats, fc.constant(type));
    case "float":
    case "double":
      return fc.oneof(floats, integers, fc.constant(type));
    case "decimal":
      return fc.oneof(decimals, strings, fc.constant(type));
    case "enum":
      return fc.oneof(enums, strings, fc.constant({ ...type, values: [...type.values, "another"] } as Type));
    case "bytes":
      return bytes;
    case "array":
      return likeType(type.items, depth - 1).map((items): Type => ({ ...type, items }));
    case "map":
      return likeType(type.values, depth - 1).map((values): Type => ({ ...type, values }));
    case "record":
      return fc
        .tuple(
          fc.tuple(...type.fields.map((field) => fc.tuple(likeType(field.type, depth - 1), fc.nat(9)))),
          fc.boolean(),
        )
        .map(([parts, extra]) =>
          recordOf([
            ...type.fields.flatMap((field, index) => {
              const [next, dice] = parts[index] ?? [field.type, 0];
              return dice === 0
                ? []
                : [fieldOf(field.name, dice > 4 ? field.type : next, dice === 1 ? !field.optional : field.optional)];
            }),
            ...(extra ? [fieldOf("more", { kind: "int" }, true)] : []),
          ]),
        );
    case "boolean":
    case "json":
    case "union":
    case "reference":
      return fc.oneof(fc.constantFrom(...namedUses), fc.constant<Type>({ kind: "json" }));
  }
};
