import { copyFileSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { workspace } from "./evgen.js";

const example = new URL("../../model.example.yaml", import.meta.url).pathname;
const schema = JSON.parse(readFileSync(new URL("../../schemas/who.schema.json", import.meta.url), "utf8"));
const isValid = new Ajv({ strict: false }).compile(schema);

const shop = () => {
  const work = workspace();
  copyFileSync(example, work.path("model.yaml"));
  return work;
};

const answersOf = (work: ReturnType<typeof workspace>, name: string) => {
  const run = work.evgen(["who", name, "--json"]);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  const result = JSON.parse(run.stdout);
  expect(isValid(result), JSON.stringify(isValid.errors)).toBe(true);
  return result.answers;
};

test("says of an event who emits, carries and reads it, and of its fields where they come from and go to", () => {
  const { stdout, stderr, code } = shop().evgen(["who", "OrderPlaced"]);
  expect([code, stderr]).toEqual([0, ""]);
  const lines = stdout.split("\n").map((line) => line.trim().replace(/ {2,}/g, "  "));
  for (const line of [
    "v1  draft  3 fields  branch OrderPlacedV1, position 0",
    "v2  draft  current  5 fields  branch OrderPlacedV2, position 1",
    "url  persistent://shop/sales/orders",
    "key  orderId: uuid",
    "schema  shop.sales.OrderEvent, avro",
    "command  PlaceOrder",
    "role  shop-orders",
    "consumer  Warehouse  warehouse (key_shared)",
    "projection  CustomerSpend  customer-spend (failover)  increment orders, spent",
    "total.amount  decimal(12, 2)  ← v1: total (converted)",
    "→ CustomerSpend.spent (increment)",
    'total.currency  Currency  ← v1: "EUR"',
    "items[].unitPrice.amount  decimal(12, 2)  ← v1: items[].unitPrice.amount",
    "note?  string, personal  ← v1: not there",
  ])
    expect(lines).toContain(line);
  // A role that may only consume produces nothing.
  expect(stdout).not.toContain("shop-reporting");
});

test("knows from the lock what is released", () => {
  const work = shop();
  expect(work.evgen(["release"]).code).toBe(0);
  work.write(
    "model.yaml",
    work
      .read("model.yaml")
      .replace(
        "          1: { fields: { amount: Money, reference: string } }\n",
        '          1: { fields: { amount: Money, reference: string } }\n          2: { like: 1, fields: { bank: string }, upcast: { bank: "" } }\n',
      ),
  );
  const [event] = answersOf(work, "PaymentReceived");
  expect(event.versions.map((one: { state: string }) => one.state)).toEqual(["released", "draft"]);
  const [money] = answersOf(work, "Money");
  expect(money.versions).toContainEqual({ event: "PaymentReceived", version: 2, state: "draft" });
  expect(money.versions).toContainEqual({ event: "OrderPlaced", version: 1, state: "released" });
});

test("answers for every kind of name, as its schema says", () => {
  const work = shop();
  const kinds = (name: string) => answersOf(work, name).map((one: { kind: string }) => one.kind);
  expect(kinds("Order")).toEqual(["aggregate"]);
  expect(kinds("OrderSummary")).toEqual(["projection"]);
  expect(kinds("Warehouse")).toEqual(["consumer"]);
  expect(kinds("Money")).toEqual(["type"]);
  expect(answersOf(work, "Order")[0]).toMatchObject({
    place: { file: "model.yaml", line: 32, column: 3 },
    commands: [
      { name: "PlaceOrder", emits: ["OrderPlaced"] },
      { name: "CancelOrder", emits: ["OrderCancelled"] },
    ],
  });
  for (const name of ["Order", "OrderSummary", "Warehouse", "Money"])
    expect(work.evgen(["who", name])).toMatchObject({ code: 0, stderr: "" });
});

test("follows a field, a record and a column", () => {
  const work = shop();
  const [total] = answersOf(work, "OrderPlaced.total");
  expect(total.fields.map((one: { path: string }) => one.path)).toEqual(["total.amount", "total.currency"]);
  const [price] = answersOf(work, "OrderPlaced.items.unitPrice.amount");
  expect(price.fields[0].path).toBe("items[].unitPrice.amount");
  const [spent] = answersOf(work, "CustomerSpend.spent");
  expect(spent.columns).toEqual([
    {
      ...{ name: "spent", type: "decimal(14, 2)", optional: false },
      from: [{ event: "OrderPlaced", operation: "increment", origins: [{ kind: "field", path: "total.amount" }] }],
    },
  ]);
});

test("says what retired events are read as, from both sides", () => {
  const work = workspace();
  work.write(
    "model.yaml",
    `evgen: 1
system: shop
aggregates:
  Order:
    key: { orderId: uuid }
    events:
      OrderClosed:
        versions: { 1: { fields: { paid: boolean } } }
        retired: true
        becomes: [{ event: OrderPaid, map: { full: $paid } }]
      OrderPaid: { versions: { 1: { fields: { full: boolean } } } }
`,
  );
  expect(answersOf(work, "OrderClosed")[0].becomes).toEqual([{ event: "OrderPaid", version: 1 }]);
  expect(answersOf(work, "OrderPaid")[0].readFrom).toEqual([{ event: "OrderClosed", version: 1 }]);
  expect(work.evgen(["who", "OrderClosed"]).stdout).toMatch(/^OrderClosed {2}retired event of Order/);
});

describe("what is not there", () => {
  test.each([
    [
      "OrderPlced",
      'There is no event, aggregate, projection, consumer or type called "OrderPlced". Did you mean "OrderPlaced"?',
    ],
    ["OrderPlaced.totl", 'There is no field "totl" in version 2 of OrderPlaced. Did you mean "OrderPlaced.total"?'],
    ["OrderSummary.totl", 'There is no column "totl" in OrderSummary. Did you mean "OrderSummary.total"?'],
    ["Ordr.total", 'There is no event or projection called "Ordr".'],
    ["__proto__", 'There is no event, aggregate, projection, consumer or type called "__proto__".'],
    ["", 'There is no event, aggregate, projection, consumer or type called "".'],
    ["OrderPlaced.", 'There is no field "" in version 2 of OrderPlaced.'],
  ])("%s is wrong use", (name, message) => {
    expect(shop().evgen(["who", name])).toMatchObject({ code: 2, stdout: "", stderr: `evgen: ${message}\n` });
  });
});

test("reports a model that is none, and takes one from elsewhere", () => {
  const work = shop();
  expect(work.evgen(["who", "Order", "--model", "none.yaml"])).toMatchObject({ code: 2, stdout: "" });
  work.write("broken/model.yaml", work.read("model.yaml").replace("total: Money", "total: Mony"));
  const run = work.evgen(["who", "Order", "--model", "broken"]);
  expect(run).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("broken/model.yaml:") });
  expect(run.stderr).toContain("unknown-type");
});
