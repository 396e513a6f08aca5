import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RecordType, Type } from "../../src/model/type.js";
import { resolve } from "../../src/passes/resolve.js";
import { findings, resolveFiles, resolveText } from "./resolving.js";

const head = "evgen: 1\nsystem: shop\n";

/** The model of a text that has to be right. */
const modelOf = async (text: string) => {
  const resolved = await resolveText(text);
  expect(findings(resolved).filter((line) => !line.startsWith("order-across"))).toEqual([]);
  if (resolved.model === undefined) throw new Error("no model");
  return resolved.model;
};

const oneEvent = (versions: string, more = "") =>
  `${head}${more}
aggregates:
  Order:
    key: { orderId: uuid }
    events:
      OrderPlaced:
        versions:
${versions}`;

const fieldTypes = (type: Type | undefined): { readonly [name: string]: Type } =>
  type?.kind === "record" ? Object.fromEntries(type.fields.map((field) => [field.name, field.type])) : {};

describe("the example", () => {
  const example = () => modelOf(readFileSync("model.example.yaml", "utf8"));

  test("has its topic with the branches in the order of the model", async () => {
    const { topics } = await example();
    expect(topics.map(({ name, url, partitions, envelope }) => ({ name, url, partitions, envelope }))).toEqual([
      { name: "orders", url: "persistent://shop/sales/orders", partitions: 4, envelope: "OrderEvent" },
    ]);
    expect(topics[0]?.branches.map((one) => one.name)).toEqual([
      "OrderPlacedV1",
      "OrderPlacedV2",
      "PaymentReceivedV1",
      "OrderShippedV1",
      "OrderCancelledV1",
    ]);
  });

  test("holds objects, not names", async () => {
    const model = await example();
    const [order] = model.aggregates;
    const placed = order?.events[0];
    expect(placed?.aggregate).toBe(order);
    expect(placed?.current).toBe(placed?.versions[1]);
    expect(placed?.versions[1]?.upcast?.kind).toBe("build");
    expect(order?.commands[0]?.emits).toEqual([placed]);
    expect(model.consumers[0]?.events[0]).toBe(placed);
    const lineItem = model.types.find((one) => one.name === "LineItem");
    const items = fieldTypes(placed?.current.type)["items"];
    expect(items?.kind === "array" && items.items.kind === "reference" && items.items.to).toBe(lineItem);
    expect(fieldTypes(placed?.current.type)["channel"]).toMatchObject({ kind: "enum", name: "OrderPlacedV2Channel" });
  });

  test("subscribes with dead-letter topics and waits", async () => {
    const { consumers, projections } = await example();
    expect(consumers[0]?.subscription).toMatchObject({
      name: "warehouse",
      type: "key_shared",
      position: "earliest",
      newer: "park",
      deadLetter: {
        name: "orders-warehouse-dlq",
        url: "persistent://shop/sales/orders-warehouse-dlq",
        subscription: "evgen-dlq",
      },
    });
    expect(consumers[0]?.retry).toEqual({ attempts: 5, minBackoff: 1000, maxBackoff: 60_000 });
    expect(projections.map((one) => [one.subscription.type, one.key.aggregateId])).toEqual([
      ["failover", true],
      ["failover", false],
    ]);
    expect(projections[0]?.on.map((one) => `${one.event.name} ${one.kind}`)).toEqual([
      "OrderPlaced change",
      "PaymentReceived change",
      "OrderShipped change",
      "OrderCancelled change",
    ]);
  });

  test("has scenarios whose times are complete", async () => {
    const { aggregates } = await example();
    const [scenario] = aggregates[0]?.scenarios ?? [];
    expect(scenario?.given[1]?.data).toMatchObject({ shippedAt: "2026-01-05T10:00:00.000Z" });
    expect(scenario?.then).toEqual({ kind: "rejected", reason: "already shipped" });
  });
});

