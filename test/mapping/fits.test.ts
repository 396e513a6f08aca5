import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { misfitOf } from "../../src/mapping/fits.js";
import { toMemory } from "../../src/model/memory-form.js";
import { problemOf } from "../../src/model/values.js";
import { arbitraryOf } from "../../src/testing/arbitrary-value.js";
import { arbitraryType, likeType } from "./arbitrary-type.js";

const pairs = arbitraryType(2).chain((source) => fc.tuple(fc.constant(source), likeType(source, 2)));

describe.each(["number", "bigint"] as const)("misfitOf, with long as %s", (long) => {
  it("accepts only what fits, and shows a value where something does not", { timeout: 120_000 }, () => {
    const found = { fits: 0, value: 0, absent: 0, extra: 0, held: 0, unproved: 0 };
    fc.assert(
      fc.property(pairs, fc.nat(), ([source, target], seed) => {
        const misfit = misfitOf(source, target, long);
        found[misfit?.kind ?? "fits"]++;
        if (misfit === undefined) {
          for (const value of fc.sample(arbitraryOf(source, long), { numRuns: 5, seed })) {
            expect(problemOf(value, target, long)).toBeUndefined();
            expect(toMemory(value, target, long)).toEqual(toMemory(value, source, long));
          }
        } else if (misfit.kind !== "held" && misfit.kind !== "unproved") {
          expect(problemOf(misfit.value, source, long)).toBeUndefined();
          expect(problemOf(misfit.value, target, long)).toBeDefined();
        }
      }),
      { numRuns: runs },
    );
    const { unproved, ...others } = found;
    for (const count of Object.values(others)) expect(count).toBeGreaterThan(0);
    expect(unproved).toBeLessThan(runs / 50);
  });
});

const runs = Number(process.env["MAPPING_RUNS"] ?? 1000);
