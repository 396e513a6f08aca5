import avsc from "avsc";
import { describe, expect, it } from "vitest";
import { avroNamespace } from "../../src/model/avro-names.js";
import type { JsonValue } from "../../src/model/type.js";
import { envelopeSchema } from "../../src/targets/avro.js";
import { modelOf, textOf } from "./typescript/generated.js";

type Fields = readonly { readonly name: string; readonly type: JsonValue; readonly [attribute: string]: JsonValue }[];

const everyType = await modelOf(textOf("test/targets/typescript/every-type.yaml"));

const fieldsOf = (schema: JsonValue): Fields => (schema as { readonly fields: Fields }).fields;
const branchesOf = (schema: JsonValue): readonly JsonValue[] =>
  fieldsOf(schema).find((field) => field.name === "data")?.type as readonly JsonValue[];

describe("the envelope of a topic", () => {
  it("is what docs/wire.md shows", async () => {
    const model = await modelOf(textOf("model.example.yaml"));
    const [topic] = model.topics;
    if (topic === undefined) throw new Error("no topic");
    const schema = envelopeSchema(topic, model);
    expect(JSON.stringify(schema)).toContain('"name":"OrderEvent","namespace":"shop.sales"');
    expect(branchesOf(schema).map((one) => (one as { name: string }).name)).toEqual(
      topic.branches.map((one) => one.name),
    );
  });

  it("is Avro for every type, each name defined once", () => {
    expect(avroNamespace(everyType)).toBe("my_team.kitchen_1");
    const [topic] = everyType.topics;
    if (topic === undefined) throw new Error("no topic");
    const schema = envelopeSchema(topic, everyType);
    expect(() => avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true })).not.toThrow();
    const names = [...JSON.stringify(schema).matchAll(/"type":"(?:record|enum)","name":"(\w+)"/g)].map((one) => one[1]);
    expect(names).toEqual([...new Set(names)]);
    const types = Object.fromEntries(fieldsOf(branchesOf(schema)[0] ?? null).map((field) => [field.name, field]));
    expect(types["big"]?.type).toBe("long");
    expect(types["id"]?.type).toEqual({ type: "string", logicalType: "uuid" });
    expect(types["anything"]?.type).toEqual({ type: "string", logicalType: "json" });
    expect(types["optionalBig"]).toEqual({ name: "optionalBig", type: ["null", "long"], default: null });
    // A symbol with a space in it makes a string of the enum.
    expect(types["enums"]?.type).toEqual({ type: "array", items: "string" });
    expect(types["payment"]?.type).toMatchObject([{ name: "Card" }, { name: "BankTransfer" }, { name: "Cash" }]);
    expect(types["inlinePayment"]?.type).toEqual(["null", "my_team.kitchen_1.Card", "my_team.kitchen_1.Cash"]);
    expect(types["text"]?.["doc"]).toBe("Some text.");
  });

  it("gives a field that is no Avro name another, and keeps its own", async () => {
    const model = await modelOf(textOf("model.example.yaml"));
    const [topic] = model.topics;
    const type = topic?.branches[0]?.type ?? expect.fail("no branch");
    const names = ["a-b", "a_b", "1", "a.b", ""];
    const fields = names.map((name) => ({ ...(type.fields[0] ?? expect.fail("no field")), name }));
    const odd = { ...topic, branches: [{ ...topic?.branches[0], type: { ...type, fields } }] } as typeof topic & object;
    const found = fieldsOf(branchesOf(envelopeSchema(odd, model))[0] ?? null);
    expect(found.map(({ name, property }) => [name, property])).toEqual([
      ["a_b_2", "a-b"],
      ["a_b", undefined],
      ["_1", "1"],
      ["a_b_3", "a.b"],
      ["_", ""],
    ]);
  });
});