describe("types", () => {
  test("keep their constraints, as bigints and canonical decimals", async () => {
    const model = await modelOf(`${head}types:
  Row:
    fields:
      count: { type: int, min: -1, max: 10 }
      big: { type: long, max: "9007199254740991" }
      price: { type: "decimal(6, 2)", min: 0, max: 99.5 }
      tiny: { type: "decimal(8, 8)", min: 1.0e-7 }
      code: { type: string, minLength: 1, maxLength: 5, pattern: "^[A-Z]+$" }
      grid: { type: "map<int[]>[]", maxItems: 3 }
`);
    expect(fieldTypes(model.types[0]?.type)).toEqual({
      count: { kind: "int", min: -1n, max: 10n },
      big: { kind: "long", max: 9007199254740991n },
      price: { kind: "decimal", precision: 6, scale: 2, min: "0.00", max: "99.50" },
      tiny: { kind: "decimal", precision: 8, scale: 8, min: "0.00000010" },
      code: { kind: "string", minLength: 1, maxLength: 5, pattern: "^[A-Z]+$" },
      grid: { kind: "array", items: { kind: "map", values: { kind: "array", items: { kind: "int" } } }, maxItems: 3 },
    });
  });

  test("another name for a record is a record of its own", async () => {
    const { types } = await modelOf(
      `${head}types: { Cash: Money, Money: { fields: { in: { enum: [EUR] } } }, Sku: Code, Code: { type: string, maxLength: 9 } }`,
    );
    const cash = types[0]?.type as RecordType;
    expect([cash.name, fieldTypes(cash)["in"]]).toEqual(["Cash", { kind: "enum", name: "CashIn", values: ["EUR"] }]);
    expect(types[2]?.type).toEqual({ kind: "string", maxLength: 9 });
  });

  test("a use may narrow a named type", async () => {
    const { types } = await modelOf(
      `${head}types: { Code: { type: string, maxLength: 9 }, Row: { fields: { code: { type: Code, maxLength: 3, minLength: 1 } } } }`,
    );
    expect(fieldTypes(types[1]?.type)["code"]).toEqual({ kind: "string", maxLength: 3, minLength: 1 });
  });

  test("may contain themselves where a value can end", async () => {
    const { types } = await modelOf(`${head}types:
  Node: { fields: { next?: Node, children: "Node[]", byName: "map<Node>" } }
  Term: { oneOf: [Sum, Constant] }
  Sum: { fields: { left: Term, right: Term } }
  Constant: { fields: { value: double } }
`);
    const next = fieldTypes(types[0]?.type)["next"];
    expect(next?.kind === "reference" && next.to).toBe(types[0]);
  });

  test("one unknown type is one finding, whatever is made of it", async () => {
    const resolved = await resolveText(`${oneEvent(
      `          1: { fields: { total: Mony } }
          2: { fields: { total: Money }, upcast: { total: $total } }`,
      "types: { Money: { fields: { amount: int } } }",
    )}
    commands: { Place: { fields: { total: Mony }, emits: [OrderPlaced] } }
    scenarios: { s: { when: { Place: { total: 1 } }, then: [] } }
`);
    expect(findings(resolved)).toEqual([
      'unknown-type aggregates/Order/events/OrderPlaced/versions/1/fields/total: There is no type called "Mony". Did you mean "Money"?',
      'unknown-type aggregates/Order/commands/Place/fields/total: There is no type called "Mony". Did you mean "Money"?',
    ]);
  });
});

