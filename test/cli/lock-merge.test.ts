import { describe, expect, test, vi } from "vitest";
import type { Repository } from "./repository.js";
import { released, repository } from "./repository.js";

// Each test runs dozens of processes, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000 });

describe("a merge", () => {
  const part = (name: string, ...events: readonly string[]): string =>
    `aggregates:\n  ${name}:\n    key: { id: uuid }\n    events:\n${events
      .map((event) => `      ${event}: { versions: { 1: { fields: { note: string } } } }\n`)
      .join("")}`;

  /** Two branches that both release something, merged, and what git says. */
  const merge = (
    ours: readonly [string, string],
    theirs: readonly [string, string],
    { style = "merge", more = [] }: { readonly style?: string; readonly more?: readonly (readonly [string, string])[] },
  ): { readonly work: Repository; readonly output: string } => {
    const work = repository();
    work.write("model.yaml", "evgen: 1\nsystem: shop\ninclude: [parts/*.yaml]\ngenerate: { targets: [schemas] }\n");
    work.write("parts/order.yaml", part("Order", "OrderOpened"));
    for (const [file, text] of more) work.write(file, text);
    work.evgen(["init", "--yes"]);
    released(work);
    work.commit("first");
    for (const [branch, [file, text]] of [
      ["theirs", theirs],
      ["ours", ours],
    ] as const) {
      work.git("checkout", "--quiet", "-b", branch, "main");
      work.write(file, text);
      released(work);
      work.commit(branch);
    }
    const { output } = work.tryGit(".", "-c", `merge.conflictStyle=${style}`, "merge", "--no-edit", "theirs");
    return { work, output };
  };

  /** Of which git reports a conflict in evgen.lock. */
  const conflict = (ours: readonly [string, string], theirs: readonly [string, string], style?: string): Repository => {
    const { work, output } = merge(ours, theirs, style === undefined ? {} : { style });
    expect(output).toContain("Merge conflict in evgen.lock");
    return work;
  };
  const parcel = ["parts/parcel.yaml", part("Parcel", "ParcelOpened")] as const;
  const refund = ["parts/refund.yaml", part("Refund", "RefundOpened")] as const;
  const commands = [["build"], ["check"], ["lint"], ["build", "--check"]] as const;

  test("of events of two aggregates that stand beside each other has no conflict in the lock", () => {
    const { work } = merge(
      ["parts/order.yaml", part("Order", "OrderOpened", "OrderPaid")],
      ["parts/parcel.yaml", part("Parcel", "ParcelOpened", "ParcelSent")],
      { more: [["parts/parcel.yaml", part("Parcel", "ParcelOpened")]] },
    );
    // What is generated may be in conflict, and is made anew.
    expect(work.read("evgen.lock")).not.toContain("<<<<");
    expect(work.evgen(["check"])).toMatchObject({ code: 0, stdout: "" });
    expect(work.evgen(["release", "--check"])).toMatchObject({ code: 0 });
    expect(work.read("evgen.lock")).toMatch(/"OrderPaidV1"[\s\S]*"ParcelSentV1"/);
  });

  test.each(["merge", "diff3"])(
    "with a conflict in the lock is named, and a release takes both sides (%s)",
    (style) => {
      const work = conflict(parcel, refund, style);
      for (const command of commands) {
        const stopped = work.evgen(command);
        expect(stopped.code).toBe(1);
        const said = stopped.stdout + stopped.stderr;
        expect(said).toContain("lock-conflict  A merge left evgen.lock with marks of a conflict.");
        expect(said).toContain("help: evgen release\n");
      }
      const taken = work.evgen(["release"]);
      expect(taken).toMatchObject({ code: 0, stdout: "" });
      expect(taken.stderr).toContain("has the lines of both sides of a merge, which fit together");
      expect(work.evgen(["build"])).toMatchObject({ code: 0 });
      work.commit("merged");
      for (const branch of ["main", "ours", "theirs"])
        expect(work.evgen(["check", "--against", `git:${branch}`]), branch).toMatchObject({ code: 0 });
      expect(work.evgen(["release", "--check"])).toMatchObject({ code: 0 });
    },
  );

  test("whose marks were taken out by hand, both sides left, is put in order by a release", () => {
    const work = conflict(parcel, refund);
    const lines = work.read("evgen.lock").split("\n");
    work.write("evgen.lock", lines.filter((line) => !/^(<{7}|={7}|>{7})/.test(line)).join("\n"));
    const found = work.evgen(["check"]);
    expect(found).toMatchObject({ code: 1, stdout: expect.stringContaining("help: evgen release\n") });
    expect(work.evgen(["release", "--check"])).toMatchObject({ code: 1 });
    expect(work.evgen(["release"])).toMatchObject({ code: 0 });
    expect(work.evgen(["check"])).toMatchObject({ code: 0, stdout: "" });
  });

  test("of two releases on one topic has to choose who was first", () => {
    const work = conflict(
      ["parts/order.yaml", part("Order", "OrderOpened", "OrderPaid")],
      ["parts/order.yaml", part("Order", "OrderOpened", "OrderSent")],
    );
    work.write("parts/order.yaml", part("Order", "OrderOpened", "OrderPaid", "OrderSent"));
    const before = work.read("evgen.lock");
    const refused = work.evgen(["release"]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("git checkout --ours evgen.lock") });
    expect(work.read("evgen.lock")).toBe(before);
    work.git("checkout", "--theirs", "evgen.lock");
    expect(work.evgen(["release"])).toMatchObject({ code: 0 });
    expect(work.read("evgen.lock")).toMatch(/order 00001 "OrderSentV1"[\s\S]*order 00002 "OrderPaidV1"/);
    expect(work.evgen(["build"])).toMatchObject({ code: 0 });
  });
});
