import * as fc from "fast-check";
import type { JsonValue } from "../src/model/type.js";

/** A whole model in the language of docs/model.md, as data. JSON is YAML: `JSON.stringify` makes a file of it. */
export type ModelSource = { readonly [key: string]: JsonValue };

/**
 * Models that are sound by construction: types that refer to each other and to themselves, events of one to four
 * versions with an upcast for every step, retired events, commands, consumers and projections. Names are awkward but
 * legal; descriptions and the values of enums are hostile. `aggregates` is how many there are at most.
 */
export const arbitraryModel = (size: { readonly aggregates?: number } = {}): fc.Arbitrary<ModelSource> =>
  fc
    .record({
      pool: typePools(),
      long: fc.constantFrom("number", "bigint"),
      count: fc.integer({ min: 1, max: size.aggregates ?? 2 }),
    })
    .chain(({ pool, long, count }) =>
      fc
        .record({
          settings: settings(long),
          aggregates: fc.tuple(...aggregateNames.slice(0, count).map((name, at) => aggregate(name, at, pool))),
          readers: fc.tuple(...aggregateNames.slice(0, count).map(() => reader())),
        })
        .map(({ settings: top, aggregates, readers }) => ({
          ...top,
          types: Object.fromEntries(pool.types),
          aggregates: Object.fromEntries(aggregates.map((one) => [one.name, one.source])),
          ...readersOf(aggregates, readers),
        })),
    );

/** Texts that break out of comments, quotes, templates and shells where somebody forgets about them. */
const hostileTexts: readonly string[] = [
  "",
  " ",
  "*/ throw new Error(`planted`); /*",
  "'\"`\u0024{1 + 1}`",
  "$(touch planted)",
  "`touch planted`; touch planted #",
  "line\nbreak\r\nand\u2028more\u2029",
  "\\",
  "</script><script>alert(1)</script>",
  "@deprecated {@link x} {{mustache}} %s $&",
  "__proto__",
  "constructor",
  "null",
  "😀 é \u202e\ufeff",
];
const text = (): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: "binary", maxLength: 20 }));

const aggregateNames = ["Order", "Class0", "HTTPCall"];
const eventNames = ["Placed", "Returned", "AsyncThing", "X", "Yield2", "ConstructorCalled"];
const typeNames = ["Money", "Address", "JsonSchema", "Uuid", "Item2", "Handlers"];
const fieldNames = [
  ..."id type data event class default function import x aB length name value version index key toDate arguments".split(
    " ",
  ),
  ..."v1 v2 functions self eval metadata time sequence aggregateId schema upcast item undefined let".split(" "),
];

/** Named types: how each is written, and which of them are records, whose values end. */
interface Pool {
  readonly types: readonly (readonly [string, JsonValue])[];
  readonly records: readonly string[];
}

const typePools = (): fc.Arbitrary<Pool> =>
  fc.shuffledSubarray([...typeNames], { minLength: 1, maxLength: 3 }).chain((records) => {
    const body = (at: number) => fieldsOf({ types: [], records }, records.slice(0, at));
    return fc
      .record({
        bodies: fc.tuple(...records.map((_, at) => body(at))),
        values: enumValues(),
        description: text(),
        members: fc.subarray(records, { minLength: 1 }),
      })
      .map(({ bodies, values, description, members }) => ({
        records,
        types: [
          ...records.map((name, at) => [name, { description, fields: sourceOf(bodies[at] ?? []) }] as const),
          ["Size", { enum: values, description }] as const,
          ["Code", { type: "string", pattern: "^[A-Z]{2,4}$" }] as const,
          ["Choice", { oneOf: members }] as const,
        ],
      }));
  });

const enumValues = (): fc.Arbitrary<string[]> => fc.uniqueArray(text(), { minLength: 1, maxLength: 4 });

/** A field, with a mapping that makes a value of it from nothing, where one is known. */
interface FieldSource {
  readonly name: string;
  readonly type: TypeSource;
  readonly optional: boolean;
  readonly notes: { readonly [key: string]: JsonValue };
}
interface TypeSource {
  readonly kind: string;
  readonly source: { readonly [key: string]: JsonValue };
  readonly literal?: JsonValue;
  /** The values of an enum that is written where it is used. */
  readonly values?: readonly string[];
}

const plain = (
  type: string,
  literal: JsonValue,
  constraints: { readonly [key: string]: JsonValue } = {},
): TypeSource => ({
  kind: type,
  source: { type, ...constraints },
  literal,
});

