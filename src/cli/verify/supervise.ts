import { SHARE_ENV, Worker } from "node:worker_threads";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import type { Finding } from "../../evolution/finding.js";
import { environmentFailed } from "../failure.js";
import { sha256 } from "../sha256.js";
import type { RunFunction, VerifyAnswer, VerifyJob } from "../verify-worker.js";
import { createMarks, runningCall } from "./marks.js";

export type Verified = Exclude<VerifyAnswer, { readonly kind: "started" | "failed" | "bug" }>;

/**
 * Verifies a model in a thread of its own, which is stopped when a function of the user's does not come back. What the
 * functions print goes to stderr.
 */
export const superviseVerify = (job: Omit<VerifyJob, "marks">): Promise<Verified> =>
  new Promise((resolve, reject) => {
    const marks = createMarks();
    // As it is found from dist/cli and dist/chunks.
    const worker = new Worker(new URL("../cli/verify-worker.js", import.meta.url), {
      workerData: { ...job, marks } satisfies VerifyJob,
      // One that sets the time zone needs the environment itself.
      env: SHARE_ENV,
      stdout: true,
    });
    worker.stdout.pipe(process.stderr, { end: false });
    let functions: readonly RunFunction[] = [];
    let last = 0;
    let since = Date.now();
    const patience = Math.min(longest, job.time);
    const watch = setInterval(() => {
      const running = runningCall(marks);
      if (running === undefined || running.count !== last) {
        last = running?.count ?? last;
        since = Date.now();
        return;
      }
      if (Date.now() - since < patience) return;
      finish(() => resolve(endless(functions[running.index], running.given, patience)));
      void worker.terminate();
    }, 100);
    const finish = (settle: () => void): void => {
      clearInterval(watch);
      settle();
    };
    worker.on("message", (answer: VerifyAnswer) => {
      if (answer.kind === "started") functions = answer.functions;
      else if (answer.kind === "failed") finish(() => reject(failure(answer)));
      else if (answer.kind === "bug") finish(() => reject(bug(answer.stack)));
      else finish(() => resolve(answer));
    });
    worker.on("error", (error) => finish(() => reject(error)));
    worker.on("exit", (code) =>
      finish(() =>
        reject(
          environmentFailed(`The functions ended the program, with exit code ${code}, before they were verified.`),
        ),
      ),
    );
  });

/** Milliseconds. */
const longest = 10_000;

const failure = ({ message, exitCode }: VerifyAnswer & { readonly kind: "failed" }): Error =>
  Object.assign(new Error(message), { exitCode });

const bug = (stack: string): Error => Object.assign(new Error(stack.split("\n")[0]), { stack });

const endless = (called: RunFunction | undefined, given: string, patience: number): Verified => {
  if (called === undefined) throw new Error("a function that is not known does not come back");
  const { name, aggregate, place } = called;
  const reason = `${name} has not come back after ${patience / 1000} s`;
  const { code, message } = diagnostic("function-endless", { step: aggregate, reason }, place);
  const finding: Finding = {
    ...{ rule: code, level: "error", message, place, subject: [aggregate, name] },
    affected: { projections: [], consumers: [] },
    example: { version: name, data: given, result: reason },
    related: [],
    fingerprint: sha256(JSON.stringify([code, aggregate, name])).slice(0, 16),
  };
  return { kind: "verified", findings: [finding], samples: [], proved: [], versions: [] };
};
