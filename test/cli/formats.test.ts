import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { findModel, modelIn } from "../../src/cli/find-model.js";
import type { FindingFormat } from "../../src/cli/formats/finding-formats.js";
import { findingFormats } from "../../src/cli/formats/finding-formats.js";
import { findingsOf } from "../../src/cli/formats/from-diagnostics.js";
import type { FindingReport } from "../../src/cli/formats/print-findings.js";
import { printFindings } from "../../src/cli/formats/print-findings.js";
import { repositoryPrefix } from "../../src/cli/repository.js";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.js";
import { diagnostic } from "../../src/diagnostics/diagnostic.js";
import { visible } from "../../src/diagnostics/visible.js";
import type { Finding } from "../../src/evolution/finding.js";
import { parseXml } from "./parse-xml.js";
import { sarifErrors } from "./sarif.js";

const shop = "types:\n  Order:\n    fields:\n      total: decimal(12, 2)\n      lines: Line[]\n";
const lock = "version OrderPlacedV1\nversion OrderPlacedV2\n";
const texts: { readonly [file: string]: string } = { "shop.yaml": shop };

/** Everything that a finding can have. The rules stand for others: what matters here is the form. */
const breaking: Finding = {
  rule: "unknown-type",
  level: "error",
  verdict: "breaking",
  message: "OrderPlaced v1 is released, and its field total changed: 100% of it.",
  place: { file: "shop.yaml", path: ["types", "Order", "fields", "total"] },
  base: { name: "evgen.lock", place: { file: "evgen.lock", path: [], range: [8, 21] } },
  subject: ["Order", "OrderPlaced", "v1", "total"],
  chain: "v1 → v2",
  affected: { projections: ["OrderSummary", "CustomerSpend"], consumers: ["Warehouse"] },
  example: { version: "OrderPlacedV1", data: '{"total":1}', result: "cannot be read" },
  related: [{ message: "The type is here.", place: { file: "shop.yaml", path: ["types", "Order"], at: "key" } }],
  help: "Give the type a new name.",
  fix: { place: { file: "shop.yaml", path: ["types", "Order", "fields", "total"] }, text: "double" },
  fingerprint: "0123456789abcdef",
};

const { base: _base, chain: _chain, example: _example, verdict: _verdict, help: _help, fix: _fix, ...bare } = breaking;
const plain: Finding = {
  ...bare,
  rule: "event-unhandled",
  level: "warning",
  message: "Nobody reads it.",
  place: { file: "shop.yaml", path: ["types"] },
  related: [],
  affected: { projections: [], consumers: [] },
  fingerprint: "1111111111111111",
};
const info: Finding = {
  ...plain,
  level: "info",
  fingerprint: "2222222222222222",
  place: { file: "gone.yaml", path: [] },
};
const suppressed: Finding = { ...plain, accepted: "Nobody is to read it.", fingerprint: "3333333333333333" };
const accepted: Finding = { ...breaking, accepted: "Agreed with accounting.", fingerprint: "4444444444444444" };
const everything = [breaking, plain, info, suppressed, accepted];

const reportOf = (findings: readonly Finding[]): FindingReport => ({
  command: "check",
  results: [
    {
      model: { folder: "/nowhere", entry: "shop.yaml", prefix: "models/" },
      findings,
      read: (file) => texts[file],
      readBase: (file) => (file === "evgen.lock" ? lock : undefined),
    },
  ],
});

const printed = async (found: FindingReport, format: FindingFormat): Promise<string> => {
  let text = "";
  await printFindings(found, format, {
    data: (more) => {
      text += more;
    },
    problem: () => undefined,
    note: () => undefined,
    colours: { stdout: false, stderr: false },
  });
  return text;
};

const inFormat = (findings: readonly Finding[], format: FindingFormat) => printed(reportOf(findings), format);

