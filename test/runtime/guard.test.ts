import { describe, expect, it } from "vitest";
import { createGuard } from "../../src/runtime/guard.js";

describe("a guard", () => {
  const streams = Array.from({ length: 1000 }, (_, index) => `s${index}`);

  it("remembers the streams that were heard of last, as many as it is told, and no more than twice as many", () => {
    const guard = createGuard(true, 10, 10);
    guard.remember("busy", { id: "e", sequence: 7 });
    for (const [index, stream] of streams.entries()) {
      guard.remember(stream, { id: "e", sequence: index + 1 });
      guard.remember("busy", { id: "e", sequence: 1 });
      const latest = streams.slice(Math.max(0, index - 8), index + 1);
      expect(latest.map((one) => guard.last(one))).toEqual(latest.map((one) => streams.indexOf(one) + 1));
      // A lower sequence that comes late does not make it forget the higher one.
      expect(guard.judge("busy", { id: "e", sequence: 7 })).toBe("duplicate");
    }
    expect(streams.filter((one) => guard.last(one) !== undefined).length).toBeLessThan(20);
  });

  it("remembers ids of events without a sequence in the same way", () => {
    const guard = createGuard(true, 10, 10);
    for (const [index, id] of streams.entries()) {
      guard.remember("s", { id });
      const latest = streams.slice(Math.max(0, index - 9), index + 1);
      expect(latest.map((one) => guard.judge("s", { id: one }))).toEqual(latest.map(() => "duplicate"));
    }
    const known = streams.filter((id) => guard.judge("s", { id }) === "duplicate");
    expect(known.length).toBeLessThanOrEqual(20);
    expect(guard.judge("s", { id: "s0" })).toBe("new");
  });
});
