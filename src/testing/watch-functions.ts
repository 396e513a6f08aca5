import { isPromise } from "node:util/types";
import type { Functions } from "../runtime/definitions.js";
import { messageOf } from "../runtime/errors.js";
import type { FrozenClock } from "./frozen-clock.js";
import { same } from "./same.js";

/** A call of a function of the user's, and what was wrong with it whatever it gave. */
export interface Call {
  readonly name: string;
  readonly returned: unknown;
  readonly problem?: CallProblem;
}

/** `missing` and `throws` end the step that they happen in. */
export interface CallProblem {
  readonly kind: "missing" | "throws" | "async" | "impure";
  /** A sentence without its end, which begins with the function's name. */
  readonly reason: string;
}

/** The user's functions, each call of which is watched; `calls` is where they are noted. */
export const watchFunctions = (functions: Functions, clock: FrozenClock, calls: () => Call[]): Functions =>
  new Proxy(functions, {
    get(target, name) {
      if (typeof name !== "string") return undefined;
      const known: unknown = target[name];
      return (...parameters: unknown[]) => {
        const call = watched(name, known, parameters, target, clock);
        calls().push(call);
        if (call.problem?.kind === "missing" || call.problem?.kind === "throws")
          throw new CallFailed(call.problem.reason);
        return call.returned;
      };
    },
  });

/** Ends a step; what is wrong has been noted. */
export class CallFailed extends Error {}

const watched = (name: string, known: unknown, given: unknown[], functions: Functions, clock: FrozenClock): Call => {
  if (typeof known !== "function") {
    const reason = known === undefined ? `there is no function ${name}` : `${name} is not a function`;
    return { name, returned: undefined, problem: { kind: "missing", reason } };
  }
  const before = structuredClone(given);
  const { result, looked } = clock.during(() => outcomeOf(() => Reflect.apply(known, functions, given)));
  if (result.kind === "thrown") {
    const reason = `${name} throws ${JSON.stringify(messageOf(result.error))}`;
    return { name, returned: undefined, problem: { kind: "throws", reason } };
  }
  const { returned } = result;
  const problem = (kind: CallProblem["kind"], reason: string): Call => ({ name, returned, problem: { kind, reason } });
  if (isPromise(returned)) {
    // Nobody waits for it, so nobody hears of its failure.
    returned.catch(() => undefined);
    return problem("async", `${name} returns a promise, and an event is read without waiting`);
  }
  if (looked.length > 0) return problem("impure", `${name} looks at ${looked.join(" and ")}`);
  if (!same(before, given)) return problem("impure", `${name} changes what it is given`);
  return { name, returned };
};

type Outcome =
  | { readonly kind: "returned"; readonly returned: unknown }
  | { readonly kind: "thrown"; readonly error: unknown };

const outcomeOf = (run: () => unknown): Outcome => {
  try {
    return { kind: "returned", returned: run() };
  } catch (error) {
    return { kind: "thrown", error };
  }
};
