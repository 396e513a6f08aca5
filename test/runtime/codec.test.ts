import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Codec, createCodec, type EventHeader, ValidationFailed } from "../../src/runtime/index.js";
import { definitionOf } from "../../src/runtime/shape.js";
import { type EveryType, everyType, type Pay, type Tree } from "./every-type.js";
import { plainAvro } from "./plain-avro.js";

const text = fc.string({ unit: "grapheme" });
const int = fc.integer();
const timestamp = fc
  .date({ min: new Date("0001-01-01T00:00:00.000Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true })
  .map((date) => date.toISOString());
const decimal = (digits: number, scale: number) => {
  const most = 10n ** BigInt(digits) - 1n;
  return fc.bigInt({ min: -most, max: most }).map((unscaled) => {
    const sign = unscaled < 0n ? "-" : "";
    const all = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
    return scale === 0 ? `${sign}${all}` : `${sign}${all.slice(0, -scale)}.${all.slice(-scale)}`;
  });
};
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const json = fc.jsonValue({ maxDepth: 3 }).filter((one) => !JSON.stringify(one).includes("__proto__"));
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    name: text,
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie("tree"), { maxLength: 2 })),
  }),
}));
const cash = fc.record({ kind: fc.constant("Cash" as const), amount: double });
const { pay } = fc.letrec<{ pay: Pay }>((tie) => ({
  pay: fc.oneof(
    { depthIdentifier: "pay", depthSize: "small" },
    cash,
    fc.record(
      { kind: fc.constant("Card" as const), number: text, next: tie("pay") },
      { requiredKeys: ["kind", "number"] },
    ),
  ),
}));

const value = (long: "number" | "bigint"): fc.Arbitrary<EveryType> =>
  fc.record(
    {
      text,
      flag: fc.boolean(),
      small: int,
      big: long === "bigint" ? fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) : fc.maxSafeInteger(),
      single: fc.float({ noNaN: true, noDefaultInfinity: true }),
      real: double,
      money: decimal(36, 2),
      whole: decimal(5, 0),
      id: fc.uuid(),
      day: timestamp.map((one) => one.slice(0, 10)),
      at: timestamp,
      blob: fc.uint8Array({ maxLength: 100 }),
      any: json,
      color: fc.constantFrom("red" as const, "green" as const),
      odd: fc.constantFrom("a b" as const, "``${}" as const, "" as const),
      list: fc.array(fc.array(int, { maxLength: 4 }), { maxLength: 4 }),
      map: fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        fc.array(text, { maxLength: 2 }),
        { noNullPrototype: true },
      ),
      tree,
      pay,
      maybePay: pay,
      maybe: text,
      maybeReal: double,
      maybeAny: fc.oneof(fc.constant(null), json),
      hollow: fc.array(fc.constant({ nothing: {} }), { maxLength: 5 }),
      "first-name\u2028": text,
    },
    {
      requiredKeys: [
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
    },
  ) as fc.Arbitrary<EveryType>;

const header: EventHeader = {
  id: "e1",
  type: "EveryType",
  version: 1,
  aggregateId: "k",
  sequence: 7,
  time: "2026-01-05T10:00:00.123Z",
  correlationId: "c",
  metadata: { tenant: "é" },
};

const decoded = (codec: Codec, payload: Buffer) => {
  const result = codec.decode(payload);
  if (result.kind !== "events") throw new Error(JSON.stringify(result));
  return result.events[0];
};

