import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { diskSources } from "../src/cli/sources.js";
import { compile } from "../src/compile.js";
import { format } from "../src/diagnostics/format.js";
import { memorySources } from "./memory-sources.js";

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

const report = async (text: string) => {
  const { diagnostics } = await compile("model.yaml", memorySources({ "model.yaml": text }));
  const shown = format(diagnostics, () => text);
  return { codes: diagnostics.map((one) => one.code), shown };
};

const ofEvents = (event: (at: number) => string): string => `evgen: 1
system: shop
aggregates:
  Order:
    key: { orderId: uuid }
    events:
${range(3_000)
  .map((at) => `      ${event(at)}\n`)
  .join("")}`;

const ofTypes = (type: (at: number) => string): string =>
  `evgen: 1\nsystem: shop\ntypes:\n${range(3_000)
    .map((at) => `  T${at}: ${type(at)}\n`)
    .join("")}`;

const v1 = "1: { fields: { a: string } }";

// Each takes about a second here; what is quadratic would take minutes.
it.each([
  ["unknown-type", ofEvents((at) => `Event${at}: { versions: { 1: { fields: { a: Strnig } } } }`)],
  ["upcast-missing", ofEvents((at) => `Event${at}: { versions: { ${v1}, 2: { fields: { a: string, b: string } } } }`)],
  ["unknown-key", ofEvents((at) => `Event${at}: { versions: { 1: { feilds: { a: string } } } }`)],
  [
    "unknown-conversion",
    ofEvents(
      (at) => `Event${at}: { versions: { ${v1}, 2: { fields: { a: int }, upcast: { a: { from: $a, as: int } } } } }`,
    ),
  ],
  ["name-reserved", ofEvents((at) => `Event${at}: { versions: { 1: { fields: { constructor: string } } } }`)],
  [
    "unknown-key",
    `evgen: 1\nsystem: shop\n${range(3_000)
      .map((at) => `k${at}: 1\n`)
      .join("")}`,
  ],
  ["duplicate-key", ofEvents((at) => `Event${at}: { versions: { 1: { fields: { a: string, a: int } } } }`)],
  [
    "unknown-type",
    `evgen: 1\nsystem: shop\ntypes: { T: { fields: { ${range(3_000)
      .map((at) => `a${at}: Nope${at}`)
      .join(", ")} } } }\n`,
  ],
])("3,000 times %s is found and shown in no time", async (code, text) => {
  const { codes, shown } = await report(text);
  expect(codes.filter((one) => one !== code)).toEqual([]);
  expect(codes).toHaveLength(3_000);
  expect(shown.length).toBeLessThan(2_000_000);
});

it.each([
  ["type-endless", ofTypes((at) => `{ fields: { a: T${(at + 1) % 3_000} } }`)],
  ["type-nesting", ofTypes((at) => `{ fields: { "a?": T${(at + 1) % 3_000} } }`)],
  ["nested-too-deep", `evgen: ${"[".repeat(20_000)}`],
  ["nested-too-deep", ofEvents((at) => `Event${at}: [ { versions:`)],
])("%s does not exhaust the stack", async (code, text) => {
  const { codes } = await report(text);
  expect(codes).toContain(code);
  expect(codes.length).toBeLessThan(3);
});

it("reports each of many mistakes once, at its place", async () => {
  const text = `evgen: 1
system: shop
types:
  Size: { enum: [S] }
  Card: { fields: { kind: string } }
  Loop: { fields: { again: Loop } }
  Text: { type: string, min: 1 }
  Wrong: Strnig
  Payment: { oneOf: [Card, Cash] }
aggregates:
  Order:
    key: { orderId: int }
    events:
      OrderPlaced:
        versions:
          1: { fields: { total: { type: int, min: 5, max: 1 }, size: Size, wrong: Wrong } }
          2: { fields: { total: string, more: string }, upcast: { total: { from: $totla, as: string }, more: { by: class } } }
      Promise: { versions: { 1: { fields: { toString: string } } } }
      OrderClosed: { retired: true, becomes: [{ event: OrderClosd }], versions: { 1: { fields: {} } } }
projections:
  Orders: { from: Ordr, store: memory, fields: { a: string }, on: {} }
  Totals: { from: Order, store: memory, fields: { a: int }, indexes: [[b]], on: { OrderPlaced: { increment: { b: 1 } } } }
consumers:
  Mail: { from: Order, events: [OrderPlacd], retry: { attempts: 3, backoff: 1s..1m } }
`;
  const { diagnostics } = await compile("model.yaml", memorySources({ "model.yaml": text }));
  expect(diagnostics.map((one) => `${one.code} ${one.place.path.join("/")}`)).toMatchInlineSnapshot(`
    [
      "constraint-misplaced types/Text/min",
      "unknown-type types/Wrong",
      "unknown-type types/Payment/oneOf/1",
      "aggregate-key aggregates/Order/key/orderId",
      "constraint-order aggregates/Order/events/OrderPlaced/versions/1/fields/total/max",
      "name-reserved aggregates/Order/events/Promise",
      "name-reserved aggregates/Order/events/Promise/versions/1/fields/toString",
      "unknown-name projections/Orders/from",
      "unknown-name projections/Totals/indexes/0/0",
      "type-endless types/Loop",
      "union-member types/Payment/oneOf/0",
      "unknown-name aggregates/Order/events/OrderClosed/becomes/0/event",
      "unknown-name projections/Totals/on/OrderPlaced/increment/b",
      "event-unhandled projections/Totals/on",
      "unknown-name consumers/Mail/events/0",
    ]
  `);
});

const golden = fileURLToPath(new URL("golden", import.meta.url));

it("says nothing twice about any of the golden cases", async () => {
  const cases = readdirSync(golden).filter((name) => existsSync(join(golden, name, "model.yaml")));
  expect(cases.length).toBeGreaterThan(100);
  for (const name of cases) {
    const { diagnostics } = await compile("model.yaml", diskSources(join(golden, name)));
    const said = diagnostics.map((one) => JSON.stringify([one.code, one.place, one.message]));
    expect(
      said.filter((one, at) => said.indexOf(one) !== at),
      name,
    ).toEqual([]);
  }
});
