import { createRequire, syncBuiltinESMExports } from "node:module";

/** Stands in for the clock and for chance, which a function that reads old events must not look at. */
export interface FrozenClock {
  /** Runs it with a clock that stands still and chance that is none, and says what it looked at: `Date.now()`. */
  readonly during: <Result>(run: () => Result) => { readonly result: Result; readonly looked: readonly string[] };
  /** Puts everything back. */
  readonly remove: () => void;
}

/** For the whole process, modules that import `randomUUID` by name too; all is as ever but for what `during` runs. */
export const freezeClock = (): FrozenClock => {
  let looked: Set<string> | undefined;
  const undo: (() => void)[] = [];
  const look = (name: string): boolean => looked?.add(name) !== undefined;

  for (const [owner, key, name, frozen] of stoppable()) {
    const before = Object.getOwnPropertyDescriptor(owner, key);
    const real = (owner as { readonly [key: string]: unknown })[key];
    if (typeof real !== "function" || before?.configurable === false) continue;
    const value = function (this: unknown, ...parameters: unknown[]): unknown {
      return look(`${name}()`) && frozen !== undefined ? frozen(...parameters) : Reflect.apply(real, this, parameters);
    };
    // What hangs on it stays there: process.hrtime.bigint
    for (const [own, hanging] of Object.entries(real)) Object.assign(value, { [own]: hanging });
    Object.defineProperty(owner, key, { ...before, value, configurable: true, writable: true });
    undo.push(() =>
      before === undefined ? Reflect.deleteProperty(owner, key) : Object.defineProperty(owner, key, before),
    );
  }
  const date = Date;
  globalThis.Date = new Proxy(date, {
    construct: (target, parameters, newTarget) =>
      Reflect.construct(target, parameters.length === 0 && look("new Date()") ? [frozenTime] : parameters, newTarget),
    apply: (target, self, parameters) =>
      look("Date()") ? new target(frozenTime).toString() : Reflect.apply(target, self, parameters),
  });
  undo.push(() => {
    globalThis.Date = date;
  });
  syncBuiltinESMExports();

  return {
    during(run) {
      const own = new Set<string>();
      looked = own;
      try {
        return { result: run(), looked: [...own] };
      } finally {
        looked = undefined;
      }
    },
    remove() {
      for (const step of undo.reverse()) step();
      syncBuiltinESMExports();
    },
  };
};

const frozenTime = 946_684_800_123;

type Stoppable = readonly [owner: object, key: string, name: string, frozen?: (...parameters: unknown[]) => unknown];

const stoppable = (): readonly Stoppable[] => {
  const crypto = createRequire(import.meta.url)("node:crypto") as object;
  const now = (globalThis as { readonly Temporal?: { readonly Now: object } }).Temporal?.Now ?? {};
  const uuid = (): string => "00000000-0000-4000-8000-000000000000";
  return [
    [Date, "now", "Date.now", () => frozenTime],
    [Math, "random", "Math.random", () => 0.5],
    [performance, "now", "performance.now", () => 1000.5],
    [process.hrtime, "bigint", "process.hrtime.bigint", () => 1_000_500_000n],
    [process, "hrtime", "process.hrtime", () => [1, 500_000]],
    [process, "uptime", "process.uptime", () => 1.0005],
    [crypto, "randomUUID", "crypto.randomUUID", uuid],
    [globalThis.crypto, "randomUUID", "crypto.randomUUID", uuid],
    [globalThis.crypto, "getRandomValues", "crypto.getRandomValues", (array) => array],
    [crypto, "randomBytes", "crypto.randomBytes", (size) => Buffer.alloc(Number(size))],
    [crypto, "randomInt", "crypto.randomInt", (min, max) => (typeof max === "number" ? min : 0)],
    [crypto, "randomFillSync", "crypto.randomFillSync", (buffer) => buffer],
    ...Object.getOwnPropertyNames(now).map((key): Stoppable => [now, key, `Temporal.Now.${key}`]),
  ];
};
