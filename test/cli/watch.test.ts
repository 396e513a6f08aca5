import { readFileSync, renameSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { modelOf, workspace } from "./evgen.js";

const targets = "generate: { targets: [typescript] }\n";

/** A build that watches, and what it says, to be waited for. */
const watching = (work: ReturnType<typeof workspace>) => {
  const child = work.start(["build", "--watch"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  let heard = () => {};
  child.stderr?.on("data", (data) => {
    said += data;
    heard();
  });
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
  return {
    exited,
    stop: () => child.kill("SIGINT"),
    /** Waits until it has said this, and forgets what it said up to there. */
    says: (text: string | RegExp) =>
      new Promise<void>((resolve) => {
        heard = () => {
          const at = said.search(text);
          if (at < 0) return;
          said = said.slice(at + 1);
          resolve();
        };
        heard();
      }),
  };
};

test("builds on every change, survives mistakes, and Ctrl-C ends it", async () => {
  const work = workspace();
  work.write("model.yaml", modelOf({ OrderPlaced: "one" }, targets));
  const watch = watching(work);
  await watch.says("written");
  work.write("model.yaml", modelOf({ OrderPlaced: "two" }, targets));
  await watch.says(/[1-9] written/);
  expect(work.read("generated/typescript/order/order-placed.ts")).toContain("two");

  // Half of a file, as an editor may leave it for a moment, then a mistake, then the way that editors save.
  work.write("model.yaml", modelOf({ OrderPlaced: "two" }).slice(0, 60));
  await watch.says("error");
  work.write("model.yaml", modelOf({ orderPlaced: "two" }, targets));
  await watch.says(/model\.yaml:7/);
  work.write("model.yaml.new", modelOf({ OrderPlaced: "three" }, targets));
  renameSync(work.path("model.yaml.new"), work.path("model.yaml"));
  await watch.says(/[1-9] written/);
  expect(work.read("generated/typescript/order/order-placed.ts")).toContain("three");

  watch.stop();
  expect(await watch.exited).toBe(0);
});

test("sees files that are new to a pattern, also in new folders, and changes while it builds", async () => {
  const work = workspace();
  work.write("model.yaml", `${modelOf({ OrderPlaced: "one" }, targets)}include: ["parts/**/*.yaml"]\n`);
  const watch = watching(work);
  await watch.says("written");
  const part = (field: string) =>
    `aggregates:\n  Invoice:\n    key: { id: uuid }\n    events:\n      InvoiceSent: { versions: { 1: { fields: { ${field}: string } } } }\n`;
  work.write("parts/deep/invoice.yaml", part("to"));
  await watch.says("written");
  const file = work.path("generated/typescript/invoice/invoice-sent.ts");
  // Many, one right after the other: whatever is built in between, the last one counts.
  for (let i = 0; i < 30; i++) {
    work.write("parts/deep/invoice.yaml", part(`field${i}`));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => readFileSync(file, "utf8"), { timeout: 20_000, interval: 50 }).toContain("field29");
  watch.stop();
  expect(await watch.exited).toBe(0);
});
