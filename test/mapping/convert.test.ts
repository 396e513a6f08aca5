import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conversionOf, converted, failureOf } from "../../src/mapping/convert.js";
import { parsed, parseFailureOf, readingOf } from "../../src/mapping/partial.js";
import { problemOf } from "../../src/model/values.js";
import { arbitraryOf } from "../../src/testing/arbitrary-value.js";
import { arbitraryScalar } from "./arbitrary-type.js";

const unit = fc.constantFrom("seconds" as const, "milliseconds" as const);

describe.each(["number", "bigint"] as const)("with long as %s", (long) => {
  it("a conversion is total, or fails on the value that is shown", () => {
    const found = { total: 0, value: 0, unproved: 0 };
    fc.assert(
      fc.property(arbitraryScalar, arbitraryScalar, unit, fc.nat(), (source, target, inUnit, seed) => {
        const conversion = conversionOf(source, target, inUnit, long);
        // What becomes base64 or UTF-8 is not computed in data form; the printed code is run in soundness.test.ts.
        if (conversion === undefined || conversion.kind === "toJson" || conversion.kind === "bytesToText") return;
        const failure = failureOf(source, target, conversion, long);
        found[failure?.kind ?? "total"]++;
        const fails = (value: Parameters<typeof converted>[0]): boolean => {
          const result = converted(value, target, conversion);
          return result === undefined || problemOf(result, target, long) !== undefined;
        };
        if (failure?.kind === "value") {
          expect(problemOf(failure.at, source, long)).toBeUndefined();
          expect(fails(failure.at)).toBe(true);
        }
        if (failure !== undefined) return;
        for (const value of fc.sample(arbitraryOf(source, long), { numRuns: 10, seed }))
          expect(fails(value)).toBe(false);
      }),
      { numRuns: 2000 },
    );
    expect(found.total).toBeGreaterThan(20);
    expect(found.value).toBeGreaterThan(20);
    expect(found.unproved).toBeLessThan(found.total / 8);
  });

  it("reading is proved never to fail, or fails on the value that is shown", () => {
    const found = { total: 0, value: 0, unproved: 0 };
    fc.assert(
      fc.property(arbitraryScalar, arbitraryScalar, unit, fc.nat(), (source, target, inUnit, seed) => {
        const reading = readingOf(source, target, inUnit, long);
        const isText = reading?.kind === "convert" && /^(?:toJson|bytesToText)$/.test(reading.conversion.kind);
        if (reading === undefined || isText) return;
        const failure = parseFailureOf(source, target, reading, long);
        found[failure?.kind ?? "total"]++;
        if (failure?.kind === "value") {
          expect(problemOf(failure.at, source, long)).toBeUndefined();
          expect(parsed(failure.at, target, reading, long)).toBeUndefined();
        }
        if (failure !== undefined) return;
        for (const value of fc.sample(arbitraryOf(source, long), { numRuns: 10, seed })) {
          expect(parsed(value, target, reading, long)).toBeDefined();
        }
      }),
      { numRuns: 2000 },
    );
    expect(found.total).toBeGreaterThan(20);
    expect(found.value).toBeGreaterThan(20);
    expect(found.unproved).toBeLessThan(found.total / 8);
  });
});
