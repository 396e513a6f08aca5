import avsc from "avsc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AggregateDefinition, createCodec, type EventHeader } from "../../src/runtime/index.js";
import { everyType, headerFields } from "./every-type.js";
import { plainAvro } from "./plain-avro.js";

const header: EventHeader = {
  id: "e1",
  type: "EveryType",
  version: 1,
  aggregateId: "k",
  time: "2026-01-05T10:00:00.123Z",
  metadata: { tenant: "é" },
};
const data = {
  text: "é",
  flag: true,
  small: -1,
  single: 0.5,
  real: 2.5,
  money: "-12.50",
  whole: "77",
  id: "00000000-0000-4000-8000-000000000000",
  day: "2026-02-28",
  at: "2026-01-05T10:00:00.123Z",
  blob: new Uint8Array([0, 255]),
  any: { a: [1, null, { b: "c" }] },
  color: "green" as const,
  odd: "a b" as const,
  list: [[1, 2], [], [3]],
  map: { a: ["x"], b: [] },
  tree: { name: "t", children: [{ name: "u", children: [] }] },
  pay: { kind: "Card" as const, number: "1", next: { kind: "Cash" as const, amount: 1 } },
  maybePay: { kind: "Cash" as const, amount: 2 },
  maybe: "m",
  maybeReal: 1.5,
  maybeAny: [null],
  hollow: [{ nothing: {} }],
  "first-name\u2028": "n",
};
const open = async (encoding: "avro" | "json", long: "number" | "bigint") => {
  const { topic, event, aggregate } = everyType(encoding, long, true);
  const codec = await createCodec({ topic, aggregates: [aggregate] });
  const whole = { ...data, big: long === "bigint" ? 2n ** 60n : 2 ** 40 };
  return { topic, event, codec, whole, payload: codec.encode(event, header, whole) };
};
const kinds = ["events", "invalid", "unknown-type", "newer-version"];

/** Milliseconds that decoding takes, which must end, and grow no faster than the payload. */
type Mutation = { readonly at: number; readonly remove: number; readonly insert: Uint8Array };
const mutations = (length: number): fc.Arbitrary<Mutation[]> =>
  fc.array(
    fc.record({
      at: fc.nat(length),
      remove: fc.nat(8),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 12 }),
        // What lengths, counts and branches are made of.
        fc.constantFrom(1, 3, 255, 254, 128).map((byte) => new Uint8Array([byte])),
        fc.nat(12).map((size) => new Uint8Array([...new Uint8Array(size).fill(255), 15])),
        fc
          .constantFrom('"', "[", "{", "null", "-0", "1e400", "12345678901234567890", "\\u0000", '"__proto__":')
          .map((text) => new Uint8Array(Buffer.from(text))),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  );
const mutated = (payload: Buffer, changes: readonly Mutation[]) =>
  changes.reduce(
    (bytes, { at, remove, insert }) => Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]),
    payload,
  );

describe.each([
  ["avro", "number"],
  ["avro", "bigint"],
  ["json", "number"],
  ["json", "bigint"],
] as const)("a payload in %s that was changed on its way, with longs as %s", (encoding, long) => {
  it("is told what it is, and what is read of it can be written and read again", async () => {
    const { codec, event, payload } = await open(encoding, long);
    fc.assert(
      fc.property(mutations(payload.length), (changes) => {
        const result = codec.decode(mutated(payload, changes));
        expect(kinds).toContain(result.kind);
        const [found] = result.kind === "events" ? result.events : [];
        if (found === undefined) return;
        expect(codec.decode(codec.encode(event, found, found.data))).toEqual(result);
      }),
      {
        numRuns: 3000,
        // lengths that take more bytes than they need
        examples: [
          [
            [
              { at: 38, remove: 5, insert: Uint8Array.from([254]) },
              { at: 48, remove: 0, insert: Uint8Array.from([34]) },
            ],
          ],
        ],
      },
    );
  });

  it("is read in no more than a moment, whatever it says of its lengths", async () => {
    const { codec, payload } = await open(encoding, long);
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < payload.length; at++) {
      const bytes = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f]);
      codec.decode(Buffer.concat([payload.subarray(0, at), bytes, payload.subarray(at)]));
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000_000);
  });
});

