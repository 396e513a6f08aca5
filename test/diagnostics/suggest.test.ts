import fc from "fast-check";
import { expect, test } from "vitest";
import { suggest } from "../../src/diagnostics/entry.js";

test.each([
  ["Mony", ["Order", "Money"], "Money"],
  ["custmerId", ["customerId", "customerName"], "customerId"],
  ["BigInt", ["number", "bigint"], "bigint"],
  ["A", ["a", "b"], "a"],
  ["x", ["y"], undefined],
  ["Order", ["Invoice"], undefined],
  ["", ["a", ""], undefined],
  ["postgresql", ["memory", "postgres"], "postgres"],
])("%s of %s is %s", (name, candidates, expected) => {
  expect(suggest(name, candidates)).toBe(expected);
});

/** The textbook's, for comparison. */
const distance = (a: string, b: string): number => {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1] ?? [];
      row.push(
        Math.min((above[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]), (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1),
      );
    }
    rows.push(row);
  }
  return rows.at(-1)?.[b.length] ?? 0;
};

test("is the nearest candidate within the limit, the first of several", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), minLength: 3, maxLength: 12 });
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 6 }), (name, words) => {
      const candidates = words.filter((one) => one !== name);
      const limit = (one: string) => Math.min(5, Math.floor(Math.max(name.length, one.length) * 0.4));
      const near = candidates.filter((one) => distance(name, one) <= limit(one));
      const least = Math.min(...near.map((one) => distance(name, one)));
      expect(suggest(name, candidates)).toBe(near.find((one) => distance(name, one) === least));
    }),
    { numRuns: 2000 },
  );
});

test("takes no time for names of a million letters", () => {
  expect(suggest("a".repeat(1_000_000), ["a".repeat(999_999)])).toBeUndefined();
});