describe("text", () => {
  test("looks like a diagnostic, with what a reviewer needs below it", async () => {
    expect(await inFormat([breaking], "text")).toBe(`\
models/shop.yaml:4:14  error  unknown-type  OrderPlaced v1 is released, and its field total changed: 100% of it.
    4 │       total: decimal(12, 2)
      │              ^^^^^^^^^^^^^^
verdict: breaking
base: models/evgen.lock:1:9
    1 │ version OrderPlacedV1
      │         ^^^^^^^^^^^^^
reads: v1 → v2
affects: projections OrderSummary, CustomerSpend, consumer Warehouse
example: OrderPlacedV1 {"total":1} → cannot be read
related: models/shop.yaml:2:3  The type is here.
    2 │   Order:
      │   ^^^^^
fingerprint: 0123456789abcdef
help: Give the type a new name.
help: evgen explain unknown-type

1 error
`);
  });

  test("names the base of a ref beside its place, and one without a place alone", async () => {
    const ref = { ...breaking, base: { name: "git:main", place: { file: "shop.yaml", path: ["types"] } } };
    expect(await inFormat([ref], "text")).toContain("\nbase: models/shop.yaml  git:main\n");
    expect(await inFormat([{ ...breaking, base: { name: "pulsar:prod" } }], "text")).toContain("\nbase: pulsar:prod\n");
  });

  test("counts what was suppressed, and shows what was accepted with its reason", async () => {
    const text = await inFormat(everything, "text");
    expect(text).toMatch(/\n1 error, 1 warning, 1 info, 1 accepted, 1 suppressed\n$/);
    expect(text).not.toContain("Nobody is to read it.");
    expect(text).toContain("models/shop.yaml:4:14  accepted  unknown-type  ");
    expect(text).toContain("\naccepted: Agreed with accounting.\n");
    expect(text.match(/event-unhandled {2}/g)?.length).toBe(2);
  });

  test("is empty without findings, and says everything once", async () => {
    expect(await inFormat([], "text")).toBe("");
    expect(await inFormat([plain, plain], "text")).toBe(await inFormat([plain], "text"));
  });
});

describe("json", () => {
  const schema = JSON.parse(readFileSync(new URL("../../schemas/findings.schema.json", import.meta.url), "utf8"));
  const isValid = new Ajv({ strict: true, strictRequired: false }).compile(schema);

  test("is what its schema says, with all that there is", async () => {
    const report = JSON.parse(await inFormat(everything, "json"));
    expect(isValid(report), JSON.stringify(isValid.errors)).toBe(true);
    expect(report.counts).toEqual({ error: 1, warning: 1, info: 1, accepted: 2 });
    const [of] = report.models[0].findings.filter((one: { fingerprint: string }) => one.fingerprint.startsWith("0"));
    const { place, base, related, fix, ...same } = breaking;
    expect(of).toEqual({
      ...same,
      ...{ file: "models/shop.yaml", line: 4, column: 14, endLine: 4, endColumn: 28 },
      base: { name: "evgen.lock", file: "models/evgen.lock", line: 1, column: 9, endLine: 1, endColumn: 22 },
      related: [
        { message: "The type is here.", file: "models/shop.yaml", line: 2, column: 3, endLine: 2, endColumn: 8 },
      ],
      fix: { text: "double", file: "models/shop.yaml", line: 4, column: 14, endLine: 4, endColumn: 28 },
    });
  });

  test("is refused by its schema when something is missing, unknown or wrong", async () => {
    const spoil = async (change: (finding: Record<string, unknown>) => void) => {
      const report = JSON.parse(await inFormat([breaking], "json"));
      change(report.models[0].findings[0]);
      return isValid(report);
    };
    expect(await spoil(() => undefined)).toBe(true);
    expect(await spoil((one) => delete one["rule"])).toBe(false);
    expect(await spoil((one) => Object.assign(one, { more: 1 }))).toBe(false);
    expect(await spoil((one) => Object.assign(one, { fingerprint: "x" }))).toBe(false);
    expect(await spoil((one) => Object.assign(one, { line: 0 }))).toBe(false);
  });
});

