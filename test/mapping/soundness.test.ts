import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRecordMapping, type MappingContext } from "../../src/mapping/check.js";
import { leastOf } from "../../src/mapping/least-value.js";
import type { JsonValue, RecordType, Type } from "../../src/model/type.js";
import { dereference } from "../../src/model/type.js";
import { problemOf } from "../../src/model/values.js";
import { arbitraryOf } from "../../src/testing/arbitrary-value.js";
import { arbitraryRecord, arbitraryScalar, arbitraryType, fieldOf, likeType, recordOf } from "./arbitrary-type.js";
import { evaluator, javascriptOf } from "./evaluate.js";

type Fields = { readonly [field: string]: JsonValue };

/** A mapping that may well be right: operators that suit the type of a field, from fields of the source. */
const arbitraryMapping = (target: Type, source: RecordType, depth: number): fc.Arbitrary<JsonValue> => {
  const plain = dereference(target);
  const path =
    source.fields.length === 0
      ? fc.constant("$a")
      : fc.constantFrom(...source.fields.map((field) => pathTo(field.name)));
  const literal: JsonValue = { literal: leastOf(target) ?? null };
  const kind = plain.kind === "decimal" ? `decimal(${plain.precision}, ${plain.scale})` : plain.kind;
  const unit = fc.constantFrom({}, {}, { unit: "seconds" }, { unit: "milliseconds" });
  const otherwise = fc.constantFrom<Fields>({}, { otherwise: literal }, { otherwise: literal });
  const keys = ["a", "b", "ABC", "true", "false", "1", "0", "12.50", "__proto__"];
  const table = fc
    .uniqueArray(fc.constantFrom(...keys), { maxLength: 4 })
    .map((found) => Object.fromEntries(found.map((key) => [key, literal])));
  const fields =
    plain.kind === "record" && depth > 0 ? arbitraryFields(plain, source, depth - 1) : fc.constant<Fields>({});
  const item = plain.kind === "array" ? plain.items : plain.kind === "map" ? plain.values : target;
  const member = plain.kind === "union" ? plain.members[0] : undefined;
  return fc.oneof(
    path,
    fc.constant(literal),
    fc.tuple(path, otherwise).map(([from, more]): JsonValue => ({ from, ...more })),
    fc.tuple(path, unit, otherwise).map(([from, ...more]): JsonValue => ({ from, as: kind, ...more[0], ...more[1] })),
    fc
      .tuple(path, unit, otherwise)
      .map(([from, ...more]): JsonValue => ({ from, parse: kind, ...more[0], ...more[1] })),
    fc.tuple(path, table, otherwise).map(([from, map, more]): JsonValue => ({ from, map, ...more })),
    fc.tuple(path, fields, otherwise).map(([from, inner, more]): JsonValue => ({ from, with: inner, ...more })),
    fc
      .tuple(
        path,
        depth > 0 ? arbitraryMapping(item, recordOf([fieldOf("a", item)]), depth - 1) : fc.constant("$"),
        otherwise,
      )
      .map(
        ([each, inner, more]): JsonValue => ({ each, with: dereference(item).kind === "record" ? {} : inner, ...more }),
      ),
    fields.map((inner): JsonValue => ({ fields: inner })),
    fc.constant<JsonValue>(member === undefined ? "$a" : { oneOf: member.name, fields: { number: "1", iban: "DE1" } }),
    fc
      .array(
        fc.oneof(
          path.map((one) => `{${one.slice(1)}}`),
          fc.constantFrom("x ", "`\u0024{y}\\", "{{", "\u2028"),
        ),
        { maxLength: 3 },
      )
      .map((parts): JsonValue => ({ template: parts.join("") })),
    fc
      .tuple(fc.constantFrom("id", "time", "aggregateId", "sequence"), otherwise)
      .map(([envelope, more]): JsonValue => ({ envelope, ...more })),
  );
};

