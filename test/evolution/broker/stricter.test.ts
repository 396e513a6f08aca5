import avro from "avsc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDefinition } from "../../../src/evolution/broker/definition.js";
import { predictCompatibility } from "../../../src/evolution/broker/predict.js";
import type { Schema } from "../../../src/evolution/broker/schema.js";
import { stricter } from "../../../src/evolution/broker/stricter.js";
import { arbitraryTrial } from "./arbitrary-change.js";
import { changes, definitionOf } from "./changes.js";

const schemaOf = (definition: string): Schema => {
  const parsed = parseDefinition(definition, { avro: "1.11", defaults: false });
  if ("refused" in parsed) throw new Error(parsed.refused.message);
  return parsed.schema;
};

/** What is held against a change of the table, with what is only a note marked. */
const verdict = (name: string, encoding: "avro" | "json" = "avro"): readonly string[] => {
  const change = changes.find((one) => one.name === name);
  if (change === undefined) throw new Error(name);
  const writer = schemaOf(definitionOf(change.held[0]));
  const found = stricter(schemaOf(definitionOf(change.next)), writer, encoding, "1.11");
  return found.map(({ path, breaking, message }) => `${breaking ? "" : "note: "}${path} ${message}`);
};

/** Whether a broker under BACKWARD_TRANSITIVE lets it through. */
const accepted = (name: string): boolean => {
  const change = changes.find((one) => one.name === name);
  const held = change?.held.map((one, version) => ({ version, type: "AVRO", definition: definitionOf(one) })) ?? [];
  const question = { type: "AVRO", definition: definitionOf(change?.next), held, avro: "1.11" } as const;
  return predictCompatibility({ ...question, strategy: "BACKWARD_TRANSITIVE" }).accepts;
};

describe("what a broker lets through under BACKWARD_TRANSITIVE, and evgen does not", () => {
  it.each([
    [
      "the envelope: a branch is removed that another is alike",
      [
        "data(shop.sales.OrderPlacedV1) is gone: a stored one is read as shop.sales.OrderShippedV1. Avro's own readers take it for shop.sales.OrderShippedV1, which fits",
        "data(shop.sales.OrderShippedV1) is at another place in the union: a stored one is read as nothing",
      ],
    ],
    [
      "the envelope: the last branch is removed",
      [
        "data(shop.sales.PaymentReceivedV1) is gone: a stored one cannot be read. Avro's own readers take it for shop.sales.OrderPlacedV1, which fits",
      ],
    ],
    [
      "the envelope: branches that are alike change places",
      [
        "data(shop.sales.OrderPlacedV1) is at another place in the union: a stored one is read as shop.sales.OrderShippedV1",
        "data(shop.sales.OrderShippedV1) is at another place in the union: a stored one is read as shop.sales.OrderPlacedV1",
      ],
    ],
    [
      "the envelope: a branch is renamed",
      [
        "data(shop.sales.OrderPlacedV1) is gone: a stored one is read as shop.sales.OrderCreatedV1. Avro's own readers take it for shop.sales.OrderCreatedV1, which fits",
      ],
    ],
    [
      "the envelope: a released branch gets a field with a default",
      ["data(shop.sales.OrderPlacedV1).note is new: stored events have no bytes for it"],
    ],
    ["a symbol is removed", ['x "BLUE" is gone: a stored one cannot be read']],
    ["a symbol is renamed", ['x "BLUE" is gone: a stored one is read as "AZURE"']],
    ["string becomes bytes", ["x was string and is bytes: what is stored is taken for something else"]],
    [
      "an inner record is another that fits",
      ["x was the record t.Money and is t.Weight: what is stored is taken for something else"],
    ],
    [
      "a timestamp in milliseconds becomes one in microseconds",
      ["x was timestamp-millis and is timestamp-micros: what is stored means something else"],
    ],
    [
      "the scale of a decimal changes",
      ["x was decimal(10, 2) and is decimal(10, 3): what is stored means something else"],
    ],
    [
      "a field is renamed with an alias",
      ['x is called "y" now; nobody applies aliases to what is stored', "y is new: stored events have no bytes for it"],
    ],
    ["a field without a default is removed", ["x is gone: what is stored there is not read any more"]],
    ["int becomes double", ["x was int and is double: what is stored cannot be read"]],
  ])("%s", (name, expected) => {
    expect(accepted(name)).toBe(true);
    expect(verdict(name)).toEqual(expected);
  });
});

