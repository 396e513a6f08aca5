import { expect, test } from "vitest";
import { parseStart } from "../../src/cli/replay-start.js";
import { progressLine } from "../../src/cli/wait-for-head.js";
import { fakeHttp } from "../pulsar/fake-http.js";
import { modelOf, workspace } from "./evgen.js";

const model = modelOf({ OrderPlaced: "note" }, "consumers:\n  Warehouse: { from: Order }\n");
const at = ["--admin-url", "http://127.0.0.1:1"];

test("what cannot be meant is wrong use, before any broker is asked", () => {
  const { evgen, write } = workspace();
  write("model.yaml", model);
  for (const [args, says] of [
    [["--from", "earliest"], "error: missing required argument 'reader'"],
    [["Warehouse"], "error: required option '--from <position>' not specified"],
    [["Nobody", "--from", "earliest"], 'The model has no projection or consumer "Nobody". It has Warehouse.'],
    [["Warehouse", "--from", "\u001b[31m"], "--from \\u001b[31m is no position. It is earliest, a time with its zone"],
    [["Warehouse", "--from", "2h", "--dry-run", "--wait"], "--dry-run and --wait exclude each other."],
    [["Warehouse", "--from", "2h", "--topic", "other"], 'warehouse of shop does not read "other", only order'],
  ] as const) {
    const run = evgen(["replay", ...args, ...at]);
    expect([run.code, run.stdout], args.join(" ")).toEqual([2, ""]);
    expect(run.stderr, args.join(" ")).toContain(says);
  }
});

test("a position is earliest, a time with its zone, how long ago, or a message id in any form", () => {
  const now = Date.parse("2026-01-05T12:00:00Z");
  const time = (text: string) => ({ kind: "time", time: Date.parse(text) });
  const message = { kind: "message", position: { ledger: 12, entry: 3 } };
  for (const [text, start] of [
    ["earliest", { kind: "time", time: 0 }],
    ["2h", time("2026-01-05T10:00:00Z")],
    ["9999w", { kind: "time", time: 0 }],
    ["2026-01-05T10:00+02:00", time("2026-01-05T08:00:00Z")],
    ["2026-01-05T10:00:00.123456789Z", time("2026-01-05T10:00:00.123Z")],
    ...["12:3", "12:3:-1", "12:3:0:7", "(12,3,-1,-1)", "(12,3,4,0)"].map((id) => [id, message] as const),
  ] as const)
    expect(parseStart(text, now), text).toEqual(start);
  for (const text of [
    ...["", "latest", "yesterday", "2026-01-05", "2026-01-05T10:00:00", "2026-13-05T10:00:00Z", "2h30m", "-2h", "2y"],
    ...["12", "12:", "12:3,4", "(12:3", "-1:-1", "12:3:4:5:6"],
  ])
    expect(() => parseStart(text, now), text).toThrow("is no position");
  expect(() => parseStart("2026-01-05T12:00:00.001Z", now)).toThrow("lies in the future: nothing would be read again.");
});

/** A broker with one message on a topic without partitions, whose cursor a reset does not move (apache/pulsar#26304). */
const forgetful = async (consumers: readonly string[] = []) =>
  fakeHttp(({ method, path }) => {
    const json = (value: unknown) => ({ status: 200, body: JSON.stringify(value) });
    if (method === "POST") return { status: 204 };
    if (path.endsWith("/partitions")) return json({ partitions: 0 });
    if (path.endsWith("/properties")) return json({});
    if (path.endsWith("/messageid/0")) return json({ ledgerId: 7, entryId: 0 });
    if (path.endsWith("/ledger/7/entry/0"))
      return { status: 200, body: "", headers: { "x-pulsar-publish-time": "2026-01-05T10:00:00Z" } };
    if (path.endsWith("/internalStats"))
      return json({
        lastConfirmedEntry: "7:0",
        ledgers: [{ ledgerId: 7, entries: 0 }],
        cursors: {
          warehouse: { markDeletePosition: "7:0", readPosition: "7:1", individuallyDeletedMessages: "[]" },
        },
      });
    return json({ subscriptions: { warehouse: { consumers: consumers.map((consumerName) => ({ consumerName })) } } });
  });

test("a reset that the broker has taken and lost is found", async () => {
  const { write, start } = workspace();
  write("model.yaml", model);
  const run = async (server: { readonly url: string }, ...more: readonly string[]) => {
    const child = start(["replay", "Warehouse", "--from", "earliest", "--admin-url", server.url, ...more]);
    const said: string[] = [];
    child.stdout?.on("data", (data) => said.push(`${data}`));
    child.stderr?.on("data", (data) => said.push(`${data}`));
    return { code: await new Promise((resolve) => child.once("close", resolve)), said: said.join("") };
  };
  const broker = await forgetful();
  const { code, said } = await run(broker);
  expect(code, said).toBe(3);
  expect(said).toContain(
    "evgen: not proved: order: the cursor stands at 7:1, acknowledged up to 7:0. The broker has lost the reset. Run this again.\n",
  );
  expect(broker.seen.filter(({ method }) => method === "POST").length).toBe(3);

  const read = await forgetful(["pod-1", "\u001b[31mpod-2"]);
  expect(await run(read)).toMatchObject({ code: 1, said: expect.stringContaining("read by \\u001b[31mpod-2, pod-1.") });
  expect(read.seen.filter(({ method }) => method === "POST").length).toBe(0);
  expect(await run(read, "--disconnect")).toMatchObject({
    code: 3,
    said: expect.stringContaining("Its consumers have gone on, or the broker has lost the reset."),
  });
  expect(read.seen.filter(({ method }) => method === "POST").length).toBe(1);
});

test("progress has an estimate as soon as there is a pace", () => {
  const line = (left: number, consumers: number) => progressLine({ left, consumers }, 1000, 10_000);
  expect(line(1000, 0)).toBe("0 of 1000 read again; no consumer is connected. Waiting.");
  expect(line(1000, 1)).toBe("0 of 1000 read again");
  expect(line(900, 1)).toBe("100 of 1000 read again, 10 a second, about 90 s left");
  expect(progressLine({ left: 90_000, consumers: 2 }, 100_000, 60_000)).toBe(
    "10000 of 100000 read again, 167 a second, about 9 min left",
  );
  expect(line(0, 1)).toBe("all 1000 read again");
});
