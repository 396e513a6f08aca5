import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toMemory } from "../../../src/model/memory-form.js";
import { createAjv } from "../../../src/runtime/ajv.js";
import {
  type AggregateDefinition,
  createCodec,
  createMemoryBroker,
  type EventDefinition,
  type Validate,
} from "../../../src/runtime/index.js";
import { arbitraryOf } from "../../../src/testing/arbitrary-value.js";
import { biomeErrors, folderOf, generate, modelOf, textOf, typeErrors } from "./generated.js";

type Module = Readonly<Record<string, unknown>>;

const yaml = textOf("test/targets/typescript/every-type.yaml");
const precompiledYaml = `${yaml}\ngenerate: { targets: [typescript], validators: precompiled }\n`;

describe.each([
  ["json", "bigint", yaml],
  ["avro", "bigint", yaml.replace("encoding: json", "encoding: avro")],
  ["avro", "number", yaml.replace("encoding: json", "encoding: avro").replace("long: bigint", "long: number")],
  ["json", "number", yaml.replace("long: bigint", "long: number")],
  ["json, precompiled", "bigint", precompiledYaml],
] as const)("every type, in %s, with long as %s", async (_encoding, long, text) => {
  const model = await modelOf(text);
  const files = await generate(model);
  const folder = folderOf(files);
  const generated = (await import(join(folder, "index.ts"))) as Module;
  const aggregate = generated["account"] as AggregateDefinition;
  const { type } = model.aggregates[0]?.events[0]?.current ?? expect.fail("no event");

  it("compiles, and is formatted", async () => {
    expect(await typeErrors(folder)).toEqual([]);
    // A pattern of the model holds `${`, which is what its author wants.
    expect((await biomeErrors(files)).filter((line) => !line.includes("noTemplateCurlyInString"))).toEqual([]);
  });

  it("is encoded, decoded and validated", async () => {
    const codec = await createCodec({ topic: aggregate.topic, aggregates: [aggregate] });
    expect(codec).toBeDefined();
    const broker = createMemoryBroker();
    const client = broker.client();
    const create = generated["createAccountProducer"] as Function;
    const consume = generated["createAccountConsumer"] as Function;
    const values = fc.sample(arbitraryOf(type, long), { numRuns: 25, seed: 7 });
    const sent = values.map((value) => toMemory(value, type, long));
    const received: unknown[] = [];
    const producer = await create(client);
    const ignore = (): void => {};
    const consumer = await consume(client, {
      subscription: "all",
      handlers: {
        EveryType: (event: { data: unknown }) => void received.push(event.data),
        ...{ Nothing: ignore, Old: ignore, Return: ignore },
      },
    });
    for (const data of sent) await producer.everyType("a", data);
    await producer.return("a", { delete: "x", class: "y", function: 1 });
    await producer.nothing("a", {});
    await expect(producer.everyType("a", { ...(sent[0] as object), text: "" })).rejects.toThrow();
    await expect(producer.nothing("a", { more: 1 })).rejects.toThrow();
    await expect.poll(() => received.length).toBe(sent.length);
    expect(received).toEqual(sent);
    await consumer.close();
    await producer.close();
  });
});

describe("precompiled validators", async () => {
  const model = await modelOf(precompiledYaml);
  const files = await generate(model);
  const folder = folderOf(files);
  const compiledFiles = await generate(await modelOf(yaml));

  it("are plain modules", () => {
    const validators = [...files].filter(([path]) => path.endsWith(".validate.ts"));
    expect(validators).toHaveLength(5);
    for (const [path, text] of validators) {
      expect(text, path).not.toMatch(/\brequire\s*\(|\bnew Function\b|\beval\s*\(|^import (?!type)/m);
      expect(text, path).toMatch(/^import type \{ Validate \} from "evgen\/runtime";$/m);
    }
  });

  it("say what compiled ones say", async () => {
    const precompiled = (await import(join(folder, "account/every-type.ts"))) as Module;
    const compiled = (await import(join(folderOf(compiledFiles), "account/every-type.ts"))) as Module;
    const one = (precompiled["everyType"] as EventDefinition).versions[0]?.validate as Validate;
    const other = createAjv().compile((compiled["everyType"] as EventDefinition).versions[0]?.schema as object);
    const { type } = model.aggregates[0]?.events[0]?.current ?? expect.fail("no event");
    const valid = arbitraryOf(type, "bigint").map((value) => toMemory(value, type, "bigint") as object);
    const names = type.kind === "record" ? type.fields.map((field) => field.name) : [];
    const broken = fc
      .tuple(valid, fc.constantFrom(...names, "extra"), fc.oneof(fc.anything(), fc.constant(undefined)))
      .map(([value, name, wrong]) => ({ ...value, [name]: wrong }));
    fc.assert(
      fc.property(fc.oneof(valid, broken), (value) => {
        expect(one(value)).toBe(other(value));
        expect(one.errors?.map((error) => [error.instancePath, error.message])).toEqual(
          other.errors?.map((error) => [error.instancePath, error.message]),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("are taken from the fragments, and do not depend on each other", async () => {
    const fragments = new Map<string, string>();
    await generate(model, fragments);
    expect(await generate(model, fragments)).toEqual(files);
    const less = await generate(
      await modelOf(precompiledYaml.replace(/ {6}Old:[\s\S]*?(?= {6}Return:)/, "").replace("      Old: ignore\n", "")),
    );
    expect(less.get("account/return.validate.ts")).toBe(files.get("account/return.validate.ts"));
  });
});
