import { expect } from "vitest";
import type { ProjectionStore } from "../../src/runtime/index.js";
import { counters } from "../../src/testing/store-contract/projection.js";
import { modelOf, workspace } from "../cli/evgen.js";
import { fakeHttp } from "../pulsar/fake-http.js";

/**
 * Makes two copies of rows, and switches between them by `evgen projections`. What a broker would say of the subscriptions is
 * made up: they are level.
 */
export const switches = async (
  kind: "redis" | "elasticsearch",
  store: ProjectionStore,
  env: Readonly<Record<string, string>>,
  ...options: readonly string[]
): Promise<void> => {
  const projection = { ...counters("Summary"), table: "summary", store: kind };
  for (const version of [1, 2]) await store.open({ ...projection, version });
  const subscription = { msgBacklog: 0, consumers: [] };
  const broker = await fakeHttp(({ path }) => ({
    status: 200,
    body: JSON.stringify(
      path.endsWith("/partitions")
        ? { partitions: 0 }
        : { subscriptions: { summary: subscription, "summary-v2": subscription } },
    ),
  }));
  const work = workspace();
  const reader = `{ from: Order, store: ${kind}, version: 2, fields: { note: string }, on: { OrderPlaced: { set: { note: $note } } } }`;
  work.write("model.yaml", modelOf({ OrderPlaced: "note" }, `projections:\n  Summary: ${reader}\n`));
  const projections = async (...args: readonly string[]) => {
    const all = ["projections", ...args, "--admin-url", broker.url, ...options];
    const child = work.start(all, { env });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (data) => {
        said += data;
      });
    return [await new Promise((resolve) => child.once("close", resolve)), said];
  };
  const live = async () => (await store.targets("summary")).filter((one) => one.live).map(({ target }) => target);

  expect(await projections("status")).toEqual([0, expect.stringContaining("live  summary_v1  begun by other code")]);
  expect(await projections("promote", "Summary")).toEqual([1, expect.stringContaining("begun by other code")]);
  expect(await projections("rollback", "Summary")).toEqual([1, expect.stringContaining("no rows before summary_v1")]);
  await store.promote("summary", "summary_v2");
  expect(await projections("rollback", "Summary")).toEqual([0, expect.stringContaining("summary_v1 is live")]);
  expect(await live()).toEqual(["summary_v1"]);
  expect(await projections("drop", "Summary", "summary_v1")).toEqual([
    1,
    expect.stringContaining("summary_v1 is live"),
  ]);
  expect(await projections("drop", "Summary", "summary_v2")).toEqual([0, "summary_v2 is removed.\n"]);
  expect((await store.targets("summary")).map(({ target }) => target)).toEqual(["summary_v1"]);
  await store.drop("summary", "summary_v1");
};