describe.each(["avro", "json"] as const)("the %s encoding", (encoding) => {
  it.each(["number", "bigint"] as const)("gives back every valid value, with longs as %s", async (long) => {
    const { topic, event, aggregate } = everyType(encoding, long, true);
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    fc.assert(
      fc.property(value(long), (data) => {
        expect(decoded(codec, codec.encode(event, header, data))).toEqual({ ...header, data });
      }),
      { numRuns: 300 },
    );
  });

  it("refuses what no payload can carry, and says where", async () => {
    const { topic, event, aggregate } = everyType(encoding, "number", true);
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    const [base] = fc.sample(value("number"), { numRuns: 1, seed: 1 }) as [EveryType];
    const problems = (change: Record<string, unknown>) => {
      try {
        codec.encode(event, header, { ...base, ...change });
        return [];
      } catch (error) {
        if (!(error instanceof ValidationFailed)) throw error;
        return error.problems.map((problem) => problem.pointer);
      }
    };
    expect(problems({})).toEqual([]);
    expect(problems({ text: "half \ud800" })).toEqual(["/text"]);
    expect(problems({ "first-name\u2028": "\udc00" })).toEqual(["/first-name\u2028"]);
    expect(problems({ map: { "a/b": ["\ud800"] } })).toEqual(["/map/a~1b/0"]);
    expect(problems({ map: JSON.parse('{"__proto__": ["x"]}') })).toEqual(["/map"]);
    expect(problems({ map: { "\ud800": [] } })).toHaveLength(1);
    expect(problems({ big: 2 ** 53 })).toEqual(["/big"]);
    expect(problems({ small: 2 ** 31 })).toEqual(["/small"]);
    expect(problems({ small: 1.5 })).toEqual(["/small"]);
    expect(problems({ real: Number.NaN })).toEqual(["/real"]);
    expect(problems({ real: Number.POSITIVE_INFINITY })).toEqual(["/real"]);
    expect(problems({ single: 0.1 })).toEqual(["/single"]);
    expect(problems({ money: "1.0" })).toEqual(["/money"]);
    expect(problems({ money: "-0.00" })).toEqual(["/money"]);
    expect(problems({ whole: "100000" })).toHaveLength(1);
    expect(problems({ day: "2026-02-29" })).toEqual(["/day"]);
    expect(problems({ day: "0000-01-01" })).toEqual(["/day"]);
    expect(problems({ at: "2026-01-01T00:00:00Z" })).toEqual(["/at"]);
    expect(problems({ id: "A0000000-0000-0000-0000-000000000000" })).toEqual(["/id"]);
    expect(problems({ blob: "text" })).toEqual(["/blob"]);
    expect(problems({ blob: new Uint8Array(101) })).toEqual(["/blob"]);
    expect(problems({ any: { a: undefined } })).toEqual(["/any"]);
    expect(problems({ any: Number.NaN })).toEqual(["/any"]);
    expect(problems({ any: new Date() })).toEqual(["/any"]);
    expect(problems({ any: JSON.parse(`${"[".repeat(2000)}${"]".repeat(2000)}`) })).toEqual(["/any"]);
    expect(problems({ color: "blue" })).toEqual(["/color"]);
    expect(problems({ unknown: 1 })).toEqual([""]);
    expect(problems({ pay: { kind: "Gold" } })).toEqual(["/pay"]);
    expect(problems({ text: 1, flag: 2 })).toEqual(["/text", "/flag"]);
    let deep: Tree = { name: "", children: [] };
    for (let i = 0; i < 100_000; i++) deep = { name: "", children: [deep] };
    expect(problems({ tree: deep })).toHaveLength(1);
  });

  it("never throws because of a payload", async () => {
    const { topic, event, aggregate } = everyType(encoding, "bigint", true);
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    const [data] = fc.sample(value("bigint"), { numRuns: 1, seed: 3 }) as [EveryType];
    const payload = codec.encode(event, header, data);
    fc.assert(
      fc.property(fc.nat(payload.length), fc.uint8Array({ maxLength: 20 }), (at, noise) => {
        const broken = Buffer.concat([payload.subarray(0, at), noise, payload.subarray(at + noise.length)]);
        expect(["events", "invalid", "unknown-type", "newer-version"]).toContain(codec.decode(broken).kind);
      }),
      { numRuns: 2000 },
    );
    for (let length = 0; length < payload.length; length++) {
      expect(codec.decode(payload.subarray(0, length)).kind).toBe("invalid");
    }
    expect(codec.decode(Buffer.concat([payload, Buffer.from("x")])).kind).toBe("invalid");
  });
});