describe("github", () => {
  test("is a line for each finding, escaped as the runner reads it", async () => {
    const [first, ...rest] = (await inFormat([breaking], "github")).split("\n");
    expect(rest).toEqual([""]);
    expect(first?.startsWith("::error file=models/shop.yaml,line=4,endLine=4,col=14,endColumn=28,")).toBe(true);
    expect(first).toContain(",title=evgen unknown-type (breaking)::OrderPlaced v1 is released");
    expect(first).toContain("100%25 of it.%0Averdict: breaking%0Abase: models/evgen.lock:1:9%0Areads: v1 → v2");
  });

  test("has notices for what fails nothing, no columns over several lines, and no suppressed ones", async () => {
    const lines = (await inFormat(everything, "github")).trimEnd().split("\n");
    expect(lines.map((line) => line.split("::")[1]?.split(",title")[0])).toEqual([
      "notice file=models/gone.yaml",
      "warning file=models/shop.yaml,line=2,endLine=6",
      "error file=models/shop.yaml,line=4,endLine=4,col=14,endColumn=28",
      "notice file=models/shop.yaml,line=4,endLine=4,col=14,endColumn=28",
    ]);
  });

  test("cannot be made to say something else by what a model holds", async () => {
    const hostile = "a,line=1::b\n::stop-commands::x\r%0A%";
    const report = reportOf([{ ...plain, message: hostile, place: { file: hostile, path: [] } }]);
    const lines = (await printed(report, "github")).split("\n");
    expect(lines.length).toBe(2);
    const [, properties = "", ...message] = lines[0]?.split("::") ?? [];
    expect(unescapeProperty(properties.slice("warning file=".length).split(",")[0] ?? "")).toBe(
      `models/${visible(hostile)}`,
    );
    expect(message.join("::").startsWith("a,line=1::b\\n::stop-commands::x\\r%250A%25%0A")).toBe(true);
  });
});

/** As in the runner: https://github.com/actions/runner, ActionCommand.cs */
const unescapeProperty = (text: string): string =>
  text
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",")
    .replaceAll("%25", "%");

describe("junit", () => {
  test("has a failure for each error, and says of the others that they pass", async () => {
    const root = parseXml(await inFormat(everything, "junit"));
    expect(root.attributes).toEqual({ name: "evgen check", tests: "5", failures: "1", errors: "0" });
    const [suite] = root.children;
    expect(suite?.attributes).toEqual({
      ...{ name: "models/shop.yaml", tests: "5", failures: "1", errors: "0", skipped: "2" },
    });
    const kinds = suite?.children.map((one) => [one.attributes["name"], one.children[0]?.name]);
    const subject = "Order OrderPlaced v1 total";
    expect(kinds).toEqual([
      [`event-unhandled: ${subject}`, "system-out"],
      [`event-unhandled: ${subject} (2)`, "system-out"],
      [`event-unhandled: ${subject} (3)`, "skipped"],
      [`unknown-type: ${subject}`, "failure"],
      [`unknown-type: ${subject} (2)`, "skipped"],
    ]);
    const failed = suite?.children[3];
    expect(failed?.attributes).toEqual({
      ...{ name: `unknown-type: ${subject}`, classname: "models/shop.yaml", file: "models/shop.yaml", line: "4" },
    });
    expect(failed?.children[0]?.attributes).toEqual({ type: "unknown-type", message: breaking.message });
    expect(failed?.children[0]?.text).toContain('\nexample: OrderPlacedV1 {"total":1} → cannot be read\n');
  });

  test("of a model without findings is one case that passes", async () => {
    const [suite] = parseXml(await inFormat([], "junit")).children;
    expect(suite?.children.map((one) => [one.attributes["name"], one.children.length])).toEqual([["no findings", 0]]);
  });
});

