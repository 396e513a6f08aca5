import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../../src/compile.js";
import { mergedLock } from "../../src/evolution/lock/merged.js";
import { readLock } from "../../src/evolution/lock/read-lock.js";
import { snapshotIn } from "../../src/evolution/lock/snapshot-in.js";
import { printLock } from "../../src/evolution/lock/write-lock.js";
import { releaseOf } from "../../src/evolution/release.js";
import type { Snapshot } from "../../src/evolution/snapshot.js";
import { arbitraryModel } from "../arbitrary-model.js";
import { memorySources } from "../memory-sources.js";
import { seed } from "../seed.js";

const released = async (source: unknown, lock?: string) => {
  const files = { "model.yaml": JSON.stringify(source), ...(lock === undefined ? {} : { "evgen.lock": lock }) };
  const { model, diagnostics, lock: found } = await compile("model.yaml", memorySources(files));
  if (model === undefined) throw new Error(`seed ${seed}: ${JSON.stringify(diagnostics)}`);
  return releaseOf(model, found === undefined ? undefined : snapshotIn(found).snapshot);
};

const read = (text: string) => {
  const { lock, diagnostics } = readLock("evgen.lock", text);
  return lock === undefined ? { snapshot: undefined, diagnostics } : { snapshot: undefined, ...snapshotIn(lock) };
};

const models = fc.sample(arbitraryModel(), { numRuns: 3, seed });

