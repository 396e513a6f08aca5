import { expect, test } from "vitest";
import type { Admin } from "../../src/pulsar/admin.js";
import { adminError } from "../../src/pulsar/admin-error.js";
import { type Applied, apply, type Done } from "../../src/pulsar/apply.js";
import type { Unit } from "../../src/pulsar/unit.js";

/** What a broker holds, by name; a unit wants one of its values to be 1. */
const unit = (held: Map<string, number>, name: string, write: () => unknown = () => held.set(name, 1)): Unit => ({
  ...{ kind: "policy", name },
  compare: async () => {
    const from = held.get(name);
    if (from === 1) return { kind: "equal" };
    const differs = { kind: "differs", to: 1, write: async () => write() } as const;
    return from === undefined ? { ...differs, action: "create" } : { ...differs, action: "change", from };
  },
});
const nobody = {} as Admin;
const run = async (stages: readonly (readonly Unit[])[]) => {
  const told: Done[] = [];
  const applied: Applied = await apply(nobody, stages, { names: new Set(), removals: [] }, (done) => told.push(done));
  return { applied, told: told.map(({ name, by }) => `${name} by ${by}`) };
};
const refuse = () => {
  throw adminError({ kind: "refused", method: "PUT", url: "http://b/x", status: 409, reason: "It is there" });
};

test("what a broker takes and does not keep stops everything after it, and is said with both values", async () => {
  const held = new Map([["coerced", 7]]);
  const { applied, told } = await run([
    [unit(held, "first")],
    [unit(held, "coerced", () => held.set("coerced", 0))],
    [unit(held, "never")],
  ]);
  expect(told).toEqual(["first by us"]);
  expect(applied).toMatchObject({
    kind: "stopped",
    at: { kind: "policy", name: "coerced" },
    stop: {
      kind: "broker",
      why: expect.stringMatching(/^The broker took 1 without an error, but has 0 when it is read again\. /),
    },
  });
  expect(held.has("never")).toBe(false);
});

test("what another broker hears of later is waited for", async () => {
  const held = new Map<string, number>();
  const late = unit(held, "late", () => setTimeout(() => held.set("late", 1), 150));
  expect(await run([[late]])).toMatchObject({ applied: { kind: "done" }, told: ["late by us"] });
});

test("a refusal is none where somebody else has done it meanwhile", async () => {
  const held = new Map<string, number>();
  const raced = unit(held, "raced", () => {
    held.set("raced", 1);
    refuse();
  });
  expect(await run([[raced], [unit(held, "after")]])).toMatchObject({
    applied: { kind: "done" },
    told: ["raced by somebody", "after by us"],
  });
  const { applied } = await run([[unit(held, "refused", refuse)]]);
  expect(applied).toMatchObject({
    kind: "stopped",
    stop: { why: "PUT http://b/x: the broker says 409: It is there." },
  });
});

test("what is there already is not written again", async () => {
  const held = new Map([["there", 1]]);
  expect(await run([[unit(held, "there", refuse)]])).toMatchObject({ applied: { kind: "done", done: [] }, told: [] });
});