describe("sarif", () => {
  test("is SARIF 2.1.0, and the schema would say if it were not", async () => {
    const log = JSON.parse(await inFormat(everything, "sarif"));
    expect(sarifErrors(log)).toBe("");
    log.runs[0].results[0].level = "fatal";
    expect(sarifErrors(log)).not.toBe("");
    expect(sarifErrors(JSON.parse(await inFormat([], "sarif")))).toBe("");
  });

  test("holds rule, both places, fix, fingerprint and verdict of a finding", async () => {
    const { runs } = JSON.parse(await inFormat([breaking], "sarif"));
    const [rule] = runs[0].tool.driver.rules;
    expect([rule.id, rule.defaultConfiguration]).toEqual(["unknown-type", { level: "error" }]);
    expect(rule.help.text).toContain("evgen explain unknown-type");
    const [result] = runs[0].results;
    const physical = (file: string, ...[startLine, startColumn, endColumn]: readonly number[]) => ({
      artifactLocation: { uri: `models/${file}`, uriBaseId: "%SRCROOT%" },
      region: { startLine, startColumn, endLine: startLine, endColumn },
    });
    expect(result).toMatchObject({
      ...{ ruleId: "unknown-type", ruleIndex: 0, level: "error" },
      locations: [
        {
          physicalLocation: physical("shop.yaml", 4, 14, 28),
          logicalLocations: [{ fullyQualifiedName: "Order.OrderPlaced.v1.total" }],
        },
      ],
      relatedLocations: [
        { id: 1, physicalLocation: physical("evgen.lock", 1, 9, 22) },
        { id: 2, physicalLocation: physical("shop.yaml", 2, 3, 8), message: { text: "The type is here." } },
      ],
      partialFingerprints: {
        "evgenFinding/v1": "0123456789abcdef",
        primaryLocationLineHash: "0123456789abcdef:1",
      },
      fixes: [{ artifactChanges: [{ replacements: [{ insertedContent: { text: "double" } }] }] }],
      properties: { verdict: "breaking", projections: ["OrderSummary", "CustomerSpend"], consumers: ["Warehouse"] },
    });
    expect(result.suppressions).toBeUndefined();
  });

  test("keeps what was accepted, as suppressed", async () => {
    const { runs } = JSON.parse(await inFormat([suppressed, accepted], "sarif"));
    expect(runs[0].results.map((one: { suppressions: object }) => one.suppressions)).toEqual([
      [{ kind: "inSource", status: "accepted", justification: "Nobody is to read it." }],
      [{ kind: "external", status: "accepted", justification: "Agreed with accounting." }],
    ]);
  });

  test("stays valid whatever names and texts a model has", async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (name, text) => {
        const place = { file: name, path: [] };
        const one: Finding = { ...breaking, message: text, place, subject: [name], help: text, accepted: text };
        const log = JSON.parse(await inFormat([one], "sarif"));
        expect(sarifErrors(log)).toBe("");
      }),
    );
  });
});

describe("gitlab", () => {
  test("has what GitLab asks for", async () => {
    const issues = JSON.parse(await inFormat(everything, "gitlab"));
    expect(issues.map(({ description, ...rest }: { description: string }) => rest)).toEqual([
      issue("event-unhandled", "2222222222222222", "info", "gone.yaml", 1),
      issue("event-unhandled", "1111111111111111", "minor", "shop.yaml", 2),
      issue("unknown-type", "0123456789abcdef", "blocker", "shop.yaml", 4),
      issue("unknown-type", "4444444444444444", "info", "shop.yaml", 4),
    ]);
    expect(issues[2].description).toContain(`${breaking.message}\nverdict: breaking\n`);
  });

  test("tells two models apart that say the same", async () => {
    const one = reportOf([plain]).results[0];
    if (one === undefined) throw new Error("There is one.");
    const other = { ...one, model: { ...one.model, folder: "/elsewhere", prefix: "other/" } };
    const issues = JSON.parse(await printed({ command: "lint", results: [one, other] }, "gitlab"));
    expect(new Set(issues.map(({ fingerprint }: { fingerprint: string }) => fingerprint)).size).toBe(2);
  });

  const issue = (rule: string, fingerprint: string, severity: string, file: string, begin: number) => ({
    ...{ check_name: rule, fingerprint, severity, location: { path: `models/${file}`, lines: { begin } } },
  });
});