const pathTo = (name: string): string => (/^\w+$/.test(name) ? `$${name}` : `$[${JSON.stringify(name)}]`);

const arbitraryFields = (target: RecordType, source: RecordType, depth: number): fc.Arbitrary<Fields> =>
  fc
    .tuple(...target.fields.map((field) => fc.option(arbitraryMapping(field.type, source, depth), { nil: undefined })))
    .map((mappings) =>
      Object.fromEntries(
        target.fields.flatMap((field, index) => {
          const mapping = mappings[index];
          return mapping === undefined ? [] : [[field.name, mapping]];
        }),
      ),
    );

const kindOf = (type: Type): string => dereference(type).kind;

const literalOf = (type: Type): JsonValue => ({ literal: leastOf(type) ?? null });

const unit = fc.constantFrom({}, { unit: "seconds" }, { unit: "milliseconds" });

/** Pairs of scalars between which there is something to convert, and bounded ones among them. */
const scalars = fc.tuple(arbitraryScalar, arbitraryScalar);

const hasUnit = (from: Type, to: Type): boolean => kindOf(from) === "timestamp" || kindOf(to) === "timestamp";

type Case = readonly [source: RecordType, target: RecordType, mapping: Fields];

const caseOf = (from: Type, to: Type, optional: boolean, targetOptional: boolean, mapping: JsonValue): Case => [
  recordOf([fieldOf("a", from, optional)]),
  recordOf([fieldOf("x", to, targetOptional)]),
  { x: mapping },
];

/** What each operator is tried with; most are rejected, so there are many of them. */
const operators: { readonly [operator: string]: fc.Arbitrary<Case> } = {
  as: fc
    .tuple(scalars, unit, fc.boolean(), fc.boolean())
    .map(([[from, to], more, ...optional]) =>
      caseOf(from, to, ...optional, { from: "$a", as: kindOf(to), ...(hasUnit(from, to) ? more : {}) }),
    ),
  parse: fc
    .tuple(scalars, unit, fc.boolean(), fc.boolean(), fc.nat(5))
    .map(([[from, to], more, optional, targetOptional, dice]) =>
      caseOf(from, to, optional, targetOptional, {
        from: "$a?",
        parse: kindOf(to),
        ...(hasUnit(from, to) ? more : {}),
        ...(dice === 0 ? {} : { otherwise: literalOf(to) }),
      }),
    ),
  map: fc
    .tuple(
      fc.oneof(arbitraryScalar, fc.constantFrom<Type>({ kind: "boolean" }, { kind: "int", min: 0n, max: 1n })),
      arbitraryType(1),
      fc.uniqueArray(
        fc.constantFrom("a", "b", "c", "ABC", "1", "0", "2", "true", "false", "__proto__", "constructor", "-1"),
      ),
      fc.boolean(),
      fc.boolean(),
      fc.nat(5),
    )
    .map(([from, to, some, optional, targetOptional, dice]) => {
      const keys = from.kind === "enum" && dice < 3 ? from.values : from.kind === "boolean" ? ["true", "false"] : some;
      const table = Object.fromEntries(
        keys.map((key, index) => [key, index % 3 === 2 && targetOptional ? "$a" : literalOf(to)]),
      );
      return caseOf(from, to, optional, targetOptional, {
        from: "$a",
        map: table,
        ...(dice % 3 === 0 ? {} : { otherwise: literalOf(to) }),
      });
    }),
  otherwise: fc
    .tuple(arbitraryType(2), fc.boolean())
    .map(([type, optional]) => caseOf(type, type, optional, false, { from: "$a?", otherwise: literalOf(type) })),
  template: fc
    .tuple(
      arbitraryScalar,
      fc.oneof(fc.constant<Type>({ kind: "string" }), arbitraryScalar),
      fc.array(fc.constantFrom("{a}", "x ", "`\u0024{y}\\", "{{", "}}", "\u2028", '"'), { maxLength: 4 }),
    )
    .map(([from, to, parts]) => caseOf(from, to, false, false, { template: parts.join("") })),
  each: fc
    .tuple(arbitraryScalar, fc.boolean(), fc.boolean(), fc.boolean(), fc.nat(3))
    .chain(([from, isArray, ...rest]) => likeType(from, 1).map((to) => [from, to, isArray, ...rest] as const))
    .map(([from, to, isArray, optional, targetOptional, dice]) => {
      const list = (type: Type): Type => (isArray ? { kind: "array", items: type } : { kind: "map", values: type });
      const items = dice < 2 ? "$" : { from: "$", parse: kindOf(to), otherwise: literalOf(to) };
      const nested = dice === 1 ? { each: "$", with: items } : items;
      const wrap = (type: Type): Type => list(dice === 1 ? { kind: "array", items: type } : type);
      return caseOf(wrap(from), wrap(to), optional, targetOptional, { each: "$a", with: nested });
    }),
  with: arbitraryRecord(2)
    .chain((from) => fc.tuple(fc.constant(from), likeType(from, 2), fc.boolean(), fc.boolean(), fc.boolean()))
    .map(([from, to, optional, targetOptional, hasOther]) =>
      caseOf(from, to, optional, targetOptional, {
        from: "$a",
        with: {},
        ...(hasOther && optional ? { otherwise: literalOf(to) } : {}),
      }),
    ),
  fields: arbitraryRecord(2)
    .chain((from) => likeType(from, 2).map((to) => [from, to] as const))
    .map(
      ([from, to]) => [recordOf([fieldOf("x", from)]), recordOf([fieldOf("x", to)]), { x: { fields: {} } }] as const,
    ),
};