const simpleTypes: readonly TypeSource[] = [
  plain("string", ""),
  plain("string", "$$ {x} */"),
  plain("string", "ab", { minLength: 1, maxLength: 5 }),
  plain("string", "A-1", { pattern: "^[A-Z0-9-]{3,20}$" }),
  plain("boolean", false),
  plain("int", -1),
  plain("int", 3, { min: 1, max: 9 }),
  plain("long", 4294967296),
  plain("float", 0.5, { min: 0 }),
  plain("double", 0.1),
  plain("decimal(12, 2)", "10.00"),
  plain("decimal(3, 0)", "7", { min: "1" }),
  plain("uuid", "0f8fad5b-d9cb-469f-a165-70867728950e"),
  plain("date", "2024-02-29"),
  plain("timestamp", "2026-01-05T10:00:00Z"),
  plain("bytes", "AQID"),
  plain("json", { literal: { a: [null, 1, "$x"] } }),
  plain("int[]", { literal: [1, 2] }, { maxItems: 9 }),
  plain("map<string>", { literal: { constructor: "$x" } }),
  plain("timestamp[][]", { literal: [] }),
  plain("Code", "AB"),
];

/** `ended` are the records that a required field may be of: they do not contain the record that is being made. */
const types = (pool: Pool, ended: readonly string[], optional: boolean): fc.Arbitrary<TypeSource> => {
  const named = (type: string): TypeSource => ({ kind: type, source: { type } });
  const direct = (optional ? [...pool.records, "Choice"] : ended).map(named);
  const inside = pool.records.flatMap((name) => [named(`${name}[]`), named(`map<${name}>`)]);
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...simpleTypes) },
    { weight: 2, arbitrary: fc.constantFrom(...inside, named("Choice[]"), named("Size"), ...direct) },
    {
      weight: 2,
      arbitrary: enumValues().map((values) => ({
        ...{ kind: "enum", source: { enum: values }, values },
        literal: literalText(values[0] ?? ""),
      })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...simpleTypes).map((type) => ({
        kind: "record",
        source: { fields: { inner: type.source, "other?": "string" } },
        ...(type.literal === undefined ? {} : { literal: { fields: { inner: type.literal } } }),
      })),
    },
  );
};

const literalText = (value: string): string => (value.startsWith("$") ? `$${value}` : value);

const fieldsOf = (pool: Pool, ended: readonly string[]): fc.Arbitrary<readonly FieldSource[]> =>
  fc.uniqueArray(
    fc.boolean().chain((optional) => field(fc.constantFrom(...fieldNames), optional, pool, ended)),
    {
      selector: (one) => one.name,
      maxLength: 5,
    },
  );

const field = (
  name: fc.Arbitrary<string>,
  optional: boolean,
  pool: Pool,
  ended: readonly string[],
): fc.Arbitrary<FieldSource> =>
  fc.record({ name, type: types(pool, ended, optional), notes: notes() }).map((one) => ({ ...one, optional }));

const notes = (): fc.Arbitrary<{ readonly [key: string]: JsonValue }> =>
  fc.oneof(
    fc.constant({}),
    text().map((description) => ({ description })),
    fc.constant({ pii: true }),
    text().map((reason) => ({ deprecated: reason === "" ? true : reason })),
  );

const sourceOf = (fields: readonly FieldSource[]): ModelSource =>
  Object.fromEntries(
    fields.map((one) => [`${one.name}${one.optional ? "?" : ""}`, { ...one.type.source, ...one.notes }]),
  );

interface VersionSource {
  readonly fields: readonly FieldSource[];
  readonly source: ModelSource;
}

/** What a step to the next version does to a field; a field to which it cannot be done is kept. */
type Step = "keep" | "rename" | "drop" | "loosen" | "tighten" | "convert";

const steps: fc.Arbitrary<Step> = fc.constantFrom(
  "keep",
  "keep",
  "keep",
  "rename",
  "convert",
  "drop",
  "loosen",
  "tighten",
  "convert",
);

const versions = (pool: Pool): fc.Arbitrary<readonly VersionSource[]> =>
  fc
    .record({ first: fieldsOf(pool, pool.records), more: fc.integer({ min: 0, max: 3 }), description: text() })
    .chain(({ first, more, description }) => {
      const start: VersionSource = { fields: first, source: { description, fields: sourceOf(first) } };
      let all: fc.Arbitrary<readonly VersionSource[]> = fc.constant([start]);
      for (let i = 0; i < more; i++) {
        all = all.chain((before) => nextVersion(before.at(-1) ?? start, pool).map((next) => [...before, next]));
      }
      return all;
    });