describe("an Avro payload", () => {
  it("with a branch that is negative, or another than its header says, is invalid", async () => {
    const { codec, topic } = await open("avro", "number");
    const { type } = plainAvro({ type: "record", name: "Head", namespace: "a.b", fields: headerFields });
    const head = (version: number) =>
      type.toBuffer({ ...header, version, sequence: null, time: 0n, correlationId: null, causationId: null });
    const long = (value: number) => avsc.Type.forSchema("long").toBuffer(value);
    const kindOf = (version: number, branch: number) => codec.decode(Buffer.concat([head(version), long(branch)])).kind;
    expect(topic.envelope).toMatchObject({ name: "EveryEvent" });
    expect(kindOf(1, -1)).toBe("invalid");
    expect(kindOf(2, -1)).toBe("invalid");
    expect(kindOf(1, 1)).toBe("invalid");
    expect(kindOf(2, 1)).toBe("newer-version");
    expect(kindOf(0, 1)).toBe("invalid");
    expect(kindOf(-1, 1)).toBe("invalid");
  });

  it("cannot ask for more items without bytes than there is room for, by nesting them", async () => {
    const empty = { type: "record", name: "Empty", fields: [] };
    const items = { type: "array", items: { type: "array", items: empty } };
    const branch = { type: "record", name: "EveryTypeV1", fields: [{ name: "items", type: items }] };
    const topic = {
      ...everyType("avro", "number").topic,
      envelope: {
        type: "record",
        name: "E",
        namespace: "a.b",
        fields: [...headerFields, { name: "data", type: [branch] }],
      },
    };
    const event = { type: "EveryType", versions: [{ schema: { type: "object" } }] };
    const aggregate: AggregateDefinition = { name: "A", key: { name: "id", schema: {} }, topic, events: [event] };
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    const start = codec.encode(event, header, { items: [] }).subarray(0, -1);
    const long = (value: number) => avsc.Type.forSchema("long").toBuffer(value);
    const many = Buffer.concat([long(900_000), long(0)]);
    const payload = Buffer.concat([start, long(1000), ...Array<Buffer>(1000).fill(many), long(0)]);
    expect(codec.decode(payload).kind).toBe("invalid");
    expect(codec.decode(codec.encode(event, header, { items: [[{}, {}], [], [{}]] }))).toMatchObject({
      events: [{ data: { items: [[{}, {}], [], [{}]] } }],
    });
  });
});

describe("a JSON payload with large integers", () => {
  const payloadOf = async (change: (text: string) => string) => {
    const { codec, payload } = await open("json", "bigint");
    return { codec, payload: Buffer.from(change(payload.toString("utf8"))) };
  };

  it("is refused where they stand for something that is no integer", async () => {
    const digits = "12345678901234567890";
    for (const [from, to] of [
      ['"text":"é"', `"text":${digits}`],
      ['"id":"e1"', `"id":${digits}`],
      ['"aggregateId":"k"', `"aggregateId":${digits}`],
      ['"tenant":"é"', `"tenant":${digits}`],
      ['"maybe":"m"', `"maybe":${digits}`],
      ['{"a":["x"],"b":[]}', digits],
      ['"list":[[1,2],[],[3]]', `"list":${digits}`],
      ['"small":-1', `"small":${digits}`],
      ['"day":"2026-02-28"', `"day":${digits}`],
      ['"time":1767607200123', `"time":${digits}`],
      ["1152921504606846976", "9223372036854775808"],
      ["1152921504606846976", "9".repeat(100_000)],
    ] as const) {
      const { codec, payload } = await payloadOf((text) => text.replace(from, to));
      expect([to, codec.decode(payload).kind]).toEqual([to, "invalid"]);
    }
  });

  it("keeps them where they belong, and takes no text for one", async () => {
    const read = async (from: string, to: string) => {
      const { codec, payload } = await payloadOf((text) => text.replace(from, to));
      const result = codec.decode(payload);
      if (result.kind !== "events") throw new Error(JSON.stringify(result));
      return result.events[0] as unknown as { sequence?: number; data: typeof data & { big: bigint } };
    };
    expect((await read("1152921504606846976", "-9223372036854775808")).data.big).toBe(-(2n ** 63n));
    expect((await read('"real":2.5', '"real":100000000000000000000')).data.real).toBe(1e20);
    expect((await read('"maybeAny":[null]', '"maybeAny":12345678901234567890')).data.maybeAny).toBe(
      Number("12345678901234567890"),
    );
    const nested = '"maybeAny":{"a":[12345678901234567890,"\\u002312345678901234567890","\\"1234567890123456789"]}';
    expect((await read('"maybeAny":[null]', nested)).data.maybeAny).toEqual({
      a: [Number("12345678901234567890"), "#12345678901234567890", '"1234567890123456789'],
    });
    expect((await read('"version":1', '"version":1,"sequence":1000000000000000')).sequence).toBe(10 ** 15);
  });

  it("is read in a moment, however it is written and however long", async () => {
    const long = "x".repeat(4_000_000);
    for (const text of [long, "\\\\".repeat(2_000_000), '\\"'.repeat(2_000_000), "#n".repeat(2_000_000)]) {
      const { codec, payload } = await payloadOf((whole) => whole.replace('"text":"é"', `"text":"${text}"`));
      expect(codec.decode(payload).kind).toBe("events");
    }
    for (const text of [
      `"${'\\"'.repeat(2_000_000)}`,
      '"'.repeat(4_000_001),
      "-".repeat(4_000_000),
      "1".repeat(4_000_000),
    ]) {
      const { codec, payload } = await payloadOf((whole) => `${whole}${text}`);
      expect(codec.decode(payload).kind).toBe("invalid");
    }
  });
});

describe.each(["avro", "json"] as const)("a field of the type json that may be absent, in %s", (encoding) => {
  it("tells null from what is not there", async () => {
    const { codec, event, whole } = await open(encoding, "number");
    const read = (maybeAny: unknown) => {
      const result = codec.decode(codec.encode(event, header, { ...whole, maybeAny }));
      const [found] = result.kind === "events" ? result.events : [];
      return (found?.data as { maybeAny?: unknown } | undefined)?.maybeAny;
    };
    expect([read(null), read(undefined), read([null]), read(0)]).toEqual([null, undefined, [null], 0]);
  });
});
