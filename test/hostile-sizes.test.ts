import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compile, generate } from "../src/compile.js";
import type { JsonValue } from "../src/model/type.js";
import { type AggregateDefinition, createCodec, type EventDefinition } from "../src/runtime/index.js";
import { memorySources } from "./memory-sources.js";
import { biomeErrors, folderOf, typeErrors } from "./targets/typescript/generated.js";

type Source = { readonly [key: string]: JsonValue };

/** The files of a model that is written in JSON; it has no mistake. */
const filesOf = async (source: Source): Promise<ReadonlyMap<string, string>> => {
  const text = JSON.stringify({ evgen: 1, system: "shop", ...source });
  const { model, diagnostics } = await compile("model.yaml", memorySources({ "model.yaml": text }));
  expect(diagnostics.map((one) => one.message)).toEqual([]);
  if (model === undefined) throw new Error("no model");
  const generated = await generate(model);
  expect(generated.diagnostics).toEqual([]);
  return new Map(generated.files.map((file) => [file.path, file.content]));
};

const event = (fields: JsonValue, more: Source = {}): JsonValue => ({ versions: { 1: { fields } }, ...more });
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

/** A record in a record, this often. */
const nested = (levels: number): JsonValue => {
  let field: JsonValue = "string";
  for (let at = 0; at < levels; at++) field = { fields: { inner: field } };
  return field;
};

const longText = "x*/`\u0024{1}'\"\\\u2028 $(touch planted);\n".repeat(250);
const longName = `A${"b".repeat(99)}`;

const long: Source = {
  description: longText,
  types: {
    Many: { enum: range(5_000).map((at) => `value ${at}`) },
    Symbols: { enum: range(5_000).map((at) => `v${at}`) },
    Texts: { enum: [longText, "'", '"', "`", "\\", "\n", "\u2028", "\0", "*/", "//", "__proto__", "constructor"] },
    [`${longName.slice(0, -1)}t`]: { fields: { [`a${"b".repeat(99)}`]: "string" } },
    // A chain of types, each of the one before it.
    ...Object.fromEntries(
      range(150).map((at) => [`Link${at}`, { fields: { to: at === 0 ? "string" : `Link${at - 1}` } }]),
    ),
    ...Object.fromEntries(range(60).map((at) => [`Ring${at}`, { fields: { "to?": `Ring${(at + 1) % 60}` } }])),
  },
  aggregates: {
    Order: {
      description: longText,
      key: { orderId: { type: "string", pattern: "^[^'\"`$\\\\\\u2028]*$" } },
      events: {
        Wide: event(Object.fromEntries(range(200).map((at) => [`field${at}`, at % 2 === 0 ? "string" : "Many"]))),
        Deep: event({
          inner: nested(32),
          chain: "Link149",
          ring: "Ring0",
          lists: "int[][][][][][]",
          maps: "map<map<map<map<int>>>>",
        }),
        Old: {
          versions: Object.fromEntries(
            range(50).map((at) => [
              at + 1,
              {
                fields: { [`field${at}`]: "Symbols" },
                ...(at === 0 ? {} : { upcast: { [`field${at}`]: `$field${at - 1}` } }),
              },
            ]),
          ),
        },
        [longName]: event(
          {
            [`a${"b".repeat(99)}`]: { type: "string", example: longText, description: longText, deprecated: longText },
          },
          { description: longText, deprecated: longText },
        ),
        Texts2: {
          versions: {
            1: { fields: { text: "Texts", all: "Symbols" } },
            2: {
              fields: { text: "Texts", all: "Symbols", said: "string" },
              upcast: {
                said: { literal: `$${longText}` },
                all: { from: "$all", map: Object.fromEntries(range(5_000).map((at) => [`v${at}`, `v${4_999 - at}`])) },
              },
            },
          },
        },
      },
    },
  },
};

it.each([
  ["avro", "compiled"],
  ["json", "precompiled"],
])("makes code of what is long, wide and deep, in %s, %s", async (encoding, validators) => {
  const files = await filesOf({ ...long, pulsar: { encoding }, generate: { validators } });
  const folder = folderOf(files);
  expect(await typeErrors(folder)).toEqual([]);
  // What Biome and shellcheck say depends on neither.
  const isFirst = encoding === "avro";
  const typescript = new Map([...files].filter(([path]) => isFirst && path.endsWith(".ts")));
  expect((await biomeErrors(typescript)).filter((line) => !line.includes("noTemplateCurlyInString"))).toEqual([]);
  for (const [path, text] of files) {
    if (path.endsWith(".json") || path.endsWith(".avsc")) expect(() => JSON.parse(text), path).not.toThrow();
    if (isFirst && path.endsWith(".sh")) {
      const checked = spawnSync("shellcheck", [join(folder, path)], { encoding: "utf8" });
      if (checked.error === undefined) expect(checked.stdout).toBe("");
    }
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const generated = (await import(join(folder, "typescript/index.ts"))) as Readonly<Record<string, unknown>>;
  const order = generated["order"] as AggregateDefinition;
  const codec = await createCodec({ topic: order.topic, aggregates: [order] });
  const read = (name: string, version: number, data: unknown): unknown => {
    const definition = order.events.find((one) => one.type === name) as EventDefinition;
    const header = { id: "i", type: name, version, aggregateId: "a", time: "2026-01-05T10:00:00.000Z", metadata: {} };
    const decoded = codec.decode(codec.encode(definition, header, data));
    if (decoded.kind !== "events") throw new Error(JSON.stringify(decoded).slice(0, 500));
    return decoded.events[0]?.data;
  };
  expect(read("Old", 1, { field0: "v4999" })).toEqual({ field49: "v4999" });
  expect(read("Texts2", 1, { text: longText, all: "v1" })).toEqual({
    text: longText,
    all: "v4998",
    said: `$${longText}`,
  });
  expect(read("Texts2", 1, { text: "__proto__", all: "v1" })).toMatchObject({ text: "__proto__" });
  expect(() => read("Texts2", 1, { text: "toString", all: "v1" })).toThrow();
});