/** Those of some value; a record that holds itself without end has none. */
const bytesOf = (type: avro.Type): Buffer | undefined => {
  try {
    return type.toBuffer(type.random());
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
};

/** Without the kinds of whole numbers, by which branches of a union are called. */
const plain = (value: unknown): string => JSON.stringify(value).replaceAll('{"int":', '{"long":');

describe("evgen's verdict", () => {
  it("lets the envelope grow at the end, in both encodings", () => {
    for (const name of ["the envelope: a branch at the end", "the envelope: a new version at the end"]) {
      expect(verdict(name)).toEqual([]);
      expect(verdict(name, "json")).toEqual([]);
    }
    expect(verdict("a symbol is added")).toEqual([]);
    expect(verdict("int becomes long")).toEqual([]);
  });

  it("notes a default that changes, a namespace, and a precision that grows", () => {
    expect(verdict("the default of a field changes")).toEqual([
      "note: x has another default: it is read where an older version lacks it",
    ]);
    expect(verdict("the record moves to another namespace")).toEqual(["note:  was the record t.E and is u.E"]);
    expect(verdict("the precision of a decimal grows")).toEqual(["note: x was decimal(10, 2) and is decimal(12, 2)"]);
  });

  it("goes by places in Avro, which has no names", () => {
    expect(verdict("fields change places")).toEqual([
      "a is at another place among the fields, where the bytes of another one are",
      "b is at another place among the fields, where the bytes of another one are",
    ]);
    expect(verdict("symbols change places")).toEqual([
      'x "RED" is at another place: a stored one is read as "BLUE"',
      'x "BLUE" is at another place: a stored one is read as "RED"',
    ]);
  });

  it("goes by names in JSON, where places do not count", () => {
    expect(verdict("the envelope: branches change places", "json")).toEqual([]);
    expect(verdict("fields change places", "json")).toEqual([]);
    expect(verdict("symbols change places", "json")).toEqual([]);
    expect(verdict("a field with a default is added", "json")).toEqual([]);
    expect(verdict("int becomes double", "json")).toEqual([]);
    expect(verdict("a type becomes nullable", "json")).toEqual([]);
    expect(verdict("a branch is promoted", "json")).toEqual([]);
    expect(verdict("a field without a default is added", "json")).toEqual([
      "x is new and has no default: stored events lack it",
    ]);
    expect(verdict("a nullable type is required", "json")).toEqual(["x cannot be null any more"]);
    expect(verdict("a symbol is removed, with a default", "json")).toEqual([
      'x "BLUE" is gone: a stored one is read as "RED"',
    ]);
    expect(verdict("long becomes double", "json")).toEqual(["x was long and is double: large numbers lose digits"]);
    expect(verdict("string becomes bytes", "json")).toEqual([
      "x was string and is bytes: what is stored is taken for something else",
    ]);
    expect(verdict("the envelope: a branch is removed that another is alike", "json")).toEqual([
      "data(shop.sales.OrderPlacedV1) is gone: a stored one cannot be read. Avro's own readers take it for shop.sales.OrderShippedV1, which fits",
    ]);
  });

  it("does not mind where a field stands that has no bytes", () => {
    const nothing = { type: "record", name: "Nothing", fields: [] };
    const record = (...fields: readonly (readonly [name: string, type: unknown])[]) =>
      schemaOf(JSON.stringify({ type: "record", name: "R", fields: fields.map(([name, type]) => ({ name, type })) }));
    const found = (writer: Schema, reader: Schema) =>
      stricter(reader, writer, "avro", "1.11").map(({ path, kind }) => `${path} ${kind}`);
    const [a, b, none, null_] = [
      ["a", "int"],
      ["b", "string"],
      ["none", nothing],
      ["null", "null"],
    ] as const;
    expect(found(record(a, none, b, null_), record(none, null_, a, b))).toEqual([]);
    expect(found(record(a, none, b), record(b, none, a))).toEqual(["a moved", "b moved"]);
  });

  it("finds nothing against a schema itself", () => {
    for (const { held } of changes) {
      const parsed = parseDefinition(definitionOf(held[0]), { avro: "1.11", defaults: false });
      if ("schema" in parsed) expect(stricter(parsed.schema, parsed.schema, "avro", "1.11")).toEqual([]);
    }
  });

  it("is silent only where the bytes of the old schema are the same value in the new one", () => {
    let safe = 0;
    const property = fc.property(arbitraryTrial(), ({ held: [before = ""], next }) => {
      const types = [before, next].map((text) => {
        try {
          return avro.Type.forSchema(JSON.parse(text) as avro.Schema, { wrapUnions: true });
        } catch {
          return undefined; // what avsc does not know, such as a record without an end
        }
      });
      const [writer, reader] = types;
      if (writer === undefined || reader === undefined) return;
      const breaking = stricter(schemaOf(next), schemaOf(before), "avro", "1.11").filter((one) => one.breaking);
      if (breaking.length > 0) return;
      safe++;
      for (let tries = 0; tries < 5; tries++) {
        const bytes = bytesOf(writer);
        if (bytes === undefined) return;
        expect(plain(reader.fromBuffer(bytes)), next).toEqual(plain(writer.fromBuffer(bytes)));
      }
    });
    fc.assert(property, { numRuns: 2_000, seed: 3 });
    expect(safe).toBeGreaterThan(200);
  });
});
