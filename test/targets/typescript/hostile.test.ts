import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Model } from "../../../src/model/model.js";
import { type AggregateDefinition, createCodec, createMemoryBroker } from "../../../src/runtime/index.js";
import { folderOf, generate, modelOf, typeErrors } from "./generated.js";

/** Texts that end comments, strings, templates and tags, give orders to compilers, or are names of every object. */
const hostile = [
  "quotes \" and ' and `",
  "${globalThis.planted = 1} `${globalThis.planted = 1}`",
  "*/ globalThis.planted = 1; /*",
  "line\nbreak\r\nand\u2028more\u2029still // globalThis.planted = 1",
  "@ts-expect-error",
  "@ts-ignore @deprecated {@link x} @internal",
  "</script><!-- \\ \\\\ \\' \\\" \\u0041",
  "\u202e reversed \u0000 \u001b[31m \ufeff",
  "constructor",
  "__proto__",
  "toString",
  "[k: string]",
  "{{#each x}}{{/each}} {{{y}}}",
  "x".repeat(10_000),
];

/** Property names that a JSON Schema may bring along. */
const names = ["class", "kind", "p0", "R0", "_", "function", "event", "v1", "type", "default"];

const imported = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: hostile[2],
  type: "object",
  description: hostile.join("\n"),
  properties: Object.fromEntries(
    names.map((name, index) => [name, { type: "string", description: `${name} ${hostile[index % hostile.length]}` }]),
  ),
  required: names,
  additionalProperties: false,
};

const text = (value: unknown): string => JSON.stringify(value);

const yaml = `
evgen: 1
system: hostile
description: ${text(hostile[2])}
pulsar: { encoding: ENCODING }
generate: { targets: [typescript], validators: VALIDATORS }
types:
  Odd: { enum: ${text(hostile.filter((one) => one.length < 1000))}, description: ${text(hostile[2])} }
  # Names that the runtime, the generated code and JavaScript use themselves.
  Event: { fields: { a: string } }
  Consumer: { fields: { event: Event } }
  JsonSchema: { fields: { consumer: Consumer, any: json } }
  Handlers: { oneOf: [Event, Consumer] }
aggregates:
  Return:
    description: ${text(hostile.join("\n"))}
    key: { options: string }
    events:
      Delete:
        description: ${text(hostile[4])}
        deprecated: ${text(hostile[2])}
        versions:
          1: { schema: ./delete.json }
      Import:
        description: ${text(hostile[5])}
        versions:
          1:
            description: ${text(hostile[3])}
            fields:
              odd: { type: Odd, description: ${text(hostile[1])}, deprecated: ${text(hostile[2])}, example: constructor }
              pattern: { type: string, pattern: ${text("[\"'`${}*/\\\\\\n\u2028]")} }
              text: string
          2:
            fields: { odd: Odd, pattern: { type: string, pattern: ${text("[\"'`${}*/\\\\\\n\u2028]")} }, text: string, schema: JsonSchema, handlers: Handlers, added: string, table: Odd }
            upcast:
              added: ${text(`$${hostile[1]}`)}
              schema: { fields: { consumer: { fields: { event: { fields: { a: ${text(hostile[2])} } } } }, any: { literal: { constructor: [${text(hostile[0])}] } } } }
              handlers: { oneOf: Event, fields: { a: { template: ${text("`${{globalThis.planted = 1}}\\\\ {text}`")} } } }
              table: { from: $odd, map: { "__proto__": toString, "[k: string]": constructor }, otherwise: ${text(hostile[0])} }
`;

/** The model with other names of the fields of its first event, which no syntax lets through. */
const withFieldNames = (model: Model, fieldNames: readonly string[]): Model => {
  const odd = structuredClone(model);
  const [event] = odd.aggregates[0]?.events ?? [];
  const type = event?.current.type ?? expect.fail("no event");
  const [field] = type.fields;
  const fields = fieldNames.map((name) => ({ ...(field ?? expect.fail("no field")), name }));
  Object.assign(type, { fields });
  return odd;
};

describe.each([
  ["avro", "compiled"],
  ["json", "compiled"],
  ["json", "precompiled"],
])("a hostile model in %s, %s", async (encoding, validators) => {
  const model = await modelOf(yaml.replace("ENCODING", encoding).replace("VALIDATORS", validators), {
    "delete.json": text(imported),
  });
  const files = await generate(model);
  const folder = folderOf(files);

  it("compiles", async () => {
    expect(await typeErrors(folder)).toEqual([]);
  });

  it("compiles with any property names", async () => {
    const odd = withFieldNames(model, [
      ...hostile.filter((one) => one !== "__proto__"),
      "a-b",
      "a_b",
      "1",
      "",
      "é",
      "$",
    ]);
    expect(await typeErrors(folderOf(await generate(odd)))).toEqual([]);
  });

  it("stays in its folder", () => {
    const known = ["index.ts", "return", "return.ts", "topics", "types.ts", "package.json", "tsconfig.json"];
    expect(readdirSync(folder).filter((name) => !known.includes(name))).toEqual([]);
  });

  it("runs, and nothing planted does", async () => {
    const generated = (await import(join(folder, "index.ts"))) as Readonly<Record<string, never>>;
    const aggregate: AggregateDefinition = generated["returnAggregate"] ?? expect.fail("no aggregate");
    expect(await createCodec({ topic: aggregate.topic, aggregates: [aggregate] })).toBeDefined();
    const client = createMemoryBroker().client();
    const create: Function = generated["createReturnProducer"] ?? expect.fail("no producer");
    const consume: Function = generated["createReturnConsumer"] ?? expect.fail("no consumer");
    const producer = await create(client);
    const received: unknown[] = [];
    const keep = (event: { data: unknown }): void => void received.push(event.data);
    const consumer = await consume(client, { subscription: "all", handlers: { Delete: keep, Import: keep } });
    const base = { pattern: "`", text: "t", schema: { consumer: { event: { a: "x" } }, any: null }, added: "" };
    const sent = hostile
      .filter((one) => one.length < 1000)
      .map((odd) => ({ ...base, odd, table: odd, handlers: { kind: "Event", a: odd } }));
    for (const data of sent) await producer.import("r", data);
    await expect(producer.import("r", { ...sent[0], odd: "hasOwnProperty" })).rejects.toThrow();
    await expect.poll(() => received.length).toBe(sent.length);
    expect(received).toEqual(sent);
    await consumer.close();
    await producer.close();
    expect((globalThis as { planted?: unknown }).planted).toBeUndefined();
  });
});
