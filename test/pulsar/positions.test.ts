import { expect, test } from "vitest";
import { entriesBetween, holds, type PartitionLog, standsAt } from "../../src/pulsar/positions.js";

/** Ledger 4 is gone, 5 and 7 are closed, 9 is being written. */
const log: PartitionLog = {
  ledgers: [
    { id: 5, entries: 10 },
    { id: 7, entries: 3 },
    { id: 9, entries: 0 },
  ],
  last: { ledger: 9, entry: 1 },
  cursor: () => undefined,
};
const at = (ledger: number, entry: number) => ({ ledger, entry });

test("entries are counted over ledgers, also from one that is gone", () => {
  const head = at(9, 2);
  expect(entriesBetween(log, at(5, 0), head)).toBe(15);
  expect(entriesBetween(log, at(4, 7), head)).toBe(15);
  expect(entriesBetween(log, at(5, 9), head)).toBe(6);
  expect(entriesBetween(log, at(5, 10), head)).toBe(5);
  expect(entriesBetween(log, at(9, -1), head)).toBe(2);
  expect(entriesBetween(log, at(9, 1), head)).toBe(1);
  expect(entriesBetween(log, head, head)).toBe(0);
  expect(entriesBetween(log, at(10, 0), head)).toBe(0);
  expect(entriesBetween(log, at(5, 2), at(5, 5))).toBe(3);
  expect(entriesBetween({ ...log, last: at(9, -1) }, at(7, 0), at(9, 0))).toBe(3);
});

test("a message is kept where its ledger is, up to the last one", () => {
  for (const kept of [at(5, 9), at(7, 0), at(9, 1)]) expect(holds(log, kept)).toBe(true);
  for (const not of [at(5, 10), at(4, 0), at(6, 0), at(9, 2)]) expect(holds(log, not)).toBe(false);
});

test("a cursor stands where it was put only when nothing from there on is acknowledged or read", () => {
  const cursor = { acknowledged: at(5, 2), next: at(5, 3), holes: false };
  expect(standsAt(cursor, at(5, 3))).toBe(true);
  // The place is behind the end of a ledger.
  expect(standsAt({ ...cursor, next: at(7, 0) }, at(5, 3))).toBe(true);
  expect(standsAt({ ...cursor, acknowledged: at(5, 3) }, at(5, 3))).toBe(false);
  expect(standsAt({ ...cursor, next: at(5, 4) }, at(5, 3))).toBe(false);
  expect(standsAt({ ...cursor, next: at(5, 2) }, at(5, 3))).toBe(false);
  expect(standsAt({ ...cursor, holes: true }, at(5, 3))).toBe(false);
});
