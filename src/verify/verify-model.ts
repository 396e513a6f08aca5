import type { Code } from "../diagnostics/catalogue.js";
import { diagnostic, type Place } from "../diagnostics/diagnostic.js";
import type { Finding } from "../evolution/finding.js";
import { functionStepsOf } from "../evolution/function-steps.js";
import { hashOfJson } from "../evolution/hash.js";
import type { ProvedStep, Sample, Snapshot } from "../evolution/snapshot.js";
import type { Aggregate, Event, EventVersion, Model } from "../model/model.js";
import type { Functions } from "../runtime/definitions.js";
import { type CounterExample, type ProvedVersion, proveAggregate } from "../testing/prove.js";
import type { Flaw } from "../testing/walk.js";
import { affectedBy } from "./affected-by.js";
import { definitionsOf } from "./definitions-of.js";
import { replaySamples } from "./replay-samples.js";

export interface VerifyOptions {
  readonly functions: Functions;
  /** What was released; its samples are read again. */
  readonly released: Snapshot | undefined;
  /** Whether what they are read as is going to be noted. */
  readonly record: boolean;
  /** How many events of each stored version are tried. */
  readonly runs: number;
  readonly seed: number;
  /** Milliseconds for the whole model. */
  readonly time: number;
  /** One version, and the way to one event of it. */
  readonly only?: EventVersion | undefined;
  readonly path?: string | undefined;
}

export interface Verification {
  readonly findings: readonly Finding[];
  readonly versions: readonly { readonly version: EventVersion; readonly runs: number }[];
  /** With what they are read as now. */
  readonly samples: readonly Sample[];
  /** Steps that call functions, and that events went through; proved when nothing is found. */
  readonly proved: readonly ProvedStep[];
}

/** Tries events of every version that may be stored: those of the model's aggregates, one after the other. */
export const verifyModel = async (model: Model, options: VerifyOptions): Promise<Verification> => {
  const { functions, runs, seed, only, path } = options;
  const { aggregates, versionOf } = definitionsOf(model);
  const wanted = [...aggregates].filter(([aggregate]) => only === undefined || only.event.aggregate === aggregate);
  const end = Date.now() + options.time;
  const findings: Finding[] = wanted.flatMap(([aggregate]) => missingFunctions(aggregate, functions, model));
  const versions: { version: EventVersion; runs: number }[] = [];
  let left = wanted.reduce((sum, [aggregate]) => sum + weightOf(aggregate), 0);
  for (const [aggregate, definition] of wanted) {
    const time = ((end - Date.now()) * weightOf(aggregate)) / Math.max(1, left);
    left -= weightOf(aggregate);
    const proof = await proveAggregate(definition, {
      ...{ functions, runs, seed, path, time: Math.max(1, time), only: only?.name },
      typeOf: (version) => versionOf(version).type,
    });
    for (const proved of proof.versions) {
      const version = versionIn(aggregate, proved);
      versions.push({ version, runs: proved.runs });
      if (proved.untried !== undefined) findings.push(untried(version, proved.untried, model));
      // What is missing has been said of the whole aggregate.
      const found = proved.found.filter(({ kind }) => kind !== "missing");
      findings.push(...found.map((example) => findingOf(example, version, seed, model)));
    }
  }
  if (only !== undefined) return { findings, versions, samples: [], proved: [] };
  const replayed = replaySamples(model, options);
  return {
    ...{ findings: [...findings, ...replayed.findings], versions, samples: replayed.samples },
    proved: stepsThrough(
      versions.filter((one) => one.runs > 0).map(({ version }) => version),
      model,
    ),
  };
};

const stepsThrough = (tried: readonly EventVersion[], model: Model): readonly ProvedStep[] => {
  const first = new Map<Event, number>();
  for (const { event, number } of tried) first.set(event, Math.min(number, first.get(event) ?? number));
  return [...first]
    .flatMap(([event, from]) =>
      functionStepsOf(event, model.long).filter(({ version }) => version === undefined || from < version.number),
    )
    .map(({ key, hash }) => ({ key, hash }));
};

/** How many versions there are to try. */
const weightOf = (aggregate: Aggregate): number => aggregate.events.reduce((sum, one) => sum + one.versions.length, 0);

const versionIn = (aggregate: Aggregate, { event, version }: ProvedVersion): EventVersion => {
  const found = aggregate.events.find((one) => one.name === event)?.versions[version - 1];
  if (found === undefined) throw new Error(`${aggregate.name} has no ${event} version ${version}`);
  return found;
};

const missingFunctions = (aggregate: Aggregate, functions: Functions, model: Model): readonly Finding[] =>
  aggregate.functions
    .filter(({ name }) => functions[name] === undefined)
    .map(({ name, place }): Finding => {
      const reason = `there is no function ${name} to run`;
      const { code, message } = diagnostic("function-missing", { step: aggregate.name, reason }, place);
      const module = model.verify.functions;
      const help = module === undefined ? "verify: { functions: src/upcasters.js }" : `Export ${name} from ${module}.`;
      const subject = [aggregate.name, name];
      const affected = { projections: [], consumers: [] };
      return {
        rule: code,
        level: "error",
        message,
        place,
        subject,
        affected,
        related: [],
        help,
        fingerprint: fingerprintOf(code, subject),
      };
    });

const findingOf = (example: CounterExample, version: EventVersion, seed: number, model: Model): Finding => {
  const { step, reason, result, functions, data, header, path } = example;
  const code = codeOf(example);
  const shown = JSON.stringify(data);
  return {
    ...common(code, version, functions, model),
    message: diagnostic(
      code,
      { step: step ?? `${version.event.name} version ${version.number}`, reason },
      version.place,
    ).message,
    level: "error",
    place: placeOf(functions, version),
    example: {
      version: version.name,
      data: header === undefined ? shown : `${shown} of ${JSON.stringify(header)}`,
      result: result ?? reason,
    },
    help: `evgen verify --only ${version.name} --seed ${seed} --path ${path}`,
  };
};

const untried = (version: EventVersion, reason: string, model: Model): Finding => ({
  ...common("read-untried", version, [], model),
  message: diagnostic("read-untried", { version: version.name, reason }, version.place).message,
  level: "warning",
  place: version.place,
});

const common = (rule: Code, version: EventVersion, functions: readonly string[], model: Model) => {
  const { event, number, name } = version;
  const subject = [event.aggregate.name, event.name, `v${number}`, ...functions];
  return {
    ...{ rule, subject, related: [] },
    chain: event.versions
      .slice(number - 1)
      .map((one) => `v${one.number}`)
      .join(" → "),
    affected: affectedBy(event, model),
    fingerprint: fingerprintOf(rule, [...subject, name]),
  };
};

const fingerprintOf = (rule: Code, subject: readonly string[]): string => hashOfJson([rule, ...subject], 16);

type VerifyCode =
  | "function-missing"
  | "function-throws"
  | "function-invalid"
  | "function-async"
  | "function-impure"
  | "read-broken";

const codeOf = ({ kind, functions }: Flaw): VerifyCode => {
  if (functions.length === 0) return "read-broken";
  switch (kind) {
    case "missing":
    case "throws":
    case "invalid":
    case "async":
    case "impure":
      return `function-${kind}`;
    case "differs":
      return "read-broken";
  }
};

/** Where the model names the function, or else the version. */
const placeOf = ([name]: readonly string[], { event, place }: EventVersion): Place =>
  event.aggregate.functions.find((one) => one.name === name)?.place ?? place;
