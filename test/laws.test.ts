import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, generate } from "../src/compile.js";
import { printLock } from "../src/evolution/lock/write-lock.js";
import { releaseOf } from "../src/evolution/release.js";
import type { Model } from "../src/model/model.js";
import { arbitraryModel, type ModelSource } from "./arbitrary-model.js";
import { memorySources } from "./memory-sources.js";
import { seed } from "./seed.js";
import { biomeErrors } from "./targets/typescript/generated.js";

/** What holds for every model. `EVGEN_SEED` says which ones these are. */

const models = fc.sample(arbitraryModel(), { numRuns: 3, seed });

type Named = { readonly [name: string]: ModelSource };
type Files = ReadonlyMap<string, string>;

const filesOf = async (sources: { readonly [path: string]: ModelSource }): Promise<Files> => {
  const texts = Object.entries(sources).map(([path, source]) => [path, JSON.stringify(source)] as const);
  const { model, diagnostics } = await compile("model.yaml", memorySources(Object.fromEntries(texts)));
  if (model === undefined) throw new Error(`seed ${seed}: ${JSON.stringify(diagnostics)}`);
  const { files } = await generate(model);
  return new Map(files.map((file) => [file.path, file.content]));
};

const changed = (before: Files, after: Files): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path)).sort();

describe.each(models.map((source, index) => ({ index, source })))("model $index of the seed", async ({ source }) => {
  const files = await filesOf({ "model.yaml": source });
  const aggregates = source["aggregates"] as Named;
  const [name = ""] = Object.keys(aggregates);
  const aggregate = aggregates[name] as ModelSource & { readonly events: Named };

  it("gives the same bytes every time", async () => {
    expect(changed(files, await filesOf({ "model.yaml": source }))).toEqual([]);
  });

  it.each([
    ["at the end", Object.keys(aggregate.events).length],
    ["in the middle", 1],
    ["at the start", 0],
  ])("changes no other event's files when an event is added %s", async (_, place) => {
    const events = Object.entries(aggregate.events).toSpliced(place, 0, [
      "SomethingNew",
      { versions: { 1: { fields: { "v1?": "string", schema: "Size" } } } },
    ]);
    const projections = Object.fromEntries(
      Object.entries(source["projections"] as Named).map(([its, projection]) => {
        const on = projection["on"] as ModelSource;
        const added = projection["from"] === name ? { SomethingNew: "ignore" } : {};
        return [its, { ...projection, on: { ...on, ...added } }];
      }),
    );
    const more = {
      ...source,
      projections,
      aggregates: { ...aggregates, [name]: { ...aggregate, events: Object.fromEntries(events) } },
    };
    const different = changed(files, await filesOf({ "model.yaml": more as ModelSource }));
    const others = Object.keys(aggregate.events);
    expect(different.some((path) => path.endsWith("something-new.ts"))).toBe(true);
    const ofOthers = different.filter(
      (path) =>
        /^typescript\/[^/]+\/[^/]+\.ts$/.test(path) &&
        !/^typescript\/(topics|projections|consumers)\//.test(path) &&
        !path.includes("something-new"),
    );
    expect(ofOthers).toEqual([]);
    expect(different.filter((path) => others.some((one) => path.includes(`/${one}.`)))).toEqual([]);
    expect(different).not.toContain("typescript/types.ts");
  });

  it.each([
    [
      "an event is added at the start",
      (events: Named) => ({ SomethingNew: { versions: { 1: { fields: {} } } }, ...events }),
    ],
    ["its events are turned around", (events: Named) => Object.fromEntries(Object.entries(events).reverse())],
    [
      "each event gets one more version",
      (events: Named) =>
        Object.fromEntries(
          Object.entries(events).map(([its, event]) => {
            const versions = event["versions"] as Named;
            const last = Object.keys(versions).length;
            const more = { like: last, upcast: {} };
            return [its, { ...event, versions: { ...versions, [last + 1]: more } }];
          }),
        ),
    ],
  ])("keeps the place of what was released when %s", async (_, change) => {
    const compiled = async (files: { readonly [path: string]: string }) => {
      const { model, lock, diagnostics } = await compile("model.yaml", memorySources(files));
      if (model === undefined) throw new Error(`seed ${seed}: ${JSON.stringify(diagnostics)}`);
      return { model, lock };
    };
    const text = { "model.yaml": JSON.stringify(source) };
    const { model } = await compiled(text);
    const lock = printLock(releaseOf(model, undefined).snapshot);
    const events = change(aggregate.events) as Named;
    const projections = Object.fromEntries(
      Object.entries(source["projections"] as Named).map(([its, one]) => [
        its,
        {
          ...one,
          on: {
            ...(one["on"] as ModelSource),
            ...(one["from"] === name && "SomethingNew" in events ? { SomethingNew: "ignore" } : {}),
          },
        },
      ]),
    );
    const changedSource = { ...source, projections, aggregates: { ...aggregates, [name]: { ...aggregate, events } } };
    const after = await compiled({ "model.yaml": JSON.stringify(changedSource), "evgen.lock": lock });
    const namesOf = (one: Model) =>
      new Map(one.topics.map((topic) => [topic.url, topic.branches.map((branch) => branch.name)]));
    const now = namesOf(after.model);
    for (const [url, branches] of namesOf(model)) expect(now.get(url)?.slice(0, branches.length)).toEqual(branches);
    // Without the lock, they would move: the test can fail.
    const without = namesOf((await compiled({ "model.yaml": JSON.stringify(changedSource) })).model);
    if (Object.keys(aggregate.events).length > 1) expect([...without]).not.toEqual([...now]);
  });

  it("is the same from several files, but for the order in which they are read", async () => {
    const { types, projections, consumers, ...rest } = source;
    const parts: { readonly [path: string]: ModelSource } = {
      "types.yaml": { types: types ?? {} },
      "readers/projections.yaml": { projections: projections ?? {} },
      "readers/consumers.yaml": { consumers: consumers ?? {} },
    };
    for (const include of [
      Object.keys(parts),
      Object.keys(parts).reverse(),
      ["**/*.yaml"],
      ["readers/*.yaml", "types.yaml"],
    ]) {
      const split = await filesOf({ "model.yaml": { ...rest, include }, ...parts });
      expect(changed(files, split)).toEqual([]);
    }
  });

  it("keeps the order of a model's aggregates, whatever files they are in", async () => {
    const { aggregates: all, ...rest } = source;
    const parts = Object.entries(all as Named).map(
      ([its, one], index) => [`part${index}.yaml`, { aggregates: { [its]: one } }] as const,
    );
    const sources = Object.fromEntries(parts);
    const inOrder = await filesOf({ "model.yaml": { ...rest, include: Object.keys(sources) }, ...sources });
    expect(changed(files, inOrder)).toEqual([]);
    const reversed = await filesOf({ "model.yaml": { ...rest, include: Object.keys(sources).reverse() }, ...sources });
    expect([...reversed.keys()].sort()).toEqual([...files.keys()].sort());
    const code = changed(files, reversed).filter((path) => path.startsWith("typescript/"));
    // Only a topic that several aggregates share knows an order.
    expect(code.filter((path) => !path.startsWith("typescript/topics/"))).toEqual([]);
  });

  it("is formatted and linted as the project is", async () => {
    const code = new Map([...files].filter(([path]) => path.endsWith(".ts")));
    // A template of the model may well be a text that looks like one of JavaScript.
    const errors = (await biomeErrors(code)).filter((line) => !line.includes("noTemplateCurlyInString"));
    expect(errors).toEqual([]);
  });
});
