import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, generate } from "../src/compile.js";
import { fromMemory, toMemory } from "../src/model/memory-form.js";
import type { Aggregate, Event, EventVersion, Model } from "../src/model/model.js";
import type { JsonValue, Type } from "../src/model/type.js";
import { dereference } from "../src/model/type.js";
import { problemOf } from "../src/model/values.js";
import {
  type AggregateDefinition,
  type Codec,
  createCodec,
  type Decoded,
  type EventDefinition,
  type EventHeader,
} from "../src/runtime/index.js";
import { arbitraryOf } from "../src/testing/arbitrary-value.js";
import { verifyAggregate } from "../src/testing/index.js";
import { arbitraryModel, type ModelSource } from "./arbitrary-model.js";
import { memorySources } from "./memory-sources.js";
import { seed } from "./seed.js";
import { folderOf, typeErrors } from "./targets/typescript/generated.js";

/*
 * Random models from their source to values on the wire. `EVGEN_MODELS` and `EVGEN_SEED` say how many models, and
 * which; a failing test shows the model.
 */
const count = Number(process.env["EVGEN_MODELS"] ?? 8);

const valuesOfEach = 8;

type Module = Readonly<Record<string, unknown>>;

interface Made {
  readonly folder: string;
  readonly source: ModelSource;
  readonly model: Model;
}

const files = new Map<string, string>();
const made: Made[] = [];
for (const [index, source] of fc.sample(arbitraryModel(), { numRuns: count, seed }).entries()) {
  for (const encoding of ["avro", "json"]) {
    const own = { ...source, pulsar: { ...(source["pulsar"] as object), encoding } } as ModelSource;
    const text = JSON.stringify(own);
    const { model, diagnostics } = await compile("model.yaml", memorySources({ "model.yaml": text }));
    if (model === undefined) throw new Error(`seed ${seed}: ${JSON.stringify(diagnostics, null, 1)} in ${text}`);
    const generated = await generate(model);
    if (generated.diagnostics.length > 0) throw new Error(`seed ${seed}: ${JSON.stringify(generated.diagnostics)}`);
    const folder = `model${index}-${encoding}`;
    for (const file of generated.files) files.set(`${folder}/${file.path}`, file.content);
    made.push({ folder, source: own, model });
  }
}
const root = folderOf(files);

describe(`${count} models of seed ${seed}`, () => {
  it("compile under the strictest settings", async () => {
    expect(await typeErrors(root)).toEqual([]);
  });

  it("make scripts that are sound", () => {
    const scripts = [...files.keys()].filter((path) => path.endsWith(".sh")).map((path) => join(root, path));
    expect(scripts.length).toBeGreaterThanOrEqual(made.length);
    for (const script of scripts) execFileSync("bash", ["-n", script]);
    // it takes its time
    const checked = spawnSync("shellcheck", scripts.slice(0, 12), { encoding: "utf8" });
    // where it is not installed, there is nothing to see
    if (checked.error === undefined) expect(checked.stdout).toBe("");
  });

  it.each(made)("carry every value of every version: $folder", async ({ folder, source, model }) => {
    writeFileSync(join(root, folder, "model.yaml"), JSON.stringify(source));
    const generated = (await import(join(root, folder, "typescript/index.ts"))) as Module;
    for (const topic of model.topics) {
      const definitions = topic.aggregates.map((aggregate) => definitionOf(generated, aggregate));
      const [first] = definitions;
      if (first === undefined) throw new Error(`nothing is on ${topic.name}`);
      const codec = await createCodec({ topic: first.topic, aggregates: definitions });
      for (const [at, aggregate] of topic.aggregates.entries()) {
        for (const event of aggregate.events) {
          const definition = definitions[at]?.events.find((one) => one.type === event.name);
          if (definition === undefined) throw new Error(`${event.name} is not there`);
          for (const version of event.versions) checkVersion(version, definition, codec, model);
        }
        const proved = definitions[at];
        if (proved !== undefined && model.generate.validators === "compiled") {
          await verifyAggregate(proved, { runs: valuesOfEach, seed });
        }
      }
    }
  });
});

