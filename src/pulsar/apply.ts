import type { Admin } from "./admin.js";
import { isAdminError } from "./admin-error.js";
import type { Consents } from "./consents.js";
import { obstacle, type Stages } from "./plan.js";
import { createReader } from "./reader.js";
import type { Difference, Unit } from "./unit.js";

/** What became of something that had to be made or changed. */
export interface Done {
  readonly kind: Unit["kind"];
  readonly name: string;
  readonly difference: Difference;
  /** `somebody`: it became as it should be meanwhile, by another's doing. */
  readonly by: "us" | "somebody";
}

export type Applied =
  | { readonly kind: "done"; readonly done: readonly Done[] }
  /** What was done stays done; to apply again goes on from there. */
  | {
      readonly kind: "stopped";
      readonly done: readonly Done[];
      readonly at: Omit<Unit, "compare">;
      readonly stop: Stop;
    };

interface Stop {
  /** `obstacle`: impossible, or nobody has agreed to it. `broker`: refused, or taken and not kept. */
  readonly kind: "obstacle" | "broker";
  /** In a sentence. */
  readonly why: string;
}

/**
 * Makes everything as it is wanted, stage by stage. Each thing is read again before it is written, since somebody else
 * may have done it, and once more afterwards, since brokers take values that they do not keep. Calls that find no broker
 * throw an `AdminError`; `onDone` has been told all that was done until then.
 */
export const apply = async (
  admin: Admin,
  stages: Stages,
  consents: Consents,
  onDone: (done: Done) => void,
): Promise<Applied> => {
  const done: Done[] = [];
  let stopped: (Applied & { readonly kind: "stopped" }) | undefined;
  const work = async (unit: Unit): Promise<void> => {
    const result = await makeSo(admin, unit, consents);
    if (result === undefined) return;
    if ("why" in result) {
      stopped ??= { kind: "stopped", done, at: { kind: unit.kind, name: unit.name }, stop: result };
      return;
    }
    done.push(result);
    onDone(result);
  };
  for (const stage of stages) {
    await inParallel(stage, work, () => stopped !== undefined);
    if (stopped !== undefined) return stopped;
  }
  return { kind: "done", done };
};

/** What was done, undefined when there was nothing to do, or why it cannot be. */
const makeSo = async (admin: Admin, unit: Unit, consents: Consents): Promise<Done | Stop | undefined> => {
  const before = await unit.compare(createReader(admin));
  if (before.kind === "equal") return undefined;
  const why = obstacle(before, consents);
  if (why !== undefined) return { kind: "obstacle", why };
  const about = { kind: unit.kind, name: unit.name, difference: before };
  try {
    await before.write();
  } catch (thrown) {
    // Somebody else may have been faster, which is as good.
    if (!isAdminError(thrown) || thrown.admin.kind !== "refused") throw thrown;
    const now = await unit.compare(createReader(admin));
    if (now.kind === "equal") return { ...about, by: "somebody" };
    return { kind: "broker", why: thrown.message };
  }
  for (let attempt = 1; ; attempt++) {
    const after = await unit.compare(createReader(admin));
    if (after.kind === "equal") return { ...about, by: "us" };
    // Another broker may hear of it a little later.
    if (attempt === 6) return { kind: "broker", why: notKept(before, after) };
    await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
  }
};

const notKept = (before: Difference, after: Difference): string =>
  `The broker took ${JSON.stringify(before.to ?? null)} without an error, but has ${JSON.stringify(after.from ?? null)} when it is read again. Somebody may be changing it at the same time, or this broker does not know the value.`;

/** As many at once as the API takes; after a failure no more are begun, and those under way end. */
const inParallel = async (
  units: readonly Unit[],
  work: (unit: Unit) => Promise<void>,
  ended: () => boolean,
): Promise<void> => {
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let unit = units[next++]; unit !== undefined && !failed && !ended(); unit = units[next++]) {
      try {
        await work(unit);
      } catch (thrown) {
        failed = true;
        throw thrown;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(atOnce, units.length) }, worker));
  for (const result of results) if (result.status === "rejected") throw result.reason;
};

const atOnce = 16;
