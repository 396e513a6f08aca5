// What an event costs at run time: validation, encoding, decoding and upcasting against JSON.stringify, JSON.parse and
// plain avsc on the same data. Prints medians in nanoseconds and ratios; run it after `npm run compile`.
import avsc from "avsc";
import { createCodec } from "../dist/runtime/index.js";

const headerFields = [
  { name: "id", type: "string" },
  { name: "type", type: "string" },
  { name: "version", type: "int" },
  { name: "aggregateId", type: "string" },
  { name: "sequence", type: ["null", "long"], default: null },
  { name: "time", type: { type: "long", logicalType: "timestamp-millis" } },
  { name: "correlationId", type: ["null", "string"], default: null },
  { name: "causationId", type: ["null", "string"], default: null },
  { name: "metadata", type: { type: "map", values: "string" } },
];

const money = {
  type: "record",
  name: "Money",
  fields: [
    { name: "amount", type: { type: "bytes", logicalType: "decimal", precision: 12, scale: 2 } },
    { name: "currency", type: { type: "enum", name: "Currency", symbols: ["EUR", "USD", "GBP"] } },
  ],
};
const item = {
  type: "record",
  name: "Item",
  fields: [
    { name: "sku", type: "string" },
    { name: "quantity", type: "int" },
  ],
};
const fields = (customer, more) => [
  { name: customer, type: "string" },
  { name: "total", type: more.length === 0 ? money : "b.Money" },
  { name: "items", type: { type: "array", items: more.length === 0 ? item : "b.Item" } },
  { name: "channel", type: "string" },
  { name: "placedAt", type: { type: "long", logicalType: "timestamp-millis" } },
  { name: "express", type: "boolean" },
  { name: "weight", type: "double" },
  { name: "note", type: ["null", "string"], default: null },
  ...more,
];
const envelope = {
  type: "record",
  name: "BenchEvent",
  namespace: "b",
  fields: [
    ...headerFields,
    {
      name: "data",
      type: [
        { type: "record", name: "PlacedV1", fields: fields("customer", []) },
        { type: "record", name: "PlacedV2", fields: fields("customerId", [{ name: "source", type: "string" }]) },
        {
          type: "record",
          name: "PlacedV3",
          fields: fields("customerId", [
            { name: "origin", type: "string" },
            { name: "priority", type: "int" },
          ]),
        },
      ],
    },
  ],
};

const schema = (customer, more) => ({
  type: "object",
  properties: {
    [customer]: { type: "string" },
    total: {
      type: "object",
      properties: {
        amount: { type: "string", pattern: "^(?!-0\\.00$)-?(0|[1-9]\\d{0,9})\\.\\d{2}$" },
        currency: { enum: ["EUR", "USD", "GBP"] },
      },
      required: ["amount", "currency"],
      additionalProperties: false,
    },
    items: {
      type: "array",
      items: {
        type: "object",
        properties: {
          sku: { type: "string", pattern: "^[A-Z0-9-]{3,20}$" },
          quantity: { type: "integer", minimum: 1, maximum: 2147483647 },
        },
        required: ["sku", "quantity"],
        additionalProperties: false,
      },
    },
    channel: { type: "string" },
    placedAt: { type: "string", format: "timestamp" },
    express: { type: "boolean" },
    weight: { type: "number" },
    note: { type: "string", maxLength: 500 },
    ...more,
  },
  required: [customer, "total", "items", "channel", "placedAt", "express", "weight", ...Object.keys(more)],
  additionalProperties: false,
});
const event = {
  type: "Placed",
  versions: [
    {
      schema: schema("customer", {}),
      upcast: (v1) => ({
        customerId: v1.customer,
        total: v1.total,
        items: v1.items,
        channel: v1.channel,
        placedAt: v1.placedAt,
        express: v1.express,
        weight: v1.weight,
        note: v1.note,
        source: "old",
      }),
    },
    {
      schema: schema("customerId", { source: { type: "string" } }),
      upcast: (v2) => ({
        customerId: v2.customerId,
        total: v2.total,
        items: v2.items,
        channel: v2.channel,
        placedAt: v2.placedAt,
        express: v2.express,
        weight: v2.weight,
        note: v2.note,
        origin: v2.source,
        priority: 1,
      }),
    },
    {
      schema: schema("customerId", {
        origin: { type: "string" },
        priority: { type: "integer", minimum: 0, maximum: 9 },
      }),
    },
  ],
};
const firstVersion = { type: "Placed", versions: [{ schema: event.versions[0].schema }] };

