import { inspect } from "node:util";
import type { EventDefinition, EventHeader, Functions, VersionDefinition } from "../runtime/definitions.js";
import { describeProblems, messageOf, type Problem } from "../runtime/errors.js";
import { derivedId } from "../runtime/ids.js";
import type { Check } from "../runtime/validator.js";
import type { FrozenClock } from "./frozen-clock.js";
import { same } from "./same.js";
import { type Call, CallFailed, type CallProblem, watchFunctions } from "./watch-functions.js";

/** What is wrong with the way of one stored event to what it is read as. */
export interface Flaw {
  readonly kind: CallProblem["kind"] | "invalid" | "differs";
  /** `OrderPlaced version 1 → 2`, `OrderChanged → OrderRenamed version 1`; absent where it is about encoding and decoding. */
  readonly step?: string;
  /** Names of the user's functions that it is about; none where generated code alone is at work. */
  readonly functions: readonly string[];
  /** A sentence without its end. */
  readonly reason: string;
  /** What was made of the event, where something was. */
  readonly result?: string;
}

/** An event that a stored one is read as. */
export interface Part {
  readonly id: string;
  readonly index: number | undefined;
  readonly type: string;
  readonly data: unknown;
}

/** The events, unless one of the flaws ended the way before. */
export interface Walked {
  readonly parts?: readonly Part[];
  readonly flaws: readonly Flaw[];
}

export interface WalkOptions {
  readonly functions: Functions;
  readonly clock: FrozenClock;
  readonly check: (version: VersionDefinition) => Check;
}

/**
 * Takes a stored event through all steps to what it is read as, one by one and each of them twice: whatever comes of a
 * step is validated, and has to be the same again, in another time zone too.
 */
export const createWalk = (
  options: WalkOptions,
): ((definition: EventDefinition, header: EventHeader, data: unknown) => Walked) => {
  let calls: Call[] = [];
  const functions = watchFunctions(options.functions, options.clock, () => calls);
  return (definition, header, data) => {
    const flaws: Flaw[] = [];
    const run = (step: Step, value: unknown, event: EventHeader): Attempt => {
      calls = [];
      const outcome = attempt(step, structuredClone(value), structuredClone(event), functions);
      return { ...outcome, calls };
    };
    const take: Take = (step, value, event, target, name) => {
      const taken = takeStep(run, step, value, event, options.check(target), name);
      flaws.push(...taken.flaws);
      if (taken.kind === "ended") throw new Ended();
      return taken.value;
    };
    try {
      return { parts: walk(definition, header.version, data, header, take), flaws };
    } catch (error) {
      if (error instanceof Ended) return { flaws };
      throw error;
    }
  };
};

type Step = (data: never, event: EventHeader, functions: never) => unknown;
type Take = (step: Step, value: unknown, event: EventHeader, target: VersionDefinition, name: string) => unknown;

class Ended extends Error {}

const walk = (
  definition: EventDefinition,
  from: number,
  data: unknown,
  header: EventHeader,
  take: Take,
): readonly Part[] => {
  const { type, versions, becomes } = definition;
  let value = data;
  for (const [index, version] of versions.entries()) {
    const next = versions[index + 1];
    if (index + 1 < from || next === undefined) continue;
    if (version.upcast === undefined) throw new Error(`${type} has no upcaster from version ${index + 1}`);
    value = take(version.upcast, value, header, next, `${type} version ${index + 1} → ${index + 2}`);
  }
  if (becomes === undefined) return [{ id: header.id, index: header.index, type, data: value }];
  return becomes.flatMap(({ event, version, map }, index) => {
    const target = event.versions[version - 1];
    if (target === undefined) throw new Error(`${event.type} has no version ${version}`);
    const part = take(map, value, header, target, `${type} → ${event.type} version ${version}`);
    const own = becomes.length === 1 ? {} : { id: derivedId(header.id, String(index)), index };
    return walk(event, version, part, { ...header, ...own, type: event.type, version }, take);
  });
};

type Outcome =
  | { readonly kind: "made"; readonly value: unknown }
  /** A call has failed, which is noted with the call. */
  | { readonly kind: "call-failed" }
  | { readonly kind: "thrown"; readonly message: string };

type Attempt = Outcome & { readonly calls: readonly Call[] };

const attempt = (step: Step, value: unknown, event: EventHeader, functions: Functions): Outcome => {
  try {
    return { kind: "made", value: step(value as never, event, functions as never) };
  } catch (error) {
    return error instanceof CallFailed ? { kind: "call-failed" } : { kind: "thrown", message: messageOf(error) };
  }
};

type Taken = { readonly flaws: readonly Flaw[] } & (
  | { readonly kind: "made"; readonly value: unknown }
  | { readonly kind: "ended" }
);

