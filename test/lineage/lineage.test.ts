import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile.js";
import { createReadings } from "../../src/evolution/readings.js";
import type { FieldLineage } from "../../src/lineage/field-lineage.js";
import { lineageOf } from "../../src/lineage/field-lineage.js";
import { pathText } from "../../src/lineage/who.js";
import type { Model } from "../../src/model/model.js";
import { sampleOf } from "../../src/model/sample-of.js";
import type { JsonValue } from "../../src/model/type.js";
import { arbitraryModel } from "../arbitrary-model.js";

const compiled = async (text: string): Promise<Model> => {
  const { model, diagnostics } = await compile("model.yaml", {
    read: (path) => (path === "model.yaml" ? { kind: "text", text } : { kind: "missing" }),
    match: () => [],
  });
  if (model === undefined) throw new Error(JSON.stringify(diagnostics, undefined, 2));
  return model;
};

const model = (target: string, upcast: string, third = "") => `
evgen: 1
system: shop
types:
  Money: { fields: { amount: "decimal(12, 2)", currency: { enum: [EUR, USD] } } }
  Line: { fields: { sku: string, price: Money } }
aggregates:
  Order:
    key: { orderId: uuid }
    events:
      OrderPlaced:
        versions:
          1:
            fields:
              customer: string
              first: string
              last: string
              fax?: string
              count: int
              total: { type: double, min: 0, max: 1000 }
              where: { fields: { city: string } }
              state: { enum: [old, new] }
              lines: { type: "Line[]" }
              tags: string[]
          2:
            fields: { ${target} }
            upcast: { ${upcast} }
            drop: [customer, first, last, fax, count, total, where, state, lines, tags]
${third}`;

/** `total.amount ← total (converted)` for each field and version. */
const lineage = async (text: string): Promise<readonly string[]> => {
  const { aggregates, projections } = await compiled(text);
  const [event] = aggregates[0]?.events ?? [];
  if (event === undefined) throw new Error("There is an event.");
  return lineageOf(event, projections).flatMap(({ path, from }) =>
    from.map(({ version, origins }) => `${pathText(path)} ←${version} ${origins.map(originText).join(" | ")}`.trim()),
  );
};

const originText = (origin: FieldLineage["from"][number]["origins"][number]): string =>
  origin.kind === "field"
    ? pathText(origin.path) + (origin.how === undefined ? "" : ` (${origin.how})`)
    : origin.kind === "literal"
      ? JSON.stringify(origin.value) + (origin.how === undefined ? "" : ` (${origin.how})`)
      : `${origin.kind} ${origin.kind === "envelope" ? origin.field : origin.name}`;

describe("where a field comes from", () => {
  test.each([
    ["is copied by name", "customer: string", "{}", ["customer ←1 customer"]],
    ["is renamed", "customerId: string", "customerId: $customer", ["customerId ←1 customer"]],
    ["is moved", "city: string", "city: $where.city", ["city ←1 where.city"]],
    ["is a literal", "channel: string", "channel: web", ['channel ←1 "web"']],
    ["is converted", 'sum: "decimal(9, 2)"', "sum: { from: $total, as: decimal }", ["sum ←1 total (converted)"]],
    [
      "is read, or else",
      "number: int",
      "number: { from: $customer, parse: int, otherwise: 0 }",
      ["number ←1 customer (where it can be read) | 0"],
    ],
    [
      "is there, or else",
      "fax: string",
      "fax: { from: $fax?, otherwise: none }",
      ['fax ←1 fax (where it is there) | "none"'],
    ],
    [
      "is looked up",
      "state: { enum: [a, b] }",
      "state: { from: $state, map: { old: a, new: b } }",
      ["state ←1 state (by table)"],
    ],
    [
      "is a text of several",
      "name: string",
      'name: { template: "{first} {last}" }',
      ["name ←1 first (in a text) | last (in a text)"],
    ],
    ["is of the envelope", "at: timestamp", "at: { envelope: time }", ["at ←1 envelope time"]],
    ["is left to a function", "at: timestamp", "at: { by: findTime }", ["at ←1 function findTime"]],
    ["is not there", "note?: string", "{}", ["note ←1"]],
    [
      "is built",
      "total: Money",
      "total: { fields: { amount: { from: $total, as: decimal }, currency: EUR } }",
      ["total.amount ←1 total (converted)", 'total.currency ←1 "EUR"'],
    ],
    [
      "is inside of items",
      'items: { type: "Line[]" }',
      "items: $lines",
      [
        "items[].sku ←1 lines[].sku",
        "items[].price.amount ←1 lines[].price.amount",
        "items[].price.currency ←1 lines[].price.currency",
      ],
    ],
    [
      "is made item by item",
      'names: "string[]", more: { type: "Line[]" }',
      "names: $tags, more: { each: $lines, with: { sku: $sku, price: { fields: { amount: $price.amount, currency: USD } } } }",
      [
        "names ←1 tags",
        "more[].sku ←1 lines[].sku",
        "more[].price.amount ←1 lines[].price.amount",
        'more[].price.currency ←1 "USD"',
      ],
    ],
  ] as const)("%s", async (_, target, upcast, expected) => {
    const mapping = upcast === "{}" ? "" : upcast;
    const dropped = model(target, mapping).replace(
      /drop: \[(.*)\]/,
      (_all, list: string) =>
        `drop: [${list
          .split(", ")
          .filter((name) => !new RegExp(`\\$${name}\\b|\\{${name}\\}`).test(mapping) && !target.startsWith(`${name}:`))
          .join(", ")}]`,
    );
    expect(await lineage(dropped)).toEqual(expected);
  });

  test("is followed through all versions", async () => {
    const text = `
evgen: 1
system: shop
aggregates:
  Order:
    key: { orderId: uuid }
    events:
      OrderPlaced:
        versions:
          1: { fields: { total: { type: int, min: 0 } } }
          2: { fields: { sum: long }, upcast: { sum: $total } }
          3: { fields: { amount: "decimal(20, 2)", note: string }, upcast: { amount: { from: $sum, as: decimal }, note: "" } }
`;
    expect(await lineage(text)).toEqual([
      "amount ←2 sum (converted)",
      "amount ←1 total (converted)",
      'note ←2 ""',
      'note ←1 ""',
    ]);
  });
});

const at = (value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>(
    (part, step) =>
      typeof part === "object" && part !== null && Object.hasOwn(part, step)
        ? (part as { readonly [key: string]: JsonValue })[step]
        : undefined,
    value,
  );

test("what it says is what the upcasters do, in any model", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryModel(), async (source) => {
      const made = await compiled(JSON.stringify(source));
      const { upTo } = createReadings(made.long);
      for (const event of made.aggregates.flatMap((one) => one.events))
        for (const { path, from } of lineageOf(event, made.projections))
          for (const { version, origins } of from) {
            const stored = event.versions[version - 1];
            const [origin, ...more] = origins;
            if (stored === undefined || path.includes("[]") || more.length > 0) continue;
            const data = sampleOf(stored.type);
            if (data === undefined) continue;
            const read = upTo(stored, data, event.current.number);
            if (read === undefined) continue;
            const value = at(read, path);
            if (origin === undefined) expect(value).toBeUndefined();
            else if (origin.kind === "literal" && origin.how === undefined) expect(value).toEqual(origin.value);
            else if (origin.kind === "field" && origin.how === undefined) expect(value).toEqual(at(data, origin.path));
            else continue;
            compared++;
          }
    }),
    { numRuns: 40 },
  );
  expect(compared).toBeGreaterThan(100);
});