const hostileText = fc.string({
  unit: fc.oneof(
    fc.constantFrom("<", ">", "&", '"', "'", "]]>", "%", ":", ",", " ", "/", "..", "\\", "#", "?"),
    fc.constantFrom("\n", "\r", "\t", "\0", "\u001b", "\u2028", "\u202e", "\ud800", "\udc00", "\ufffe", "\uffff"),
    fc.constantFrom("a", "é", "日", "\u{1f642}", "::error::", "%0A"),
  ),
  maxLength: 30,
});

describe("every format", () => {
  test("holds nothing that acts on a terminal or breaks its syntax, whatever a model holds", async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (name, text) => {
        const place = { file: name, path: [] };
        const one: Finding = {
          ...breaking,
          ...{ message: text, place, subject: [name, text], chain: text, help: text },
          affected: { projections: [name], consumers: [text] },
          example: { version: name, data: text, result: text },
          related: [{ message: text, place }],
          base: { name, place: { file: text, path: [] } },
        };
        for (const format of findingFormats) {
          const shown = await inFormat([one], format);
          expect(shown.isWellFormed(), format).toBe(true);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it is about
          expect(shown, format).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]/);
        }
        expect((await inFormat([one], "github")).match(/\n/g)?.length).toBe(1);
        const { children } = parseXml(await inFormat([one], "junit"));
        expect(children[0]?.children.length).toBe(1);
        JSON.parse(await inFormat([one], "json"));
        JSON.parse(await inFormat([one], "gitlab"));
      }),
    );
  });
});

describe("diagnostics of the model as findings", () => {
  const unknown = (name: string, path: readonly string[]): Diagnostic =>
    diagnostic("unknown-type", { name, suggestion: "double" }, { file: "shop.yaml", path });

  test("have fingerprints of where they stand, not of what they say", () => {
    const [one, two, three] = findingsOf([
      unknown("A", ["types"]),
      unknown("B", ["types", "Order"]),
      unknown("C", ["types"]),
    ]);
    expect(new Set([one, two, three].map((finding) => finding?.fingerprint)).size).toBe(3);
    expect(findingsOf([unknown("Z", ["types"])])[0]?.fingerprint).toBe(one?.fingerprint);
    expect(one).toMatchObject({ rule: "unknown-type", level: "error", subject: ["types"] });
  });

  test("are printed in all formats", async () => {
    const found = findingsOf([unknown("Mony", ["types", "Order", "fields", "total"])]);
    for (const format of findingFormats) expect(await inFormat(found, format)).toContain("unknown-type");
  });
});

describe("files in reports of CI systems", () => {
  test("are relative to the top of the repository, wherever evgen is called", () => {
    const top = realpathSync(mkdtempSync(join(tmpdir(), "evgen-formats-")));
    onTestFinished(() => rmSync(top, { recursive: true, force: true }));
    const folder = join(top, "services", "shop");
    mkdirSync(folder, { recursive: true });
    const model = modelIn(folder, "model.yaml");
    expect(repositoryPrefix(model)).toBe(model.prefix);
    mkdirSync(join(top, ".git"));
    expect(repositoryPrefix(model)).toBe("services/shop/");
    expect(repositoryPrefix(modelIn(top, "model.yaml"))).toBe("");
    expect(repositoryPrefix(findModel("model.example.yaml"))).toBe("");
  });
});