const any: fc.Arbitrary<Case> = fc
  .oneof(
    fc.tuple(arbitraryRecord(2), arbitraryRecord(2)),
    arbitraryRecord(2).chain((source) => fc.tuple(fc.constant(source), likeType(source, 2))),
  )
  .chain(([source, target]) => {
    const wanted = target.kind === "record" ? target : source;
    return fc.tuple(fc.constant(source), fc.constant(wanted), arbitraryFields(wanted, source, 2));
  });

const longs = ["number", "bigint"] as const;
const cases = Object.entries({ ...operators, any }).flatMap(([operator, cases]) =>
  longs.map((long) => ({ operator, cases, long })),
);

describe("a mapping that is accepted gives a valid value for every valid one, run as it is generated", () => {
  it.each(cases)("$operator, with long as $long", { timeout: 120_000 }, ({ cases, long }) => {
    let accepted = 0;
    fc.assert(
      fc.property(cases, fc.nat(), ([source, target, mapping], seed) => {
        const context: MappingContext = {
          source,
          sourceName: "version 1",
          targetName: "version 2",
          use: "upcast",
          long,
          aggregateKey: { kind: "uuid" },
        };
        const { expression, diagnostics } = checkRecordMapping(mapping, target, [], place, context);
        expect(expression === undefined).toBe(diagnostics.some((one) => one.severity === "error"));
        for (const one of diagnostics) expect(`${one.message} ${one.help}`).not.toMatch(/undefined,|\[object|NaN/);
        if (expression === undefined) return;
        accepted++;
        expect(javascriptOf(expression, long, true)).toBe(javascriptOf(expression, long, false));
        const run = evaluator(expression, source, target, long);
        for (const value of fc.sample(arbitraryOf(source, long), { numRuns: 4, seed })) {
          const result = run(value);
          expect(result).toBeDefined();
          expect(problemOf(result ?? null, target, long)).toBeUndefined();
        }
      }),
      { numRuns: runs },
    );
    expect(accepted).toBeGreaterThan(runs / 50);
  });
});

const runs = Number(process.env["MAPPING_RUNS"] ?? 200);
const place = { file: "model.yaml", path: ["upcast"] };
