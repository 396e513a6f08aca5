import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toMemory } from "../../src/model/memory-form.js";
import type { EventVersion } from "../../src/model/model.js";
import { problemOf } from "../../src/model/values.js";
import { createAjv } from "../../src/runtime/ajv.js";
import type { JsonSchema } from "../../src/runtime/index.js";
import { schemaValue } from "../../src/targets/typescript/schema.js";
import { createRun } from "../../src/targets/typescript/scope.js";
import { arbitraryOf } from "../../src/testing/arbitrary-value.js";
import { typeOfSchema } from "../../src/testing/type-of-schema.js";
import { arbitraryModel } from "../arbitrary-model.js";
import { modelOf, textOf } from "../targets/typescript/generated.js";

const everyType = textOf("test/targets/typescript/every-type.yaml");
const random = fc.sample(arbitraryModel(), { numRuns: 12, seed: 20261125 }).map((model) => JSON.stringify(model));

describe("the type of a generated schema has the values of the type that the schema was made of", () => {
  it.each([everyType, everyType.replace("long: bigint", "long: number"), ...random])("model %#", async (yaml) => {
    const model = await modelOf(yaml);
    const run = createRun(model, new Set());
    for (const version of model.aggregates.flatMap((one) => one.events).flatMap((event) => event.versions)) {
      compare(version, schemaValue(version.type, run) as JsonSchema, model.long);
    }
  });

  it("is not looked for where there is none", () => {
    expect(() => typeOfSchema({ type: "null" })).toThrow("no schema of generated code");
    expect(() => typeOfSchema({ $ref: "#/$defs/Money" })).toThrow("refers to Money");
  });
});

const compare = ({ name, type }: EventVersion, schema: JsonSchema, long: "number" | "bigint"): void => {
  const read = typeOfSchema(schema);
  const validate = createAjv().compile(schema);
  for (const value of fc.sample(arbitraryOf(read, long), { numRuns: 30, seed: 1 })) {
    expect(validate(toMemory(value, read, long)), `${name} ${JSON.stringify(value)}`).toBe(true);
    expect(problemOf(value, type, long)).toBeUndefined();
  }
  for (const value of fc.sample(arbitraryOf(type, long), { numRuns: 30, seed: 2 })) {
    expect(problemOf(value, read, long), `${name} ${JSON.stringify(value)}`).toBeUndefined();
  }
};