const nextVersion = (last: VersionSource, pool: Pool): fc.Arbitrary<VersionSource> => {
  const free = fieldNames.filter((name) => !last.fields.some((one) => one.name === name));
  return fc
    .record({
      steps: fc.tuple(...last.fields.map(() => steps)),
      names: fc.shuffledSubarray(free, { minLength: last.fields.length + 2, maxLength: last.fields.length + 2 }),
      added: fc.tuple(
        field(fc.constant(""), true, pool, pool.records),
        field(fc.constant(""), false, pool, pool.records),
      ),
      adds: fc.tuple(fc.boolean(), fc.boolean()),
    })
    .map(({ steps: taken, names, added, adds }) => {
      const fields: FieldSource[] = [];
      const upcast: [string, JsonValue][] = [];
      const drop: string[] = [];
      for (const [at, one] of last.fields.entries()) {
        const done = takeStep(taken[at] ?? "keep", one, names[at] ?? one.name);
        if (done === undefined) drop.push(one.name);
        else fields.push(done.field);
        if (done?.mapping !== undefined) upcast.push([done.field.name, done.mapping]);
      }
      for (const [at, one] of added.entries()) {
        const name = names[last.fields.length + at];
        if (name === undefined || adds[at] !== true || (!one.optional && one.type.literal === undefined)) continue;
        fields.push({ ...one, name });
        if (!one.optional) upcast.push([name, one.type.literal as JsonValue]);
      }
      const mapping = { upcast: Object.fromEntries(upcast), ...(drop.length === 0 ? {} : { drop }) };
      return { fields, source: { fields: sourceOf(fields), ...mapping } };
    });
};

const takeStep = (
  step: Step,
  one: FieldSource,
  newName: string,
): { readonly field: FieldSource; readonly mapping?: JsonValue } | undefined => {
  const path = `$${one.name}`;
  switch (step) {
    case "drop":
      return undefined;
    case "rename":
      return { field: { ...one, name: newName }, mapping: path };
    case "loosen":
      return { field: { ...one, optional: true } };
    case "tighten": {
      const { literal } = one.type;
      if (!one.optional || literal === undefined) return { field: one };
      return { field: { ...one, optional: false }, mapping: { from: `${path}?`, otherwise: literal } };
    }
    case "convert": {
      const conversion = one.optional ? undefined : converted(one.type, path);
      return conversion === undefined
        ? { field: one }
        : { field: { ...one, type: conversion.type }, mapping: conversion.mapping };
    }
    case "keep":
      return { field: one };
  }
};

const converted = (
  type: TypeSource,
  from: string,
): { readonly type: TypeSource; readonly mapping: JsonValue } | undefined => {
  if (type.values !== undefined) {
    const values = type.values.map((_, at) => `member ${at}`);
    const map = Object.fromEntries(type.values.map((value, at) => [value, `member ${at}`]));
    return {
      type: { kind: "enum", source: { enum: values }, literal: values[0] ?? "", values },
      mapping: { from, map },
    };
  }
  const bounded = Object.keys(type.source).length > 1;
  switch (type.kind) {
    case "int":
      return { type: plain("string", ""), mapping: { from, as: "string" } };
    case "long":
      return { type: plain("decimal(38, 2)", "0.00"), mapping: { from, as: "decimal" } };
    case "boolean":
      return { type: plain("string", ""), mapping: { from, as: "string" } };
    case "decimal(12, 2)":
      return { type: plain("double", 0), mapping: { from, as: "double" } };
    case "timestamp":
      return { type: plain("date", "2026-01-05"), mapping: { from, as: "date" } };
    case "string":
      return bounded ? undefined : { type: plain("int", 0), mapping: { from, parse: "int", otherwise: 0 } };
    default:
      return undefined;
  }
};

interface EventSource {
  readonly name: string;
  readonly source: ModelSource;
  readonly retired: boolean;
}

