import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { compile } from "../compile.js";
import { type Diagnostic, hasErrors, type Place } from "../diagnostics/diagnostic.js";
import { didYouMean, suggest } from "../diagnostics/entry.js";
import { visible } from "../diagnostics/visible.js";
import type { Finding } from "../evolution/finding.js";
import { snapshotIn } from "../evolution/lock/snapshot-in.js";
import type { ProvedStep, Sample } from "../evolution/snapshot.js";
import type { EventVersion, Model } from "../model/model.js";
import type { Functions } from "../runtime/definitions.js";
import { verifyModel } from "../verify/verify-model.js";
import { asFailure, type Failure, wrongUse } from "./failure.js";
import { diskSources } from "./sources.js";
import { loadFunctions } from "./verify/load-functions.js";
import { type Marks, markCalls } from "./verify/marks.js";

/** What a thread is started with that runs the functions of the user's. */
export interface VerifyJob {
  readonly folder: string;
  readonly entry: string;
  /** The module as it was named on the command line, absolute, and how it is shown. */
  readonly functions?: { readonly file: string; readonly shown: string } | undefined;
  readonly runs: number;
  readonly seed: number;
  readonly record: boolean;
  /** Milliseconds. */
  readonly time: number;
  readonly only?: string | undefined;
  readonly path?: string | undefined;
  readonly marks: Marks;
}

export interface RunFunction {
  readonly name: string;
  readonly aggregate: string;
  readonly place: Place;
}

export type VerifyAnswer =
  /** The functions that are run, in the order of their marks. */
  | { readonly kind: "started"; readonly functions: readonly RunFunction[] }
  | { readonly kind: "model"; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: "verified";
      /** Those of the lock, with what they are read as. */
      readonly samples: readonly Sample[];
      /** The steps of the model that call functions, as they are: noted when nothing is found. */
      readonly proved: readonly ProvedStep[];
      readonly findings: readonly Finding[];
      readonly versions: readonly { readonly name: string; readonly runs: number }[];
    }
  | { readonly kind: "failed"; readonly message: string; readonly exitCode: Failure["exitCode"] }
  | { readonly kind: "bug"; readonly stack: string };

const verify = async (job: VerifyJob, tell: (answer: VerifyAnswer) => void): Promise<VerifyAnswer> => {
  const { model, lock, diagnostics } = await compile(job.entry, diskSources(job.folder));
  const released = lock === undefined ? undefined : snapshotIn(lock);
  if (model === undefined || hasErrors(released?.diagnostics ?? []))
    return { kind: "model", diagnostics: [...diagnostics, ...(released?.diagnostics ?? [])] };
  const only = job.only === undefined ? undefined : versionCalled(job.only, model);
  const asked = model.aggregates.flatMap((aggregate) =>
    aggregate.functions.map(({ name, place }): RunFunction => ({ name, aggregate: aggregate.name, place })),
  );
  const names = asked.map(({ name }) => name);
  const functions = names.length === 0 ? {} : await functionsOf(model, job, names);
  tell({ kind: "started", functions: asked });
  const { runs, seed, time, path, record } = job;
  const marked = markCalls(functions, names, job.marks);
  const verified = await verifyModel(model, {
    ...{ functions: marked, released: released?.snapshot, record, runs, seed, time, only, path },
  });
  return {
    ...{ kind: "verified", findings: verified.findings, samples: verified.samples, proved: verified.proved },
    versions: verified.versions.map((one) => ({ name: one.version.name, runs: one.runs })),
  };
};

const versionCalled = (name: string, model: Model): EventVersion => {
  const versions = model.aggregates.flatMap((one) => one.events).flatMap((event) => event.versions);
  const found = versions.find((version) => version.name === name);
  if (found !== undefined) return found;
  throw wrongUse(
    `The model has no version ${visible(name)}.${didYouMean(
      suggest(
        name,
        versions.map((one) => one.name),
      ),
    )}`,
  );
};

/** Those of the module that was named, or that the model names; none without a module. */
const functionsOf = async (
  model: Model,
  { folder, functions }: VerifyJob,
  names: readonly string[],
): Promise<Functions> => {
  const inModel = model.verify.functions;
  if (functions !== undefined) return loadFunctions(functions.file, functions.shown, names);
  return inModel === undefined ? {} : loadFunctions(join(folder, inModel), inModel, names);
};

const port = parentPort;
if (port === null) throw new Error("this module is a thread of its own");
const tell = (answer: VerifyAnswer): void => port.postMessage(answer);
try {
  tell(await verify(workerData as VerifyJob, tell));
} catch (thrown) {
  const failure = asFailure(thrown);
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  tell(
    failure === undefined
      ? { kind: "bug", stack }
      : { kind: "failed", message: failure.message, exitCode: failure.exitCode },
  );
}
