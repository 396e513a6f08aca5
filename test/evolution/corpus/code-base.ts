import { posix } from "node:path";
import { build } from "esbuild";
import type { Aggregate, Model } from "../../../src/model/model.js";
import { encodingOf } from "../../../src/runtime/codec.js";
import type { Encoding } from "../../../src/runtime/encoding.js";
import { describeProblems } from "../../../src/runtime/errors.js";
import * as runtime from "../../../src/runtime/index.js";
import { envelopeOf } from "../../../src/runtime/shape.js";
import { loadChecks, type Validated } from "../../../src/runtime/validator.js";
import { typescript } from "../../../src/targets/typescript/index.js";

/** The code that is generated of a model, run for real: what its modules export. */
export interface CodeBase {
  readonly model: Model;
  aggregate(name: string): runtime.AggregateDefinition | undefined;
}

const fragments = new Map<string, string>();

/** Generates the code of a model, bundles it as JavaScript, and loads it with the runtime of this repository. */
export const codeBaseOf = async (model: Model): Promise<CodeBase> => {
  const compiled: Model = {
    ...model,
    generate: { ...model.generate, targets: ["typescript"], validators: "compiled" },
  };
  const made = await typescript.generate(compiled, { fragments });
  const files = new Map(made.map((file) => [file.path, file.content]));
  const { outputFiles } = await build({
    entryPoints: ["typescript/index.js"],
    bundle: true,
    write: false,
    format: "cjs",
    external: ["evgen/runtime"],
    logLevel: "silent",
    plugins: [inMemory(files)],
  });
  const module = { exports: {} as { readonly [name: string]: unknown } };
  new Function("module", "require", outputFiles[0]?.text ?? "")(module, () => runtime);
  const aggregates = Object.values(module.exports).filter(isAggregate);
  return { model, aggregate: (name) => aggregates.find((one) => one.name === name) };
};

type Plugin = NonNullable<Parameters<typeof build>[0]["plugins"]>[number];

const inMemory = (files: ReadonlyMap<string, string>): Plugin => ({
  name: "in memory",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^evgen\/runtime$/ }, ({ path }) => ({ path, external: true }));
    onResolve({ filter: /.*/ }, ({ path, importer }) => ({
      path: posix.join(posix.dirname(importer), path).replace(/\.js$/, ".ts"),
      namespace: "memory",
    }));
    onLoad({ filter: /.*/, namespace: "memory" }, ({ path }) => ({ contents: files.get(path) ?? "", loader: "ts" }));
  },
});

const isAggregate = (value: unknown): value is runtime.AggregateDefinition =>
  typeof value === "object" && value !== null && "key" in value && "topic" in value && "events" in value;

/** Writes and reads the events of an aggregate as its programs do. */
export interface Side {
  readonly definition: runtime.AggregateDefinition;
  readonly codec: runtime.Codec;
  readonly encoding: Encoding;
  /** Why an event is not one of its current version. */
  problemOf(event: runtime.Event): string | undefined;
}

export const sideOf = async (code: CodeBase, { name }: Pick<Aggregate, "name">): Promise<Side | undefined> => {
  const definition = code.aggregate(name);
  if (definition === undefined) return undefined;
  const { topic, events } = definition;
  const versions = events.map((event) => event.versions.at(-1) as Validated);
  const checks = await loadChecks(versions);
  const current = new Map(events.map(({ type }, index) => [type, checks(versions[index] as Validated)]));
  return {
    definition,
    codec: await runtime.createCodec({ topic, aggregates: [definition] }),
    encoding: await encodingOf(topic, envelopeOf(topic)),
    problemOf: ({ type, data }) => {
      const problems = current.get(type)?.(data) ?? [{ pointer: "", reason: `${type} is no event of ${name}` }];
      return problems.length === 0 ? undefined : `${type} ${describeProblems(problems)}`;
    },
  };
};
