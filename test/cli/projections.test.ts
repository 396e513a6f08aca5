import { expect, test } from "vitest";
import { type Copy, nextStep, type ProjectionCopies, whyNotLive } from "../../src/cli/projection-copies.js";
import { fakeHttp } from "../pulsar/fake-http.js";
import { modelOf, workspace } from "./evgen.js";

const model = modelOf(
  { OrderPlaced: "note" },
  `projections:
  Summary:
    from: Order
    store: postgres
    fields: { note: string }
    on: { OrderPlaced: { set: { note: $note } } }
  Passing: { from: Order, store: memory, fields: { note: string }, on: { OrderPlaced: { set: { note: $note } } } }
consumers:
  Warehouse: { from: Order }
`,
);

test("what cannot be meant is wrong use, before any rows are touched", async () => {
  const { evgen, start, write } = workspace();
  write("model.yaml", model);
  const at = ["--admin-url", "http://127.0.0.1:1"];
  const wrong = (...args: readonly string[]) => {
    const run = evgen(["projections", ...args], { env: { DATABASE_URL: "" } });
    expect([run.code, run.stdout], args.join(" ")).toEqual([2, ""]);
    return run.stderr;
  };
  expect(wrong("status", "Nobody", ...at)).toContain('has no projection or consumer "Nobody"');
  expect(wrong("promote", "Warehouse", ...at)).toBe("evgen: Warehouse is a consumer, which has no rows.\n");
  expect(wrong("promote", "Passing", ...at)).toContain("in the memory of the process that runs it");
  expect(wrong("status", ...at)).toBe(
    "evgen: Where is postgres? Set DATABASE_URL, or say --store-url postgres://host/database.\n",
  );
  const secret = wrong("status", "--store-url", "mysql://me:secret@host/db", ...at);
  expect(secret).toContain("--store-url mysql://…@host/db is the URL of no store");
  expect(wrong("drop", "Summary", ...at)).toContain("missing required argument 'target'");

  // A database that is not there is said, and not waited for.
  const broker = await fakeHttp(({ path }) => ({
    status: 200,
    body: JSON.stringify(path.endsWith("/partitions") ? { partitions: 0 } : { subscriptions: {} }),
  }));
  const away = "postgres://me:secret@127.0.0.1:1/db";
  const child = start(["projections", "status", "--admin-url", broker.url, "--store-url", away]);
  let said = "";
  child.stderr?.on("data", (data) => {
    said += data;
  });
  expect(await new Promise((resolve) => child.once("close", resolve)), said).toBe(3);
  expect(said).toContain("evgen: PostgreSQL cannot be reached: ");
  expect(said).not.toContain("secret");
});

const copy = (version: number, more: Partial<Copy> = {}): Copy => ({
  ...{ target: `summary_v${version}`, live: false, current: true, subscription: `summary-v${version}` },
  lag: { behind: 0, consumers: 1 },
  ...more,
});
const of = (version: number, ...copies: readonly Copy[]): ProjectionCopies => ({
  ...{ name: "Summary", store: "postgres", version, table: "summary", target: `summary_v${version}`, copies },
});

test("the next step follows from what is there", () => {
  const old = copy(1, { live: true, current: false });
  expect(nextStep(of(1))).toBe("evgen apply makes its subscription, and the new code begins summary_v1.");
  expect(nextStep(of(1, copy(1, { live: true })))).toBeUndefined();
  expect(nextStep(of(1, old))).toContain("It has changed since summary_v1 was begun: give it `version: 2`");
  expect(nextStep(of(2, old))).toContain("Version 2 is not begun: evgen apply");
  const building = copy(2, { lag: { behind: 7, consumers: 0 } });
  expect(nextStep(of(2, old, building))).toContain("evgen projections rebuild Summary");
  expect(nextStep(of(2, old, copy(2)))).toBe("It has caught up: evgen projections promote Summary");
  const { lag: _, ...gone } = copy(2);
  expect(nextStep(of(2, old, gone))).toContain("Its subscription summary-v2 is gone");
  expect(nextStep(of(2, { ...old, live: false }, copy(2, { live: true })))).toContain(
    "evgen projections drop Summary summary_v1",
  );
  expect(whyNotLive(copy(2), false)).toBeUndefined();
  expect(whyNotLive(building, false)).toContain("summary-v2 is 7 behind, and nobody reads it now");
  expect(whyNotLive(gone, false)).toContain("cannot be known");
  expect([whyNotLive(building, true), whyNotLive(gone, true)]).toEqual([undefined, undefined]);
});