/** The generated definition, found by its name in the model: an exported const may be called otherwise. */
const definitionOf = (generated: Module, aggregate: Aggregate): AggregateDefinition => {
  const isIt = (value: unknown): value is AggregateDefinition =>
    typeof value === "object" && value !== null && "key" in value && "topic" in value && "name" in value;
  const found = Object.values(generated).find((value) => isIt(value) && value.name === aggregate.name);
  if (!isIt(found)) throw new Error(`${aggregate.name} is not exported`);
  return found;
};

const checkVersion = (version: EventVersion, definition: EventDefinition, codec: Codec, model: Model): void => {
  const { event, type } = version;
  const values = fc.sample(arbitraryOf(type, model.long), { numRuns: valuesOfEach, seed });
  for (const value of values) {
    const about = `${version.name} ${JSON.stringify(value)}`;
    const header = headerOf(version);
    const payload = codec.encode(definition, header, toMemory(value, type, model.long));
    const decoded = codec.decode(payload);
    if (decoded.kind !== "events") throw new Error(`${about} is decoded as ${JSON.stringify(decoded)}`);
    expect(decoded.header, about).toMatchObject(header);
    if (event.becomes !== undefined) checkBecome(event, decoded, model, about);
    else {
      expect(decoded.events, about).toHaveLength(1);
      const data = dataOf(decoded.events[0]?.data, event.current.type, model);
      if (version === event.current) expect(data, about).toEqual(onWire(value, type));
      else expect(problemOf(data, event.current.type, model.long), about).toBeUndefined();
    }
  }
};

/** What a retired event is read as, as far as it is not retired itself: valid events of the model. */
const checkBecome = (
  retired: Event,
  decoded: Extract<Decoded, { readonly kind: "events" }>,
  model: Model,
  about: string,
): void => {
  expect(
    decoded.events.map((one) => one.type),
    about,
  ).toEqual(becoming(retired));
  for (const part of decoded.events) {
    const event = model.aggregates.flatMap((one) => one.events).find((one) => one.name === part.type);
    if (event === undefined) throw new Error(`there is no ${part.type}`);
    const { type } = event.current;
    expect(problemOf(dataOf(part.data, type, model), type, model.long), about).toBeUndefined();
  }
};

const becoming = (event: Event): readonly string[] =>
  (event.becomes ?? []).flatMap(({ version }) =>
    version.event.becomes === undefined ? [version.event.name] : becoming(version.event),
  );

const headerOf = (version: EventVersion): EventHeader => ({
  id: "0196a5c4-0000-7000-8000-000000000001",
  type: version.event.name,
  version: version.number,
  aggregateId: "0f8fad5b-d9cb-469f-a165-70867728950e",
  time: "2026-01-05T10:00:00.000Z",
  metadata: { "*/ `": "$(x)" },
});

const dataOf = (value: unknown, type: Type, model: Model): JsonValue =>
  onWire(fromMemory(withoutAbsent(value), type, model.long), type);

/** Fields that were copied while they were absent are no fields in data form. */
const withoutAbsent = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutAbsent);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, withoutAbsent(item)] as const])),
  );
};

/** A value as it comes back: on the wire, null is how an optional field is absent, also one of the type json. */
const onWire = (value: JsonValue, type: Type): JsonValue => {
  const target = dereference(type);
  switch (target.kind) {
    case "array":
      return (value as readonly JsonValue[]).map((item) => onWire(item, target.items));
    case "map":
      return mapFields(value, ([key, item]) => [[key, onWire(item, target.values)]]);
    case "union": {
      const { kind } = value as { readonly kind: string };
      const member = target.members.find((one) => one.name === kind)?.type;
      return member === undefined ? value : { kind, ...(onWire(value, member) as object) };
    }
    case "record":
      return mapFields(value, ([key, item]) => {
        const field = target.fields.find((one) => one.name === key);
        if (field === undefined || (field.optional && item === null)) return [];
        return [[key, onWire(item, field.type)]];
      });
    default:
      return value;
  }
};

const mapFields = (
  value: JsonValue,
  change: (entry: readonly [string, JsonValue]) => readonly (readonly [string, JsonValue])[],
): JsonValue => Object.fromEntries(Object.entries(value as object).flatMap((entry) => change(entry)));