describe("versions", () => {
  test("like another one have its fields under their own name, in its order", async () => {
    const { aggregates } = await modelOf(
      oneEvent(`          1: { fields: { a: string, b: { enum: [x] }, c?: int, d: string } }
          2: { like: 1, without: [d], fields: { e?: string, a?: string }, upcast: {}, drop: [d] }`),
    );
    const second = aggregates[0]?.events[0]?.current.type;
    expect(second?.fields.map((one) => one.name + (one.optional ? "?" : ""))).toEqual(["a?", "b", "c?", "e?"]);
    expect(fieldTypes(second)["b"]).toMatchObject({ name: "OrderPlacedV2B" });
  });

  test("ten and more are in the order of their numbers", async () => {
    const versions = Array.from({ length: 12 }, (_, i) => 12 - i).map(
      (n) => `          ${n}: { fields: { a: string }${n === 1 ? "" : ", upcast: {}"} }`,
    );
    const { aggregates } = await modelOf(oneEvent(versions.join("\n")));
    expect(aggregates[0]?.events[0]?.versions.map((one) => one.number)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
  });
});

test("aggregates that share a topic have one envelope, in the order of the model", async () => {
  const { topics } = await modelOf(`${head}aggregates:
  Order:
    key: { orderId: uuid }
    topic: sales-events.2
    events: { OrderPlaced: { versions: { 1: { fields: {} } } } }
  Payment:
    key: { paymentId: string }
    topic: { name: sales-events.2, partitions: 0 }
    events: { Paid: { versions: { 1: { fields: {} } } } }
  CreditNote:
    key: { id: uuid }
    events: { Noted: { versions: { 1: { fields: {} } } } }
`);
  expect(
    topics.map(({ name, envelope, partitions, branches }) => [name, envelope, partitions, branches.length]),
  ).toEqual([
    ["sales-events.2", "SalesEvents2Event", 0, 2],
    ["credit-note", "CreditNoteEvent", 4, 1],
  ]);
  expect(topics[0]?.aggregates.map((one) => one.topic)).toEqual([topics[0], topics[0]]);
});

test("a retired event becomes others, and readers need the functions on that way", async () => {
  const { aggregates, consumers } = await modelOf(`${head}aggregates:
  Order:
    key: { orderId: uuid }
    events:
      OrderClosed:
        versions:
          1: { fields: { why: string } }
          2: { fields: { reason: string }, upcast: { by: explain } }
        retired: true
        becomes:
          - { event: OrderCancelled, version: 1, map: { code: $reason } }
          - { event: OrderArchived, drop: [reason] }
      OrderCancelled:
        versions:
          1: { fields: { code: string } }
          2: { fields: { code: string, note?: string }, upcast: { by: annotate } }
      OrderArchived: { versions: { 1: { fields: {} } } }
      OrderPaid: { versions: { 1: { fields: {} } } }
consumers:
  All: { from: Order }
  Cancelled: { from: Order, events: [OrderCancelled] }
  Archived: { from: Order, events: [OrderArchived] }
  Paid: { from: Order, events: [OrderPaid] }
`);
  const [closed, cancelled] = aggregates[0]?.events ?? [];
  expect(closed?.becomes?.map((one) => one.version.name)).toEqual(["OrderCancelledV1", "OrderArchivedV1"]);
  expect(cancelled?.becomes).toBeUndefined();
  expect(consumers.map((one) => [one.name, one.events.length, one.functions.map((its) => its.name)])).toEqual([
    ["All", 3, ["explain", "annotate"]],
    ["Cancelled", 1, ["explain", "annotate"]],
    ["Archived", 1, ["explain", "annotate"]],
    ["Paid", 1, []],
  ]);
});

test("settings have Pulsar's own units, and defaults", async () => {
  const { pulsar, generate } = await modelOf(`${head}pulsar:
  retention: { time: 90s, size: 1500K }
  backlogQuota: { size: 1M, policy: producer-exception }
  compatibility: backward
  permissions: { app: [produce] }
generate: { out: ./code//gen/, targets: [schemas] }
`);
  expect(pulsar).toMatchObject({
    tenant: "shop",
    namespace: "default",
    encoding: "avro",
    retention: { minutes: 2, mebibytes: 2 },
    deduplication: true,
    compatibility: "BACKWARD",
    websocketProducers: false,
    clusters: ["standalone"],
    adminRoles: [],
    permissions: [{ role: "app", actions: ["produce"] }],
    backlogQuota: { bytes: 1048576, policy: "producer_exception" },
  });
  expect(generate).toEqual({ out: "code/gen", targets: ["schemas"], validators: "compiled" });
  const plain = await modelOf(head);
  expect(plain.generate).toEqual({
    out: "generated",
    targets: ["typescript", "schemas", "pulsar-admin"],
    validators: "compiled",
  });
  expect(plain.pulsar.retention).toBe("forever");
});

test.each([
  "../x",
  "/tmp/x",
  "C:/x",
  "a/../../b",
  ".",
  "./",
  "a\\b",
  "~/x",
  ".git/hooks",
  "a/.GIT",
  "node_modules",
  "a\u2028b",
  "x ",
])("output never leaves a folder of its own: %j", async (out) => {
  const resolved = await resolveText(`${head}generate: { out: ${JSON.stringify(out)} }\n`);
  expect(resolved.diagnostics.map((one) => one.code)).toEqual(["output-folder"]);
});

test("several files are one model", async () => {
  const resolved = await resolveFiles({
    "model.yaml": `${head}include: [types.yaml, payments/payment.yaml]\n`,
    "types.yaml": "types: { Money: { fields: { amount: int } } }\n",
    "payments/payment.yaml":
      "aggregates: { Payment: { key: { id: uuid }, events: { Paid: { versions: { 1: { fields: { a: Money, b: Mony } } } } } } }\n",
  });
  expect(resolved.diagnostics.map(({ code, place }) => [code, place.file])).toEqual([
    ["unknown-type", "payments/payment.yaml"],
  ]);
});

test("a JSON Schema that was brought along is a type like others", async () => {
  const resolved = await resolveFiles({
    "model.yaml": `${oneEvent("          1: { schema: ./placed.json }", "types: { Money: { schema: ./money.json } }")}\n`,
    "placed.json": JSON.stringify({
      type: "object",
      properties: { total: { $ref: "./money.json" }, note: { type: "string" } },
      required: ["total"],
      additionalProperties: false,
    }),
    "money.json": JSON.stringify({
      type: "object",
      properties: { amount: { type: "number" } },
      required: ["amount"],
      additionalProperties: false,
    }),
  });
  expect(findings(resolved)).toEqual([]);
  const total = fieldTypes(resolved.model?.aggregates[0]?.events[0]?.current.type)["total"];
  expect(total?.kind === "reference" && total.to).toBe(resolved.model?.types[0]);
});

test("names and texts of any kind are found wrong or kept, and nothing throws", async () => {
  const texts = [
    "`$" + "{x}`",
    "*/ evil",
    "$(rm -rf)",
    "a;b",
    "\u2028",
    "__proto__",
    "constructor",
    "'\"",
    "x".repeat(10_000),
  ];
  const documents = texts.map((text) => ({
    file: "model.yaml",
    value: JSON.parse(`{"evgen":1,"system":"shop","types":{${JSON.stringify(text)}:${JSON.stringify(text)}},
      "aggregates":{${JSON.stringify(text)}:{"key":{${JSON.stringify(text)}:"uuid"},"topic":${JSON.stringify(text)},
        "events":{${JSON.stringify(text)}:{"versions":{"1":{"fields":{${JSON.stringify(text)}:{"enum":[${JSON.stringify(text)}]}}}}}}}},
      "consumers":{${JSON.stringify(text)}:{"from":${JSON.stringify(text)},"events":[${JSON.stringify(text)}]}}}`),
  }));
  const sources = { read: () => ({ kind: "missing" as const }), match: () => [] };
  for (const document of documents) {
    const { model, diagnostics } = resolve([document], sources);
    expect(model).toBeUndefined();
    expect(diagnostics.length).toBeGreaterThan(3);
  }
});

test.each(["first to last", "last to first"])(
  "types that nest hundreds of others, %s, are one finding",
  async (order) => {
    const chain = (length: number) => {
      const entries = Array.from({ length }, (_, i) => [
        `T${i}`,
        { fields: i === length - 1 ? { a: "string" } : { next: `T${i + 1}`, "first?": "T0" } },
      ]);
      const types = Object.fromEntries(order === "first to last" ? entries : entries.reverse());
      return resolveText(JSON.stringify({ evgen: 1, system: "shop", types }));
    };
    expect((await chain(240)).diagnostics).toEqual([]);
    expect((await chain(5000)).diagnostics.map((one) => one.code)).toEqual(["type-nesting"]);
  },
);

test("the same model gives the same findings in the same order", async () => {
  const text = readFileSync("test/golden/unknown-name/model.yaml", "utf8");
  expect(findings(await resolveText(text))).toEqual(findings(await resolveText(text)));
});