const events = (prefix: string, pool: Pool): fc.Arbitrary<readonly EventSource[]> =>
  fc
    .array(fc.record({ versions: versions(pool), retired: fc.boolean(), description: text() }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((list) =>
      list.map((one, at): EventSource => {
        // the first one is not, so that there is something to become
        const retired = one.retired && at > 0;
        const becomes = retired ? becomingOf(one, list[0], `${prefix}${eventNames[0]}`) : [];
        return {
          name: `${prefix}${eventNames[at] ?? at}`,
          retired,
          source: {
            description: one.description,
            versions: Object.fromEntries(one.versions.map((version, index) => [index + 1, version.source])),
            ...(retired ? { retired, becomes } : {}),
          },
        };
      }),
    );

/** A mapping that makes all that a record needs of literals, where that is possible. */
const fromNothing = (fields: readonly FieldSource[]): ModelSource | undefined => {
  const needed = fields.filter((one) => !one.optional);
  return needed.every((one) => one.type.literal !== undefined)
    ? Object.fromEntries(needed.map((one) => [one.name, one.type.literal as JsonValue]))
    : undefined;
};

/** The first event of the aggregate, made of literals; nothing where that is not possible. */
const becomingOf = (
  one: { readonly versions: readonly VersionSource[] },
  first: { readonly versions: readonly VersionSource[] } | undefined,
  event: string,
): JsonValue => {
  const own = (one.versions.at(-1)?.fields ?? []).map((field) => field.name);
  const target = first?.versions.at(-1)?.fields ?? [];
  const map = fromNothing(target);
  // a field that both have would be copied, whether or not it fits
  const shared = target.some((field) => own.includes(field.name));
  return map === undefined || shared ? [] : [{ event, map, drop: own }];
};

interface AggregateSource {
  readonly name: string;
  readonly source: ModelSource;
  readonly events: readonly EventSource[];
}

const aggregate = (name: string, at: number, pool: Pool): fc.Arbitrary<AggregateSource> =>
  fc
    .record({
      events: events(name, pool),
      key: fc.constantFrom("uuid", "string", "Code"),
      topic: fc.constantFrom<JsonValue>("shared", { name: `own-${at}`, partitions: 0 }, { partitions: 3 }),
      state: fieldsOf(pool, pool.records),
      command: fieldsOf(pool, pool.records),
      description: text(),
    })
    .map(({ events: list, key, topic, state, command, description }) => {
      const emits = list.filter((one) => !one.retired).map((one) => one.name);
      return {
        ...{ name, events: list },
        source: {
          ...{ description, topic, key: { [`${name.toLowerCase()}Id`]: key } },
          events: Object.fromEntries(list.map((one) => [one.name, one.source])),
          state: { fields: sourceOf(state) },
          commands: { [`Do${name}`]: { description, fields: sourceOf(command), emits } },
        },
      };
    });

const settings = (long: string): fc.Arbitrary<ModelSource> =>
  fc
    .record({
      description: text(),
      encoding: fc.constantFrom("avro", "json"),
      validators: fc.constantFrom("compiled", "precompiled"),
    })
    .map(({ description, encoding, validators }) => ({
      ...{ evgen: 1, system: "shop", description, options: { long } },
      pulsar: { encoding, permissions: { "role-$(x)": ["consume"] } },
      generate: { validators },
    }));

interface ReaderSource {
  readonly subscription: string;
  readonly newer: string;
  readonly store: string;
  readonly reactions: readonly ("ignore" | "set" | "count" | "delete")[];
}

const reader = (): fc.Arbitrary<ReaderSource> =>
  fc.record({
    subscription: fc.constantFrom("exclusive", "failover", "key_shared"),
    newer: fc.constantFrom("park", "halt", "skip"),
    store: fc.constantFrom("memory", "postgres"),
    reactions: fc.array(fc.constantFrom("ignore", "set", "count", "delete"), { minLength: 3, maxLength: 3 }),
  });

const readersOf = (aggregates: readonly AggregateSource[], readers: readonly ReaderSource[]): ModelSource => {
  const consumers: [string, JsonValue][] = [];
  const projections: [string, JsonValue][] = [];
  for (const [at, { name, events: list }] of aggregates.entries()) {
    const { subscription, newer, store, reactions } = readers[at] ?? (readers[0] as ReaderSource);
    consumers.push([`${name}Mail`, { from: name, subscription, newer, retry: { attempts: 2, backoff: "1s..1m" } }]);
    const live = list.filter((one) => !one.retired);
    // the first event makes the row, so that there is one
    const on = live.map(
      (one, index) => [one.name, reaction(index === 0 ? "set" : (reactions[index] ?? "ignore"))] as const,
    );
    const fields = { "note?": "string", count: "int" };
    projections.push([`${name}View`, { from: name, store, subscription, fields, on: Object.fromEntries(on) }]);
  }
  return { consumers: Object.fromEntries(consumers), projections: Object.fromEntries(projections) };
};

const reaction = (kind: ReaderSource["reactions"][number]): JsonValue => {
  switch (kind) {
    case "ignore":
      return "ignore";
    case "delete":
      return "delete";
    case "set":
      return { set: { note: "*/ $$x", count: 0 } };
    case "count":
      return { increment: { count: 1 } };
  }
};