const topic = (encoding) => ({ url: "persistent://b/b/b", partitions: 4, encoding, source: "b", envelope });
const codecOf = (encoding, definition) => {
  const aggregate = {
    name: "Bench",
    key: { name: "id", schema: { type: "string" } },
    topic: topic(encoding),
    events: [definition],
  };
  return createCodec({ topic: aggregate.topic, aggregates: [aggregate] });
};

const header = (version) => ({
  id: "01943a5e-1234-7000-8000-000000000000",
  type: "Placed",
  version,
  aggregateId: "01943a5e-9999-7000-8000-000000000000",
  sequence: undefined,
  time: "2026-01-05T10:00:00.123Z",
  correlationId: undefined,
  causationId: undefined,
  metadata: { tenant: "acme" },
});
const v1 = {
  customer: "customer-1",
  total: { amount: "1234.56", currency: "EUR" },
  items: [
    { sku: "ABC-1", quantity: 2 },
    { sku: "DEF-22", quantity: 1 },
    { sku: "XYZ-333", quantity: 12 },
  ],
  channel: "web",
  placedAt: "2026-01-05T09:59:58.000Z",
  express: true,
  weight: 12.5,
  note: "leave it at the door",
};
const { customer, ...rest } = v1;
const v3 = { customerId: customer, ...rest, origin: "web", priority: 1 };

const plain = avsc.Type.forSchema(envelope, { wrapUnions: true });
const plainForm = (version, data) => ({
  ...header(version),
  sequence: null,
  correlationId: null,
  causationId: null,
  time: Date.parse("2026-01-05T10:00:00.123Z"),
  data: {
    [`b.PlacedV${version}`]: {
      ...data,
      total: { amount: Buffer.from([0x01, 0xe2, 0x40]), currency: "EUR" },
      placedAt: Date.parse(data.placedAt),
      note: { string: data.note },
    },
  },
});

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
let sink = 0;
// Both sides in turns, so that what the machine does besides hits both.
const compare = (name, target, ours, theirs) => {
  const time = (run) => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < 20_000; i++) sink += run().length ?? 1;
    return Number(process.hrtime.bigint() - start) / 20_000;
  };
  for (let i = 0; i < 5; i++) [time(ours), time(theirs)];
  const rounds = Array.from({ length: 15 }, () => [time(ours), time(theirs)]);
  const [a, b] = [median(rounds.map(([one]) => one)), median(rounds.map(([, other]) => other))];
  const ratio = median(rounds.map(([one, other]) => one / other));
  console.log(
    `${name.padEnd(52)} ${a.toFixed(0).padStart(6)} ns ${b.toFixed(0).padStart(6)} ns   ${ratio.toFixed(2)} (target ${target})`,
  );
};

const json = await codecOf("json", event);
const jsonV1 = (await codecOf("json", firstVersion)).encode(firstVersion, header(1), v1);
const avro = await codecOf("avro", event);
const avroV1 = (await codecOf("avro", firstVersion)).encode(firstVersion, header(1), v1);
const jsonText = jsonV1.toString("utf8");
const whole = { ...header(3), data: v3 };
const plain1 = plainForm(1, v1);
const plain3 = plainForm(3, v3);

console.log(`${"".padEnd(52)}  evgen       plain   ratio of medians`);
compare(
  "JSON: validate + encode / JSON.stringify",
  2,
  () => json.encode(event, header(3), v3),
  () => JSON.stringify(whole),
);
compare(
  "JSON: decode + validate + upcast / JSON.parse",
  1.8,
  () => json.decode(jsonV1).events,
  () => JSON.parse(jsonText),
);
compare(
  "  the same / JSON.parse(payload.toString())",
  1.8,
  () => json.decode(jsonV1).events,
  () => JSON.parse(jsonV1.toString("utf8")),
);
compare(
  "Avro: validate + encode / avsc toBuffer",
  1.3,
  () => avro.encode(event, header(3), v3),
  () => plain.toBuffer(plain3),
);
compare(
  "Avro: decode + validate + upcast / avsc fromBuffer",
  1.3,
  () => avro.decode(avroV1).events,
  () => plain.fromBuffer(avroV1),
);
if (!plain.toBuffer(plain1).equals(avroV1)) throw new Error("the two sides do not write the same");
if (sink === 0) throw new Error("nothing was done");
