import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { order } from "../../generated/typescript/order.js";
import { type Codec, createCodec, schemaOf, type TopicDefinition } from "../../src/runtime/index.js";
import { type EveryType, everyType } from "../runtime/every-type.js";
import { useBroker, usePython } from "./broker.js";
import { asRead, events, header } from "./sample-orders.js";

const broker = useBroker();
const python = usePython();
const work = mkdtempSync(join(tmpdir(), "evgen-wire-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const pack = (payloads: readonly Buffer[]): Buffer =>
  Buffer.concat(
    payloads.flatMap((payload) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(payload.length);
      return [length, payload];
    }),
  );
const unpack = (all: Buffer): readonly Buffer[] => {
  const payloads: Buffer[] = [];
  for (let at = 0; at < all.length; ) {
    const length = all.readUInt32BE(at);
    payloads.push(all.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return payloads;
};
const records = (text: string): readonly unknown[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
const eventOf = (codec: Codec, payload: Buffer): unknown => {
  const decoded = codec.decode(payload);
  if (decoded.kind !== "events") throw new Error(JSON.stringify(decoded));
  return decoded.events[0];
};
const avscOf = (topic: TopicDefinition, name: string): string => {
  const file = join(work, name);
  writeFileSync(file, schemaOf(topic).schema);
  return file;
};

describe("fastavro", () => {
  it("reads our payloads with the generated .avsc, field by field, and writes the same bytes", async () => {
    const codec = await createCodec({ topic: order.topic, aggregates: [order] });
    const payloads = events.map(([definition, one, data]) => codec.encode(definition, one, data));
    const [from, to] = [join(work, "orders"), join(work, "orders.again")];
    writeFileSync(from, pack(payloads));
    const avsc = fileURLToPath(new URL("../../generated/schemas/orders.avsc", import.meta.url));
    expect(records(await python.run("avro.py", avsc, from, to))).toEqual(asRead(true));
    const again = unpack(readFileSync(to));
    expect(again).toEqual(payloads);
    expect(again.map((payload) => eventOf(codec, payload))).toEqual(events.map(([, one, data]) => ({ ...one, data })));
  });

  it("reads a field of every type, and writes the same bytes", async () => {
    const { topic, event, aggregate } = everyType("avro", "number");
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    const most = values("max");
    const payloads = [values("min"), most].map((value) =>
      codec.encode(event, { ...header("EveryType", 1), aggregateId: "k" }, value),
    );
    const [from, to] = [join(work, "every"), join(work, "every.again")];
    writeFileSync(from, pack(payloads));
    const [, last] = records(await python.run("avro.py", avscOf(topic, "every.avsc"), from, to));
    expect(unpack(readFileSync(to))).toEqual(payloads);
    expect(last).toMatchObject({
      data: [
        "a.b.EveryTypeV1",
        {
          text: most.text,
          flag: true,
          small: 2_147_483_647,
          big: Number.MAX_SAFE_INTEGER,
          single: 0.5,
          real: Number.MAX_VALUE,
          money: { $decimal: most.money },
          whole: { $decimal: "99999" },
          id: most.id,
          day: { $date: "9999-12-31" },
          at: { $millis: Date.parse("9999-12-31T23:59:59.999Z") },
          blob: { $bytes: "00ff10" },
          any: JSON.stringify(most.any),
          color: "green",
          odd: "``${}",
          list: [[1, -1], []],
          map: { a: ["b"], "": [] },
          tree: { name: "t", children: [{ name: "u", children: [] }] },
          pay: ["a.b.Card", { number: "1", next: ["a.b.Cash", { amount: -0.1 }] }],
          maybePay: ["a.b.Cash", { amount: 0 }],
          maybe: "",
          maybeReal: 1e-300,
          first_name_: "n",
        },
      ],
    });
    const decoded = unpack(readFileSync(to)).map((payload) => eventOf(codec, payload));
    expect(decoded).toMatchObject([{ data: values("min") }, { data: most }]);
  });
});

describe("the official Python client", () => {
  const tenant = `wire-${process.pid}`;
  beforeAll(async () => {
    await broker.rest("PUT", `tenants/${tenant}`, { adminRoles: [], allowedClusters: ["standalone"] });
    await broker.rest("PUT", `namespaces/${tenant}/sales`);
    await broker.rest("PUT", `namespaces/${tenant}/sales/schemaCompatibilityStrategy`, "BACKWARD_TRANSITIVE");
    await broker.rest("POST", `namespaces/${tenant}/sales/isAllowAutoUpdateSchema`, false);
    await broker.rest("POST", `namespaces/${tenant}/sales/schemaValidationEnforced`, true);
  });

  it.each(["AVRO", "JSON"] as const)(
    "takes our events and we take its, on a topic that only knows the registered envelope: %s",
    async (type) => {
      const name = type.toLowerCase();
      const topic = { ...order.topic, encoding: type === "AVRO" ? "avro" : "json" } as const;
      const codec = await createCodec({ topic, aggregates: [{ ...order, topic }] });
      await broker.rest("PUT", `persistent/${tenant}/sales/${name}`);
      const payload = JSON.parse(
        readFileSync(new URL("../../generated/schemas/orders.payload.json", import.meta.url), "utf8"),
      ) as object;
      await broker.rest("POST", `schemas/${tenant}/sales/${name}/schema`, { ...payload, type });

      const payloads = events.map(([definition, one, data]) => codec.encode(definition, one, data));
      const [from, to] = [join(work, name), join(work, `${name}.again`)];
      writeFileSync(from, pack(payloads));
      const url = `persistent://${tenant}/sales/${name}`;
      const avsc = avscOf(order.topic, `${name}.avsc`);
      const values = records(await python.run("client.py", broker.serviceUrl, url, type, avsc, from, to));
      if (type === "AVRO") expect(values).toEqual(asRead(false));
      else expect(values).toEqual(payloads.map((one) => JSON.parse(one.toString()) as unknown));

      const again = unpack(readFileSync(to));
      expect(again.length).toBe(events.length);
      if (type === "AVRO") expect(again).toEqual(payloads);
      expect(again.map((one) => eventOf(codec, one))).toEqual(events.map(([, one, data]) => ({ ...one, data })));
    },
  );
});

/** The smallest and the largest of each type. */
const values = (end: "min" | "max"): EveryType =>
  end === "min"
    ? {
        text: "",
        flag: false,
        small: -2_147_483_648,
        big: -Number.MAX_SAFE_INTEGER,
        single: -0.5,
        real: -Number.MIN_VALUE,
        money: `-${"9".repeat(34)}.99`,
        whole: "-99999",
        id: "00000000-0000-4000-8000-000000000000",
        day: "0001-01-01",
        at: "0001-01-01T00:00:00.000Z",
        blob: new Uint8Array(),
        any: null,
        color: "red",
        odd: "",
        list: [],
        map: {},
        tree: { name: "", children: [] },
        pay: { kind: "Cash", amount: 0 },
        "first-name\u2028": "",
      }
    : {
        text: "é\u0000\u2028😀",
        flag: true,
        small: 2_147_483_647,
        big: Number.MAX_SAFE_INTEGER,
        single: 0.5,
        real: Number.MAX_VALUE,
        money: `${"9".repeat(34)}.99`,
        whole: "99999",
        id: "ffffffff-ffff-4fff-bfff-ffffffffffff",
        day: "9999-12-31",
        at: "9999-12-31T23:59:59.999Z",
        blob: new Uint8Array([0, 255, 16]),
        any: { a: [1, null, "\u2028"] },
        color: "green",
        odd: "``${}",
        list: [[1, -1], []],
        map: { a: ["b"], "": [] },
        tree: { name: "t", children: [{ name: "u", children: [] }] },
        pay: { kind: "Card", number: "1", next: { kind: "Cash", amount: -0.1 } },
        maybePay: { kind: "Cash", amount: 0 },
        maybe: "",
        maybeReal: 1e-300,
        "first-name\u2028": "n",
      };
