import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Workspace, workspace } from "./evgen.js";
import { sarifResults } from "./sarif.js";

const model = `evgen: 1
system: shop
aggregates:
  Order:
    key: { orderId: uuid }
    events:
      OrderPlaced:
        versions:
          1: { fields: { total: { type: int, min: 0, max: 1000 }, note: string } }
          2:
            fields: { cents: { type: int, min: 0, max: 100000 }, note: string }
            upcast: { cents: { by: centsOf }, note: { by: noteOf } }
consumers:
  Mailer: { from: Order, events: [OrderPlaced] }
`;

const sound = `export const orderFunctions = {
  centsOf: ({ total }) => total * 100,
  noteOf: ({ note }) => note.trim(),
};
`;

const withFunctions = (functions: string, more = ""): Workspace => {
  const work = workspace();
  work.write("model.yaml", `${model}verify: { functions: src/up.mjs }\n${more}`);
  work.write("src/up.mjs", functions);
  return work;
};

describe("evgen verify", () => {
  it("passes what is sound, and says what it tried", () => {
    const { code, stdout, stderr } = withFunctions(sound).evgen(["verify", "--runs", "20", "--seed", "5"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toBe("evgen: 40 events of 2 stored versions were tried, seed 5.\n");
  });

  it.each<[code: string, message: string, functions: string]>([
    [
      "function-missing",
      "Order: there is no function noteOf to run.",
      "export const centsOf = ({ total }) => total * 100;\n",
    ],
    [
      "function-throws",
      'OrderPlaced version 1 → 2: centsOf throws "too much".',
      sound.replace("total * 100,", '{ if (total > 500) throw new Error("too much"); return total * 100; },'),
    ],
    [
      "function-invalid",
      "OrderPlaced version 1 → 2: what centsOf returns is not valid: /cents must be <= 100000.",
      sound.replace("total * 100", "total * 101"),
    ],
    [
      "function-async",
      "OrderPlaced version 1 → 2: noteOf returns a promise, and an event is read without waiting.",
      sound.replace("noteOf: (", "noteOf: async ("),
    ],
    [
      "function-impure",
      "OrderPlaced version 1 → 2: noteOf looks at new Date().",
      sound.replace("note.trim()", "note + new Date().getFullYear()"),
    ],
    ["function-endless", "Order: centsOf has not come back after 1 s.", sound.replace("total * 100", "{ for (;;); }")],
  ])("finds a %s at the place that names it", (rule, message, functions) => {
    const work = withFunctions(functions);
    const { code, stdout } = work.evgen(["verify", "--seed", "7", "--time", "1s", "--format", "json"]);
    expect(code).toBe(1);
    const report = JSON.parse(stdout);
    expect(report.models[0].findings).toHaveLength(1);
    const [finding] = report.models[0].findings;
    expect(finding).toMatchObject({ rule, level: "error", message, file: "model.yaml", line: 12 });
    expect(finding.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(readFileSync("schemas/findings.schema.json", "utf8")).toContain('"verify"');
    if (rule !== "function-missing" && rule !== "function-endless") {
      expect(finding.affected).toEqual({ projections: [], consumers: ["Mailer"] });
      // the command of the finding finds the same event again
      const [, ...again] = finding.help.split(" ");
      const repeated = JSON.parse(work.evgen([...again, "--format", "json"]).stdout);
      expect(repeated.models[0].findings).toEqual(report.models[0].findings);
    }
  });

  it("shows the smallest event", () => {
    const work = withFunctions(
      sound.replace("total * 100,", '{ if (total > 500) throw new Error("x"); return total * 100; },'),
    );
    // Two of these found it at the bound of its type.
    for (const seed of ["1", "2", "155822328"])
      expect(work.evgen(["verify", "--seed", seed]).stdout).toContain(
        'example: OrderPlacedV1 {"total":501,"note":""} → ',
      );
  });

  it("says what cannot be tried", () => {
    const work = workspace();
    work.write(
      "model.yaml",
      model
        .replace("note: string } }", 'note: { type: string, pattern: "^(a)\\\\1$" } } }')
        .replace(/upcast: .*/, "upcast: { cents: $total, note: x }")
        .replaceAll("max: 100000", "max: 1000"),
    );
    const { code, stdout } = work.evgen(["verify", "--runs", "5"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "read-untried  No event of OrderPlacedV1 was tried: of note no text is known that matches ^(a)\\1$.",
    );
  });

  it("reads the released samples again, and records what functions make of them", { timeout: 300_000 }, () => {
    const work = withFunctions(sound);
    expect(work.evgen(["release"]).stderr).toContain(
      "evgen.lock: what functions make of 3 samples is not noted yet: evgen verify --record\n",
    );
    expect(work.read("evgen.lock")).toContain('"reads":"by"');
    // A release is no proof.
    expect(work.evgen(["check"])).toMatchObject({ code: 0, stdout: expect.stringContaining("version-unproved") });
    expect(work.evgen(["verify", "--runs", "5", "--record"]).code).toBe(0);
    expect(work.evgen(["check"])).toMatchObject({ code: 0, stdout: "" });
    const recorded = work.read("evgen.lock");
    expect(recorded).toMatch(/^proved Order OrderPlaced 2 "[0-9a-f]{16}" #[0-9a-f]{12}$/m);
    expect(recorded).toContain('"reads":[["OrderPlaced",2,{"cents":0,"note":""}]]');
    expect(recorded).not.toContain('"reads":"by"');
    // a release, and another record, leave it as it is
    work.evgen(["release", "--quiet"]);
    expect(work.evgen(["verify", "--runs", "5", "--record"]).stderr).toContain("evgen.lock notes already");
    expect(work.read("evgen.lock")).toBe(recorded);

    work.write("src/up.mjs", sound.replace("total * 100", "total * 99"));
    const changed = work.evgen(["verify", "--runs", "5"]);
    expect(changed.code).toBe(1);
    const sarif = sarifResults(work.evgen(["verify", "--runs", "5", "--format", "sarif"]).stdout);
    expect(sarif.map((one) => one.split(" ")[0])).toEqual(["read-changed", "read-changed"]);
    expect(changed.stdout).toMatch(/read-changed {2}The most sample of OrderPlacedV1 in evgen\.lock/);
    expect(changed.stdout).toContain('OrderPlaced v2 {"cents":99000,');
    // It is not accepted by that, but recorded.
    expect(changed.stdout).not.toContain("fingerprint:");
    expect(work.read("evgen.lock")).toBe(recorded);
    const accepted = work.evgen(["verify", "--runs", "5", "--record"]);
    expect(accepted.code).toBe(0);
    expect(accepted.stdout).toContain("warning  read-changed");
    expect(work.read("evgen.lock")).toContain('"cents":99000');
    expect(work.evgen(["verify", "--runs", "5"]).code).toBe(0);
  });

  it("records nothing while something is wrong", () => {
    const work = withFunctions(sound);
    work.evgen(["release", "--quiet"]);
    const before = work.read("evgen.lock");
    work.write("src/up.mjs", sound.replace("total * 100", "total * 101"));
    expect(work.evgen(["verify", "--record"]).code).toBe(1);
    expect(work.read("evgen.lock")).toBe(before);
  });

  it("reads samples of mappings too, which it does not record", () => {
    const work = workspace();
    const plain = model.replace("{ by: centsOf }", "$total").replace("{ by: noteOf }", "$note");
    work.write("model.yaml", plain);
    work.evgen(["release", "--quiet"]);
    const before = work.read("evgen.lock");
    work.write(
      "model.yaml",
      plain.replace("note: $note", "note: x }\n            drop: [note]").replace("[note] }", "[note]"),
    );
    const { code, stdout } = work.evgen(["verify", "--runs", "5", "--record"]);
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringContaining("error  read-changed") });
    expect(work.read("evgen.lock")).toBe(before);
  });

  it("keeps what functions print away from the findings", () => {
    const work = withFunctions(`console.log("loaded");\n${sound}`);
    const { stdout, stderr } = work.evgen(["verify", "--runs", "2", "--format", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ command: "verify", models: [{ findings: [] }] });
    expect(stderr).toContain("loaded\n");
  });

  it.each<[why: string, args: readonly string[], files: Readonly<Record<string, string>>, message: RegExp]>([
    [
      "a module that is not there",
      ["--functions", "no.mjs"],
      {},
      /^evgen: no\.mjs cannot be imported: Cannot find module/,
    ],
    [
      "one that throws",
      ["--functions", "a.mjs"],
      { "a.mjs": 'throw new Error("no database");' },
      /^evgen: a\.mjs cannot be imported: no database$/m,
    ],
    [
      "one that is no module",
      ["--functions", "a.mjs"],
      { "a.mjs": "export const = ;" },
      /^evgen: a\.mjs cannot be imported: Unexpected token/,
    ],
    [
      "two functions of one name",
      ["--functions", "a.mjs"],
      { "a.mjs": "export const a = { centsOf: () => 1 };\nexport const b = { centsOf: () => 2 };\n" },
      /^evgen: a\.mjs exports more than one function centsOf: export one of them\.$/m,
    ],
    [
      "a version that is not there",
      ["--only", "OrderPlacedV9"],
      {},
      /^evgen: The model has no version OrderPlacedV9\. Did you mean "OrderPlacedV1"\?$/m,
    ],
    ["a time that is none", ["--time", "soon"], {}, /^evgen: --time soon is not a time: write 500ms, 30s or 5m\.$/m],
    ["no runs", ["--runs", "0"], {}, /^evgen: --runs 0 would try nothing\.$/m],
    ["a seed that is none", ["--seed", "-1"], {}, /is not a whole number/],
    ["a path alone", ["--path", "0:1"], {}, /^evgen: --path is the way to one event, and needs --only and --seed\.$/m],
    [
      "a record without a lock",
      ["--record", "--runs", "1"],
      {},
      /^evgen: There is no evgen\.lock to note anything in: run evgen release first\.$/m,
    ],
  ])("refuses %s", (_, args, files, message) => {
    const work = withFunctions(sound);
    for (const [path, content] of Object.entries(files)) work.write(path, content);
    const { code, stderr } = work.evgen(["verify", ...args]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it("survives functions that end the program", () => {
    const { code, stderr } = withFunctions(sound.replace("total * 100", "process.exit(0)")).evgen(["verify"]);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: "evgen: The functions ended the program, with exit code 0, before they were verified.\n",
    });
  });

  it("says how TypeScript is run where Node cannot", () => {
    const work = workspace();
    work.write("model.yaml", model);
    work.write(
      "up.ts",
      'export const centsOf = ({ total }: { total: number }): number => total * 100;\nexport const noteOf = () => "x";\n',
    );
    const { code, stderr } = work.evgen(["verify", "--functions", "up.ts", "--runs", "3"]);
    const strips = Boolean((process.features as { readonly typescript?: unknown }).typescript);
    if (strips) expect({ code, stderr }).toMatchObject({ code: 0 });
    else {
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^evgen: Node\.js v\S+ cannot run up\.ts: it strips types from 22\.18 and 23\.6 on\. Compile it/,
      );
    }
  });

  it("reports a model with mistakes, in each format", () => {
    const work = workspace();
    work.write("model.yaml", model.replace("note: { by: noteOf }", "note: $nothing"));
    expect(work.evgen(["verify"])).toMatchObject({ code: 1, stdout: expect.stringContaining("unknown-source-field") });
    expect(sarifResults(work.evgen(["verify", "--format", "sarif"]).stdout).length).toBeGreaterThan(0);
  });

  it("is bounded in time", () => {
    const { code, stderr } = withFunctions(sound).evgen(["verify", "--runs", "100000000", "--time", "500ms"]);
    expect(code).toBe(0);
    expect(stderr).toContain("less often than 100000000 times, since the time was over");
  });
});
