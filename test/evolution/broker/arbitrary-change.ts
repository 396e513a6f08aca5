import fc from "fast-check";
import { kinds, strategies, type Trial } from "./answers.js";

/**
 * A schema and what becomes of it, under one strategy. Names come from a small pool, so that types of two schemas have the
 * same names, the same structure, or both; the later schema is the earlier one with some of its parts exchanged.
 */
export const arbitraryTrial = (): fc.Arbitrary<Trial> =>
  fc
    .record({
      base: record,
      parts: fc.array(fc.record({ at: fc.nat(), part: fc.oneof(schema, field) }), { maxLength: 3 }),
      between: fc.option(fc.record({ at: fc.nat(), part: schema }), { freq: 3, nil: undefined }),
      type: fc.constantFrom(...kinds),
      strategy: fc.constantFrom(...strategies),
    })
    .map(({ base, parts, between, type, strategy }) => {
      const held = [base, ...(between === undefined ? [] : [exchange(base, between)])];
      return {
        held: held.map((one) => JSON.stringify(once(one))),
        next: JSON.stringify(once(parts.reduce(exchange, base))),
        type,
        strategy,
      };
    });

type Part = Record<string, unknown>;

const named = <T extends object>(type: string, more: T): object => ({ type, ...more });

const typeName = fc.constantFrom("A", "B", "C", "n.A", "n.B");
const aliases = fc.option(fc.array(typeName, { minLength: 1, maxLength: 1 }), { freq: 5, nil: undefined });
const primitive = fc.constantFrom("null", "boolean", "int", "long", "float", "double", "string", "bytes");
const value = fc.constantFrom(null, 0, 1.5, "X", "", {}, [], true);

const { schema, record, field } = fc.letrec<{ schema: unknown; inUnion: unknown; record: object; field: object }>(
  (tie) => ({
    schema: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      primitive,
      tie("inUnion"),
      fc.array(tie("inUnion"), { minLength: 1, maxLength: 3 }),
    ),
    inUnion: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      primitive,
      fc
        .record({ name: typeName, aliases, symbols: fc.subarray(["X", "Y", "Z"], { minLength: 1 }) })
        .map((one) => named("enum", one)),
      fc.record({ name: typeName, aliases, size: fc.constantFrom(1, 2) }).map((one) => named("fixed", one)),
      fc.record({ items: tie("schema") }).map((one) => named("array", one)),
      fc.record({ values: tie("schema") }).map((one) => named("map", one)),
      fc.constantFrom({ type: "long", logicalType: "timestamp-millis" }, { type: "string", logicalType: "uuid" }),
      tie("record"),
    ),
    record: fc
      .record({
        name: typeName,
        aliases,
        fields: fc.uniqueArray(tie("field"), { maxLength: 3, selector: (one) => (one as Part)["name"] }),
      })
      .map((one) => named("record", one)),
    field: fc
      .record({
        name: fc.constantFrom("a", "b", "c"),
        type: tie("schema"),
        default: fc.option(value, { nil: undefined }),
        aliases: fc.option(fc.constantFrom(["a"], ["b"]), { freq: 4, nil: undefined }),
      })
      .map((one) => (one.default === undefined ? { name: one.name, type: one.type, aliases: one.aliases } : one)),
  }),
);

/** With one of its parts, counted through, exchanged for another of its kind. */
const exchange = (tree: object, { at, part }: { readonly at: number; readonly part: unknown }): object => {
  const isField =
    typeof part === "object" &&
    part !== null &&
    "name" in part &&
    !("symbols" in part || "size" in part || "fields" in part);
  let left = at % Math.max(1, count(tree, isField));
  const walk = (one: unknown, fieldHere: boolean): unknown => {
    if (fieldHere === isField && left-- === 0) return part;
    return fieldHere ? { ...(one as Part), type: walk((one as Part)["type"], false) } : inside(one, walk);
  };
  return inside(tree, walk) as object;
};

const count = (tree: object, fields: boolean): number => {
  let counted = 0;
  const walk = (one: unknown, fieldHere: boolean): unknown => {
    if (fieldHere === fields) counted++;
    return fieldHere ? walk((one as Part)["type"], false) : inside(one, walk);
  };
  inside(tree, walk);
  return counted;
};

const inside = (one: unknown, walk: (part: unknown, field: boolean) => unknown): unknown => {
  if (Array.isArray(one)) return one.map((branch) => walk(branch, false));
  if (typeof one !== "object" || one === null) return one;
  const part = one as Part;
  if (Array.isArray(part["fields"])) return { ...part, fields: part["fields"].map((each) => walk(each, true)) };
  if ("items" in part) return { ...part, items: walk(part["items"], false) };
  return "values" in part ? { ...part, values: walk(part["values"], false) } : part;
};

/** Every named type is defined where it stands first, and named further down. */
const once = (tree: unknown, known = new Set<string>()): unknown => {
  const name = typeof tree === "object" && tree !== null ? (tree as Part)["name"] : undefined;
  const isType = typeof name === "string" && (tree as Part)["type"] !== undefined && isNamedType(tree as Part);
  if (isType && known.has(name)) return name;
  if (isType) known.add(name);
  return inside(tree, (part, isField) =>
    isField ? { ...(part as Part), type: once((part as Part)["type"], known) } : once(part, known),
  );
};

const isNamedType = (part: Part): boolean => "fields" in part || "symbols" in part || "size" in part;
