import { expect, test } from "vitest";
import { statusText } from "../../src/cli/report-status.js";
import { problemsOf } from "../../src/cli/status-problems.js";
import type { ReaderStatus, Status, SubscriptionStatus, TopicStatus } from "../../src/pulsar/status.js";
import { modelOf, workspace } from "./evgen.js";

const minute = 60_000;
const at = Date.parse("2026-01-05T02:14:00Z");

const subscription = (change: Partial<SubscriptionStatus> = {}): SubscriptionStatus => ({
  ...{ topic: "orders", lacking: [], backlog: 0, unacknowledged: 0, rateOut: 0, rateAcknowledged: 0, growth: 0 },
  ...{ rateRedelivered: 0, consumers: 1, blocked: false },
  ...change,
});
const reader = (name: string, change: Partial<SubscriptionStatus>, deadLetters = 0): ReaderStatus => ({
  ...{ name, kind: "projection", subscription: name.toLowerCase(), topics: [subscription(change)] },
  deadLetters: subscription({ topic: `orders-${name.toLowerCase()}-dlq`, backlog: deadLetters, consumers: 0 }),
});
const topic = (name: string, change: Partial<TopicStatus> = {}): TopicStatus => ({
  ...{ name, kind: "events", partitions: 4, present: 4, lacking: [], storage: 0, rateIn: 0, growth: 0 },
  ...change,
});
const status = (readers: readonly ReaderStatus[], topics: readonly TopicStatus[] = []): Status => ({
  ...{ at, readers },
  topics: [
    topic("orders", { schema: { kind: "latest", version: 2 } }),
    ...readers.map(({ deadLetters }) => topic(deadLetters.topic, { kind: "dead-letter", partitions: 0, present: 0 })),
    ...topics,
  ],
});
const said = (change: Partial<SubscriptionStatus>) =>
  problemsOf(status([reader("Rows", change)]), 5 * minute).map(({ kind, message }) => `${kind}: ${message}`);

test("a reader is stuck, behind, alone or well", () => {
  const waits = { backlog: 15_204, oldest: at - 180 * minute };
  expect(said({})).toEqual([]);
  expect(said({ consumers: 0 })).toEqual([]);
  expect(said({ ...waits, consumers: 0 })).toEqual([
    "no-consumer: no consumer is connected; 15,204 to read, the oldest for 3 h.",
  ]);
  expect(said({ ...waits, idleSince: at - 6 * minute, unacknowledged: 3 })).toEqual([
    "stuck: 1 consumer is connected, and nothing was acknowledged for 6 min; 15,204 to read, the oldest for 3 h. 3 handed out and not acknowledged.",
  ]);
  expect(said({ ...waits, consumers: 2, blocked: true, idleSince: at })).toEqual([
    "stuck: 2 consumers are connected, and the broker hands out nothing more until they acknowledge; 15,204 to read, the oldest for 3 h.",
  ]);
  const busy = { ...waits, idleSince: at - minute };
  expect(said({ ...busy, growth: -25.34 })).toEqual([
    "behind: 15,204 to read, the oldest for 3 h, read in about 10 min.",
  ]);
  expect(said({ ...busy, growth: 2.5 })).toEqual([
    "behind: 15,204 to read, the oldest for 3 h, and it grows by 2.5 a second.",
  ]);
  expect(said({ backlog: 3, oldest: at - minute, idleSince: at - minute })).toEqual([]);
  // The clock of a producer is ahead of this one.
  expect(said({ backlog: 3, oldest: at + minute, consumers: 0 })).toEqual([
    "no-consumer: no consumer is connected; 3 to read, the oldest for 0 s.",
  ]);
});

test("what is wrong comes first, in the list and in the tables", () => {
  const shown = status(
    [
      reader("Well", {}),
      reader("Behind", { backlog: 100, oldest: at - 60 * minute, growth: 1, idleSince: at }),
      reader("Parking", {}, 3),
      reader("Stuck", { backlog: 7, oldest: at - 60 * minute, idleSince: at - 60 * minute, unacknowledged: 7 }),
    ],
    [topic("payments", { storage: 1_234_567, rateIn: 12.34, growth: 4321, schema: { kind: "none" } })],
  );
  const problems = problemsOf(shown, 5 * minute);
  expect(problems.map(({ kind, level }) => `${level} ${kind}`)).toEqual([
    ...["wrong stuck", "wrong dead-letters", "wrong schema-missing", "watch behind"],
  ]);
  const where = { desired: { namespace: { name: "shop/sales" } }, admin: { url: "http://b:8080" } };
  expect(statusText(shown, problems, where as unknown as Parameters<typeof statusText>[2], false)).toBe(
    `shop/sales on http://b:8080, 2026-01-05T02:14:00.000Z

! Stuck on orders: 1 consumer is connected, and nothing was acknowledged for 60 min; 7 to read, the oldest for 60 min. 7 handed out and not acknowledged.
! Parking on orders-parking-dlq: 3 parked.
! payments: it has no schema. evgen plan says what to do.
~ Behind on orders: 100 to read, the oldest for 60 min, and it grows by 1.0 a second.

  reader   topic   backlog  oldest  unacked  out/s  growth/s  redelivered/s  consumers  dead letters
! Stuck    orders        7  60 min        7      0         0              0          1             0
! Parking  orders        0       -        0      0         0              0          1             3
~ Behind   orders      100  60 min        0      0        +1              0          1             0
  Well     orders        0       -        0      0         0              0          1             0

  topic               partitions  in/s  storage  growth/s  schema
! payments                     4    12   1.2 MB    4.3 kB  none
  orders                       4     0      0 B       0 B  version 2, the model's
  orders-well-dlq              0     0      0 B       0 B  -
  orders-behind-dlq            0     0      0 B       0 B  -
  orders-parking-dlq           0     0      0 B       0 B  -
  orders-stuck-dlq             0     0      0 B       0 B  -
`,
  );
});

test("what cannot be meant is wrong use, before any broker is asked", () => {
  const { evgen, write } = workspace();
  write("model.yaml", modelOf({ OrderPlaced: "note" }));
  const broker = ["--admin-url", "http://127.0.0.1:1"];
  for (const [args, says] of [
    [["--every", "1s"], "--every needs --watch."],
    [["--watch", "--check"], "--check and --watch exclude each other."],
    [["--watch", "--every", "0s"], "--every 0s is not a time: write 30s, 5m or 2h."],
    [["--patience", "soon"], "--patience soon is not a time"],
    [["--env", "prod"], 'The model has no environment "prod".'],
  ] as const) {
    const run = evgen(["status", ...broker, ...args]);
    expect([run.code, run.stdout], args.join(" ")).toEqual([2, ""]);
    expect(run.stderr, args.join(" ")).toContain(says);
  }
});