describe.each(models.map((source, index) => ({ index, source })))("the lock of model $index", async ({ source }) => {
  const { snapshot } = await released(source);
  const text = printLock(snapshot);

  it("is read as what was written", () => {
    expect(read(text)).toEqual({ snapshot: JSON.parse(JSON.stringify(snapshot)), diagnostics: [] });
  });

  it("is written again as it was read, and is the same when nothing is new", async () => {
    expect(printLock(read(text).snapshot as Snapshot)).toBe(text);
    const again = await released(source, text);
    expect(printLock(again.snapshot)).toBe(text);
    expect(again.versions).toEqual([]);
  });

  it("has one fact a line, sorted, and ends with a line end", () => {
    const lines = text.split("\n");
    expect(lines.at(-1)).toBe("");
    expect(lines.at(-2)).toBe("end");
    const keys = lines
      .slice(2, -2)
      .map((line) => line.replace(/ ["{[].*/, " "))
      .map((key) => key.replace(/^sum (\w+) $/, "aggregate $1 sum").replace(/^sum (\w+):(\w+) $/, "$1 $2 sum"));
    expect([...keys].sort()).toEqual(keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("has samples that are read", () => {
    expect(snapshot.samples.length).toBeGreaterThanOrEqual(snapshot.versions.length);
    expect(snapshot.samples.filter((sample) => (sample.reads?.length ?? 0) > 0).length).toBeGreaterThan(0);
  });

  it("is refused however it is damaged, at a line", () => {
    const lines = text.split("\n");
    const line = fc.integer({ min: 0, max: lines.length - 2 });
    const damage: fc.Arbitrary<string> = fc.oneof(
      fc.integer({ min: 0, max: text.length - 1 }).map((end) => text.slice(0, end)),
      fc
        .tuple(
          fc.integer({ min: 0, max: text.length - 1 }),
          fc.constantFrom("x", "0", " ", "\n", '"', "#", "\u0000", "é"),
        )
        .map(([at, other]) => text.slice(0, at) + other + text.slice(at + 1)),
      fc
        .tuple(fc.integer({ min: 0, max: text.length - 1 }), fc.constantFrom("x", "0", " ", "\n", '"', "#", "\r"))
        .map(([at, more]) => text.slice(0, at) + more + text.slice(at)),
      line.map((at) => lines.toSpliced(at, 1).join("\n")),
      line.map((at) => lines.toSpliced(at, 0, lines[at] ?? "").join("\n")),
      fc.tuple(line, line).map(([a, b]) =>
        lines
          .toSpliced(a, 1)
          .toSpliced(b, 0, lines[a] ?? "")
          .join("\n"),
      ),
    );
    /** What nobody can tell is what the comment says. */
    const harmless = (other: string) =>
      other === text || other.split("\n").slice(1).join("\n") === lines.slice(1).join("\n");
    fc.assert(
      fc.property(damage, (other) => {
        if (harmless(other)) return;
        const { snapshot: found, diagnostics } = read(other);
        expect(found).toBeUndefined();
        expect(diagnostics.length).toBeGreaterThan(0);
        for (const one of diagnostics) expect(one.place.range, one.message).toBeDefined();
      }),
      { seed, numRuns: 300 },
    );
  });
});

describe("the lock of the example", () => {
  const text = readFileSync(new URL("../../evgen.lock", import.meta.url), "utf8");
  const lines = text.slice(0, -1).split("\n");
  const every = [...lines.keys()].slice(1);
  const damages: readonly [what: string, damaged: readonly (readonly [at: number, text: readonly string[]])[]][] = [
    ["is gone", every.map((at) => [at, lines.toSpliced(at, 1)])],
    ["is there twice", every.map((at) => [at, lines.toSpliced(at, 0, lines[at] ?? "")])],
    [
      "stands behind its neighbour",
      every.slice(1).map((at) => [at, lines.toSpliced(at - 1, 2, ...lines.slice(at - 1, at + 1).reverse())]),
    ],
    ["stands at the end", every.slice(0, -1).map((at) => [at, [...lines.toSpliced(at, 1), lines[at] ?? ""]])],
    [
      "has another character",
      every.flatMap((at) => edits(lines[at] ?? "").map((edited) => [at, lines.with(at, edited)] as const)),
    ],
  ];

  it.each(damages)("is refused where any line %s", (_, damaged) => {
    for (const [at, all] of damaged) {
      const { snapshot, diagnostics } = read(`${all.join("\n")}\n`);
      const shown = `line ${at + 1}: ${lines[at]}`;
      expect(snapshot, shown).toBeUndefined();
      expect(diagnostics[0]?.place.range, shown).toBeDefined();
    }
  });

  it("is read as it is", () => {
    expect(read(text).diagnostics).toEqual([]);
  });
});

/** A line with one character changed, at each place: a digit into another digit, a letter into another letter. */
const edits = (line: string): readonly string[] =>
  Array.from(line, (is, at) => {
    const other = is === "7" || is === "e" ? "3" : /\d/.test(is) ? "7" : "e";
    return line.slice(0, at) + other + line.slice(at + 1);
  });

describe("a lock", () => {
  const text = (...events: readonly string[]) => ({
    evgen: 1,
    system: "shop",
    aggregates: {
      Order: {
        key: { orderId: "uuid" },
        events: Object.fromEntries(events.map((name) => [name, { versions: { 1: { fields: { a: "string" } } } }])),
      },
    },
  });

  it("gives two branches of git that both released something lines that are in conflict", async () => {
    const base = printLock((await released(text("Placed"))).snapshot);
    const ours = printLock((await released(text("Placed", "Paid"), base)).snapshot);
    const theirs = printLock((await released(text("Placed", "Shipped"), base)).snapshot);
    const { diagnostics } = readLock("evgen.lock", mergedLock(`${ours}${theirs.split("\n").slice(2).join("\n")}`));
    expect(diagnostics.map((one) => one.message).join("\n")).toContain("two things of position 1 of");
    expect(diagnostics.every((one) => one.code === "lock-twice")).toBe(true);
  });

  it("of hostile values is still one fact a line", async () => {
    const source = {
      ...text("Placed"),
      types: { Odd: { enum: ["a\nb", "#", " #aaaaaaaaaaaa", "\u2028", "end", "</script>", "'\"`\u0024{}"] } },
    };
    const placed = { versions: { 1: { fields: { odd: "Odd", text: { type: "string", pattern: "^[\\n# ]+$" } } } } };
    (source.aggregates.Order.events as Record<string, unknown>)["Placed"] = placed;
    const { snapshot } = await released(source);
    expect(read(printLock(snapshot)).snapshot).toEqual(JSON.parse(JSON.stringify(snapshot)));
  });
});