describe("the Avro encoding", () => {
  it.each(["number", "bigint"] as const)("is what avsc itself writes and reads, with longs as %s", async (long) => {
    const { topic, event, aggregate } = everyType("avro", long, true);
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    const { type, wireOf } = plainAvro(definitionOf(topic));
    fc.assert(
      fc.property(value(long), (data) => {
        const plain = wireOf({ ...header, data: { kind: "EveryTypeV1", ...data } });
        const payload = codec.encode(event, header, data);
        expect(type.toBuffer(plain)).toEqual(payload);
        // Through its JSON, since what avsc reads are instances of classes.
        expect(type.toString(type.fromBuffer(payload))).toEqual(type.toString(plain));
        expect(decoded(codec, type.toBuffer(plain))).toEqual({ ...header, data });
      }),
      { numRuns: 200 },
    );
  });

  it("writes payloads of any length, none over another", async () => {
    const { topic, event, aggregate } = everyType("avro", "number", true);
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    const { type, wireOf } = plainAvro(definitionOf(topic));
    const [sample] = fc.sample(value("number"), { numRuns: 1, seed: 1 }) as [EveryType];
    const rest = codec.encode(event, header, { ...sample, text: "x".repeat(100) }).length - 100;
    const around = (length: number) => Array.from({ length: 21 }, (_, at) => length - rest - 10 + at);
    const all = [0, 1, 2000, ...around(4096), ...around(8192), 100_000, 5].map((length) => {
      const data = { ...sample, text: "x".repeat(length) };
      return { data, payload: codec.encode(event, header, data) };
    });
    for (const { data, payload } of all)
      expect(payload.equals(type.toBuffer(wireOf({ ...header, data: { kind: "EveryTypeV1", ...data } })))).toBe(true);
  });

  it("reads arrays and maps in blocks, with and without their size in bytes", async () => {
    const { topic, event, aggregate } = everyType("avro", "number", true);
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    const [data] = fc.sample(value("number"), { numRuns: 1, seed: 1 }) as [EveryType];
    const tail = Buffer.from([0, 0, 0, 0, 0, 0]);
    const payload = codec.encode(event, { ...header, metadata: {} }, { ...data, hollow: [{ nothing: {} }] });
    // One item without bytes, as a block of one: 2 0. In two blocks, the first with its size, which is none: 1 0 2 0.
    expect(payload.subarray(-2)).toEqual(Buffer.from([2, 0]));
    const blocks = Buffer.concat([payload.subarray(0, -2), Buffer.from([1, 0, 2, 0])]);
    expect(decoded(codec, blocks)?.data).toEqual({ ...data, hollow: [{ nothing: {} }, { nothing: {} }] });
    expect(codec.decode(Buffer.concat([blocks, tail])).kind).toBe("invalid");
  });

  it("is not led by a length to hang or to fill the memory", async () => {
    const { topic, aggregate } = everyType("avro", "number", true);
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    const text = (value: string) => Buffer.concat([Buffer.from([value.length * 2]), Buffer.from(value)]);
    const head = Buffer.concat([text("e1"), text("EveryType"), Buffer.from([2]), text("k"), Buffer.from([0, 0, 0, 0])]);
    const huge = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect(codec.decode(Buffer.concat([head, huge])).kind).toBe("invalid");
    expect(codec.decode(Buffer.concat([huge, head])).kind).toBe("invalid");
  });
});

describe("the JSON encoding", () => {
  it("is the record as plain JSON", async () => {
    const { topic, event, aggregate } = everyType("json", "bigint", true);
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    const [sample] = fc.sample(value("bigint"), { numRuns: 1, seed: 5 }) as [EveryType];
    const data = { ...sample, big: 2n ** 63n - 1n, blob: new Uint8Array([1, 2]), real: -0, any: { n: [-0, "#"] } };
    const payload = codec.encode(event, header, data).toString("utf8");
    expect(payload).toContain('"big":9223372036854775807,');
    expect(payload).toContain('"blob":"AQI="');
    expect(payload).toContain('"real":-0,');
    expect(payload).toContain('"any":{"n":[-0,"#"]}');
    const raw = JSON.parse(payload);
    expect(raw.time).toBe(Date.parse(header.time));
    expect(raw.data.at).toBe(data.at);
    expect(decoded(codec, Buffer.from(payload))).toEqual({ ...header, data });
  });

  it("reads what typed clients write: null for what is absent, times as numbers, a time as text", async () => {
    const { topic, event, aggregate } = everyType("json", "number", true);
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    const [data] = fc.sample(value("number"), { numRuns: 1, seed: 5 }) as [EveryType];
    const raw = JSON.parse(codec.encode(event, header, data).toString("utf8"));
    raw.sequence = null;
    raw.time = header.time;
    raw.data.maybe = null;
    raw.data.maybePay = null;
    raw.data.at = Date.parse(data.at);
    const event1 = decoded(codec, Buffer.from(JSON.stringify(raw)));
    expect(event1).toEqual({
      ...header,
      sequence: undefined,
      data: { ...data, maybe: undefined, maybePay: undefined },
    });
  });
});
