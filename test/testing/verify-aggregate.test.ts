import { createHash, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { EventHeader } from "../../src/runtime/index.js";
import { type Flaw, VerificationFailed, type VerifyOptions, verifyAggregate } from "../../src/testing/index.js";
import {
  type OrderFunctions,
  type OrderPaidV1,
  type OrderPlacedV1,
  order,
} from "../golden/typescript-functions/expected/typescript/index.js";
import { customer } from "../golden/typescript-retired/expected/typescript/index.js";

const sound: OrderFunctions = {
  guessMoney: ({ total }) => ({
    amount: Math.abs(total) < 1000 ? total.toFixed(2).replace("-0.00", "0.00") : "0.00",
    currency: "EUR",
  }),
  guessChannel: ({ customer: name }) => (createHash("sha1").update(name).digest()[0] === 0 ? "app" : "web"),
  readPayment: ({ text }, { aggregateId }) => ({
    amount: { amount: "1.00", currency: "USD" },
    details: { reference: `${aggregateId} ${text}` },
  }),
};

const failureOf = async (functions: object, options: VerifyOptions = {}): Promise<VerificationFailed> => {
  try {
    await verifyAggregate(order, { seed: 7, functions, ...options });
  } catch (error) {
    if (error instanceof VerificationFailed) return error;
    throw error;
  }
  throw new Error("nothing was found");
};

const flawsIn = ({ proof }: VerificationFailed): readonly Flaw[] => proof.versions.flatMap((version) => version.found);

describe("verifyAggregate", () => {
  it("passes what is sound, and says how much it tried", async () => {
    const proof = await verifyAggregate(order, { functions: sound, runs: 50, seed: 3 });
    expect(proof.seed).toBe(3);
    expect(proof.versions.map(({ event, version, runs }) => `${event} ${version} ${runs}`)).toEqual(
      ["OrderPlaced 1", "OrderPlaced 2", "OrderPlaced 3", "OrderPaid 1", "OrderPaid 2", "OrderClosed 1"].map(
        (name) => `${name} 50`,
      ),
    );
  });

  it("passes events that were retired, split and chained", async () => {
    const proof = await verifyAggregate(customer);
    expect(proof.versions.length).toBeGreaterThan(4);
  });

  const calls = { count: 0 };
  it.each<
    [what: string, functions: Partial<OrderFunctions> & object, kind: Flaw["kind"], reason: RegExp, data: unknown]
  >([
    [
      "throws for some events",
      {
        readPayment: (v1: OrderPaidV1, event: EventHeader) =>
          v1.text.length > 2 ? broken() : sound.readPayment(v1, event),
      },
      ...(["throws", /^readPayment throws "no payment"$/, { text: expect.stringMatching(/^.{2,3}$/su) }] as const),
    ],
    [
      "gives what is not valid",
      {
        guessMoney: ({ total }: OrderPlacedV1) => ({
          amount: total < 1000 ? "1.00" : String(total),
          currency: "EUR" as const,
        }),
      },
      ...([
        "invalid",
        /^what guessMoney returns is not valid: \/total\/amount must match/,
        { customer: "", total: expect.any(Number) },
      ] as const),
    ],
    [
      "gives nothing",
      { guessChannel: () => undefined as unknown as "web" },
      ...([
        "invalid",
        /^what guessChannel returns is not valid: it must have required property 'channel'/,
        { customer: "", total: 0 },
      ] as const),
    ],
    [
      "changes what it is given",
      {
        guessChannel: (v1: OrderPlacedV1) => {
          v1.customer = v1.customer.trim();
          return "web" as const;
        },
      },
      ...([
        "impure",
        /^guessChannel changes what it is given$/,
        { customer: expect.stringMatching(/^\s|\s$/), total: 0 },
      ] as const),
    ],
    [
      "changes the header",
      {
        guessChannel: (_: OrderPlacedV1, event: EventHeader) => {
          Object.assign(event.metadata, { seen: "yes" });
          return "web" as const;
        },
      },
      ...(["impure", /^guessChannel changes what it is given$/, { customer: "", total: 0 }] as const),
    ],
    [
      "looks at the clock",
      { guessChannel: () => (Date.now() > 0 ? ("web" as const) : ("app" as const)) },
      ...(["impure", /^guessChannel looks at Date\.now\(\)$/, { customer: "", total: 0 }] as const),
    ],
    [
      "looks at the clock otherwise",
      {
        guessChannel: () =>
          new Date().getUTCDay() + performance.now() + process.hrtime()[0] > 0 ? ("web" as const) : ("app" as const),
      },
      ...([
        "impure",
        /^guessChannel looks at new Date\(\) and performance\.now\(\) and process\.hrtime\(\)$/,
        { customer: "", total: 0 },
      ] as const),
    ],
    [
      "throws dice, though it does not matter",
      {
        guessChannel: () => {
          Math.random();
          crypto.randomUUID();
          return "web" as const;
        },
      },
      ...([
        "impure",
        /^guessChannel looks at Math\.random\(\) and crypto\.randomUUID\(\)$/,
        { customer: "", total: 0 },
      ] as const),
    ],
    [
      "has imported a function by name",
      {
        readPayment: () => ({
          amount: { amount: "1.00", currency: "EUR" as const },
          details: { reference: randomUUID() },
        }),
      },
      ...(["impure", /^readPayment looks at crypto\.randomUUID\(\)$/, { text: "" }] as const),
    ],
    [
      "remembers",
      { guessChannel: () => (calls.count++ % 2 === 0 ? ("web" as const) : ("app" as const)) },
      ...([
        "impure",
        /^guessChannel gives '(web|app)', and for the same event again '(web|app)'$/,
        { customer: "", total: 0 },
      ] as const),
    ],
    [
      "depends on where it runs",
      { guessChannel: () => (new Date(2020, 5, 1).getTimezoneOffset() === -840 ? ("app" as const) : ("web" as const)) },
      ...([
        "impure",
        /^guessChannel gives 'web', and in another time zone 'app'$/,
        { customer: "", total: 0 },
      ] as const),
    ],
    [
      "is asynchronous",
      { guessChannel: (async () => broken()) as never },
      ...(["async", /^guessChannel returns a promise/, { customer: "", total: 0 }] as const),
    ],
    [
      "is not there",
      { guessChannel: undefined as never },
      ...(["missing", /^there is no function guessChannel$/, { customer: "", total: 0 }] as const),
    ],
  ])("finds a function that %s", async (_, functions, kind, reason, data) => {
    const failure = await failureOf({ ...sound, ...functions });
    const [name] = Object.keys(functions);
    expect(flawsIn(failure)).toEqual([
      expect.objectContaining({ kind, functions: [name], reason: expect.stringMatching(reason), data }),
    ]);
    expect(failure.message).toContain(`${name}`);
    expect(failure.message).toContain(JSON.stringify(failure.proof.versions.flatMap((one) => one.found)[0]?.data));
  });

  it("finds several at once", async () => {
    const failure = await failureOf({
      guessMoney: () => broken(),
      guessChannel: () => "fax",
      readPayment: () => Promise.resolve(),
    });
    expect(flawsIn(failure).map(({ kind, functions }) => `${kind} ${functions}`)).toEqual([
      "throws guessMoney",
      "async readPayment",
    ]);
  });

  it("shows the header where it matters, and only there", async () => {
    const failure = await failureOf({
      ...sound,
      readPayment: (v1: OrderPaidV1, event: EventHeader) =>
        event.sequence === undefined ? broken() : sound.readPayment(v1, event),
    });
    const [found] = failure.proof.versions.flatMap((version) => version.found);
    expect(found?.header).toMatchObject({ type: "OrderPaid", version: 1 });
    expect(found?.header?.sequence).toBeUndefined();
  });

  it("tries a counter-example again, and it alone", async () => {
    const seen: string[] = [];
    const functions = {
      ...sound,
      readPayment: (v1: OrderPaidV1, event: EventHeader) => {
        seen.push(v1.text);
        return v1.text.length > 2 ? broken() : sound.readPayment(v1, event);
      },
    };
    const first = await failureOf(functions);
    const [found] = first.proof.versions.flatMap((version) => version.found);
    seen.length = 0;
    const again = await failureOf(functions, { only: "OrderPaidV1", seed: first.proof.seed, path: found?.path ?? "" });
    expect(flawsIn(again)).toEqual(flawsIn(first));
    expect(new Set(seen).size).toBe(1);
  });

  it("finds the same twice for one seed, and takes a new one each time", async () => {
    const functions = { ...sound, readPayment: () => broken() };
    expect((await failureOf(functions)).message).toBe((await failureOf(functions)).message);
    const seeds = [await verifyAggregate(customer, { runs: 1 }), await verifyAggregate(customer, { runs: 1 })];
    expect(seeds[0]?.seed).not.toBe(seeds[1]?.seed);
  });

  it("ends when its time is over, with at least one event of each version", async () => {
    const proof = await verifyAggregate(order, { functions: sound, runs: 10_000_000, time: 300 });
    for (const { runs } of proof.versions) expect(runs).toBeGreaterThan(0);
    for (const { runs } of proof.versions) expect(runs).toBeLessThan(10_000_000);
  });

  it("leaves clock and chance as they were", async () => {
    const before = [Date, Date.now, Math.random, performance.now, process.hrtime, crypto.randomUUID, process.env["TZ"]];
    await failureOf({ ...sound, guessMoney: () => broken() });
    expect([
      Date,
      Date.now,
      Math.random,
      performance.now,
      process.hrtime,
      crypto.randomUUID,
      process.env["TZ"],
    ]).toEqual(before);
    expect(Object.hasOwn(performance, "now")).toBe(false);
    expect(randomUUID()).not.toBe(randomUUID());
    expect(new Date().getFullYear()).toBeGreaterThan(2024);
  });

  it("refuses what it cannot do", async () => {
    await expect(verifyAggregate(order, { functions: sound, only: "OrderPlacedV9" })).rejects.toThrow(
      "Order has no version OrderPlacedV9",
    );
    const [event] = order.events;
    if (event === undefined) throw new Error("no event");
    const precompiled = { ...order, events: [{ ...event, versions: [{ validate: () => true }] }] };
    await expect(verifyAggregate(precompiled)).rejects.toThrow("precompiled");
  });

  it("finds generated code that somebody has edited", async () => {
    const [placed, ...others] = order.events;
    const [first, second, third] = placed?.versions ?? [];
    if (first?.schema === undefined || second === undefined || third === undefined) throw new Error("no versions");
    const edited = { ...first, upcast: (v1: OrderPlacedV1) => ({ customer: v1.customer }) };
    const aggregate = { ...order, events: [{ type: "OrderPlaced", versions: [edited, second, third] }, ...others] };
    await expect(verifyAggregate(aggregate, { functions: sound })).rejects.toThrow(
      /OrderPlaced version 1 → 2: what is made of it is not valid: it must have required property 'total'/,
    );
  });
});

const broken = (): never => {
  throw new Error("no payment");
};