const takeStep = (
  run: (step: Step, value: unknown, event: EventHeader) => Attempt,
  step: Step,
  value: unknown,
  event: EventHeader,
  check: Check,
  name: string,
): Taken => {
  const first = run(step, value, event);
  const flaws = first.calls.flatMap(({ name: of, problem }): readonly Flaw[] =>
    problem === undefined ? [] : [{ kind: problem.kind, step: name, functions: [of], reason: problem.reason }],
  );
  if (first.kind === "call-failed") return { kind: "ended", flaws };
  const called = unique(first.calls.map((call) => call.name));
  if (first.kind === "thrown") {
    const what = called.length === 0 ? "the generated code" : `what is made with ${called.join(", ")}`;
    const reason = `${what} throws ${JSON.stringify(first.message)}`;
    return { kind: "ended", flaws: [...flaws, { kind: "throws", step: name, functions: called, reason }] };
  }
  if (flaws.some((flaw) => flaw.kind === "async")) return { kind: "ended", flaws };
  const problems = validate(check, first.value);
  if (problems.length > 0) {
    return { kind: "ended", flaws: [...flaws, invalid(first.value, problems, first.calls, name)] };
  }
  const unstable = differenceOf(first, () => run(step, value, event), name);
  const isKnown = flaws.some((flaw) => flaw.kind === "impure" && flaw.functions[0] === unstable?.functions[0]);
  return { kind: "made", value: first.value, flaws: unstable === undefined || isKnown ? flaws : [...flaws, unstable] };
};

/** A value that is nested too deeply for a validator is no valid one. */
const validate = (check: Check, value: unknown): readonly Problem[] => {
  try {
    return check(value);
  } catch (error) {
    if (error instanceof RangeError) return [{ pointer: "", reason: "is nested too deeply" }];
    throw error;
  }
};

const invalid = (value: unknown, problems: readonly Problem[], calls: readonly Call[], step: string): Flaw => {
  const guilty = unique(calls.filter((call) => isPartOf(call.returned, value, problems)).map((call) => call.name));
  const functions = guilty.length > 0 ? guilty : unique(calls.map((call) => call.name));
  const who =
    guilty.length > 0
      ? `what ${guilty.join(" or ")} returns is not valid`
      : functions.length > 0
        ? `what is made with ${functions.join(", ")} is not valid`
        : "what is made of it is not valid";
  return {
    kind: "invalid",
    ...{ step, functions },
    reason: `${who}: ${describeProblems(problems)}`,
    result: shown(value),
  };
};

/** Whether something that a problem points at, or that is around it, is what a call gave. */
const isPartOf = (returned: unknown, value: unknown, problems: readonly Problem[]): boolean =>
  problems.some(({ pointer }) => {
    let at = value;
    if (Object.is(at, returned)) return true;
    for (const step of pointer.split("/").slice(1)) {
      if (typeof at !== "object" || at === null) return false;
      at = (at as { readonly [key: string]: unknown })[step.replaceAll("~1", "/").replaceAll("~0", "~")];
      if (Object.is(at, returned)) return true;
    }
    // A field that is missing has no pointer of its own.
    return (
      typeof at === "object" &&
      at !== null &&
      Object.values(at).some((inner) => inner === undefined && returned === undefined)
    );
  });

/** The step once more, on a machine in another time zone. */
const differenceOf = (
  first: Attempt & { readonly kind: "made" },
  again: () => Attempt,
  step: string,
): Flaw | undefined => {
  const second = first.calls.length === 0 ? again() : elsewhere(again);
  if (second.kind === "made" && same(first.value, second.value)) return undefined;
  const isSteadyHere = [again(), again()].every((here) => here.kind === "made" && same(first.value, here.value));
  const where = isSteadyHere ? "in another time zone" : "for the same event again";
  const at = first.calls.findIndex((call, index) => !same(call.returned, second.calls[index]?.returned));
  const call = first.calls[at];
  const name = call?.name ?? unique(first.calls.map((one) => one.name)).join(", ");
  const [one, other] =
    call === undefined
      ? [first.value, second.kind === "made" ? second.value : undefined]
      : [call.returned, second.calls[at]?.returned];
  const reason = `${name === "" ? "the step" : name} gives ${shown(one)}, and ${where} ${shown(other)}`;
  return { kind: "impure", step, functions: name === "" ? [] : [name], reason };
};

const elsewhere = <Result>(run: () => Result): Result => {
  const before = process.env["TZ"];
  process.env["TZ"] = new Date(0).getTimezoneOffset() === -840 ? "Pacific/Niue" : "Pacific/Kiritimati";
  try {
    return run();
  } finally {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  }
};

/** Any value, on one line that a person can read. */
export const shown = (value: unknown): string =>
  inspect(value, {
    depth: 5,
    breakLength: Number.POSITIVE_INFINITY,
    compact: true,
    maxStringLength: 200,
    maxArrayLength: 10,
  });

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];
