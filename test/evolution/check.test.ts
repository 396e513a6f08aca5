import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { FindingReport } from "../../src/cli/formats/print-findings.js";
import { formatFindings } from "../../src/cli/formats/print-findings.js";
import { textOf } from "../../src/cli/formats/text.js";
import { compile } from "../../src/compile.js";
import { changeCodes } from "../../src/diagnostics/codes/evolution.js";
import { baseOfLock, baseOfModel } from "../../src/evolution/check/base.js";
import { checkChanges } from "../../src/evolution/check/check.js";
import type { Finding } from "../../src/evolution/finding.js";
import { readLock } from "../../src/evolution/lock/read-lock.js";
import { snapshotIn } from "../../src/evolution/lock/snapshot-in.js";
import { printLock } from "../../src/evolution/lock/write-lock.js";
import { releaseOf } from "../../src/evolution/release.js";
import type { Sample, Snapshot } from "../../src/evolution/snapshot.js";
import { sarifResults } from "../cli/sarif.js";
import { memorySources } from "../memory-sources.js";

/*
 * Each folder of test/golden/check is named for a rule and holds two models, base.yaml and head.yaml; findings.txt is what
 * the change of the one into the other means, mirror.txt what the change back does. The base is released first, unless its
 * first line says `# against: model`. UPDATE_GOLDEN=1 writes both texts.
 */

const folder = fileURLToPath(new URL("../golden/check/", import.meta.url));
const updates = process.env["UPDATE_GOLDEN"] === "1";
const cases = readdirSync(folder).sort();

const modelOf = async (text: string, more: { readonly [path: string]: string } = {}) => {
  const { model, diagnostics } = await compile("model.yaml", memorySources({ "model.yaml": text, ...more }), {
    mayMiss: true,
  });
  if (model === undefined) throw new Error(diagnostics.map((one) => `${one.code} ${one.message}`).join("\n"));
  return model;
};

/** What a change means, and how it is shown. */
const compared = async (before: string, after: string) => {
  const old = await modelOf(before);
  const text = printLock(releaseOf(old, undefined).snapshot);
  const isModel = before.startsWith("# against: model");
  const { lock } = readLock("evgen.lock", text);
  const snapshot = lock && snapshotIn(lock).snapshot;
  if (lock === undefined || snapshot === undefined) throw new Error("the lock cannot be read");
  const model = await modelOf(after, isModel ? {} : { "evgen.lock": text });
  const base = isModel ? baseOfModel("git:main", old) : baseOfLock("evgen.lock", lock, snapshot);
  const findings = await checkChanges(base, model);
  const found: FindingReport = {
    command: "check",
    results: [
      {
        model: { folder: "/", entry: "model.yaml", prefix: "" },
        findings,
        read: (file) => (file === "model.yaml" ? after : undefined),
        readBase: (file) => (file === "evgen.lock" ? text : before),
      },
    ],
  };
  return { findings, text: textOf(found, false), sarif: await formatFindings(found, "sarif", false) };
};

const ofCase = (name: string, file: string): string => readFileSync(join(folder, name, file), "utf8");
const golden = (name: string, file: string, text: string): void => {
  const path = join(folder, name, file);
  if (updates) writeFileSync(path, text);
  expect(text).toBe(existsSync(path) ? readFileSync(path, "utf8") : "");
};

const rulesIn = (findings: readonly Finding[]): readonly string[] => findings.map((one) => one.rule);

describe.each(cases)("%s", async (name) => {
  const [before, after] = [ofCase(name, "base.yaml"), ofCase(name, "head.yaml")];

  test("is found, and shown as it was", async () => {
    const { findings, text } = await compared(before, after);
    golden(name, "findings.txt", text);
    expect(rulesIn(findings)).toContain(name);
  });

  test("has its mirror in the other direction", async () => {
    const { findings, text } = await compared(mark(before) + after, before);
    golden(name, "mirror.txt", text);
    const { mirror } = changeCodes[name as keyof typeof changeCodes];
    if (typeof mirror === "string") expect(rulesIn(findings)).toContain(mirror);
    else expect(mirror.none.length).toBeGreaterThan(20);
  });

  test("has a fingerprint for each finding that is the same again, and is not that of the change back", async () => {
    const there = (await compared(before, after)).findings;
    const again = (await compared(before, `# moved down\n\n${after}`)).findings;
    const back = (await compared(mark(before) + after, before)).findings;
    const prints = (findings: readonly Finding[]) => findings.map((one) => one.fingerprint);
    expect(prints(again)).toEqual(prints(there));
    expect(new Set(prints(there)).size).toBe(there.length);
    expect(prints(back).filter((one) => prints(there).includes(one))).toEqual([]);
  });

  test("is SARIF, with fingerprints that outlive moved lines", async () => {
    const there = sarifResults((await compared(before, after)).sarif);
    expect(there.some((one) => one.startsWith(`${name} `))).toBe(true);
    expect(sarifResults((await compared(before, `# moved down\n\n${after}`)).sarif)).toEqual(there);
  });

  test("finds nothing where nothing has changed", async () => {
    const { findings } = await compared(before, before);
    expect(rulesIn(findings)).toEqual([]);
  });

  test("is accepted by fingerprint, and by no other", async () => {
    const { findings } = await compared(before, after);
    const wanted = findings.filter((one) => one.level !== "info");
    if (wanted.length === 0 || name === "acceptance-unused") return;
    const entries = wanted.map((one) => `{ finding: "${one.fingerprint}", reason: it was never deployed }`);
    const accepted = await compared(before, `${after}accept: [${entries.join(", ")}]\n`);
    expect(accepted.findings.filter((one) => one.level !== "info" && one.accepted === undefined)).toEqual([]);
    expect(accepted.findings.length).toBe(findings.length);
  });
});

test("a field that takes no room in Avro may stand anywhere, and any other may not", async () => {
  const model = (parcel: string, encoding: string) => `evgen: 1
system: shop
pulsar: { encoding: ${encoding} }
types:
  Nothing: { fields: {} }
  Less: { fields: { nothing: Nothing, same: Nothing } }
  Parcel: { fields: { ${parcel} } }
  Letter: { fields: {} }
  Thing: { oneOf: [Parcel, Letter] }
aggregates:
  Order:
    key: { orderId: uuid }
    events:
      OrderSent: { versions: { 1: { fields: { thing: Thing } } } }
`;
  const found = async (before: string, after: string, encoding = "avro") =>
    rulesIn((await compared(model(before, encoding), model(after, encoding))).findings);
  const [less, text, bool] = ["less: Less", "text: string", "bool: boolean"];
  expect(await found(`${less}, ${text}, ${bool}`, `${text}, ${less}, ${bool}`)).toEqual(["type-restated"]);
  expect(await found(`${less}, ${text}, ${bool}`, `${bool}, ${less}, ${text}`)).toEqual(["type-rewritten"]);
  expect(await found(`less?: Less, ${text}`, `${text}, less?: Less`)).toEqual(["type-rewritten"]);
  expect(await found(`${text}, ${bool}`, `${bool}, ${text}`, "json")).toEqual(["type-restated"]);
});

/** The way in which a base is compared goes with it when it becomes the head. */
const mark = (before: string): string => (before.startsWith("# against: model\n") ? "# against: model\n" : "");

/** Rules that no two models show, and where they are tested instead. */
const elsewhere: { readonly [rule: string]: string } = {
  "reading-changed": "below: takes a lock that was written by another evgen",
  "envelope-changed": "below: takes a lock that was written by another evgen",
};

describe("a lock of another evgen", async () => {
  const text = ofCase("version-added", "head.yaml");
  const model = await modelOf(text);
  const { snapshot } = releaseOf(model, undefined);
  const against = async (changed: Snapshot) => {
    const { lock } = readLock("evgen.lock", printLock(changed));
    const read = lock && snapshotIn(lock).snapshot;
    if (lock === undefined || read === undefined) throw new Error("the lock cannot be read");
    return checkChanges(baseOfLock("evgen.lock", lock, read), model);
  };

  test("that read a sample otherwise is noticed, though no mapping has changed", async () => {
    const samples = snapshot.samples.map((sample): Sample => {
      const [read] = sample.reads ?? [];
      if (sample.version !== "OrderPlacedV1" || read === undefined) return sample;
      return { ...sample, reads: [{ ...read, data: { total: 0, note: "other" } }] };
    });
    const findings = await against({ ...snapshot, samples });
    expect(rulesIn(findings)).toContain("reading-changed");
    expect(findings[0]?.example?.result).toMatch(/^was read as .*"other".*, is read as .*"none"/);
    expect(findings[0]?.base?.place?.range?.[0]).toBeGreaterThan(0);
  });

  test("that wrote another envelope is noticed", async () => {
    expect(rulesIn(await against({ ...snapshot, envelope: 0 }))).toEqual(["envelope-changed"]);
  });
});

test("every rule has its case, or a reason to have none", () => {
  const rules = Object.keys(changeCodes);
  expect([...cases, ...Object.keys(elsewhere)].sort()).toEqual([...rules].sort());
});

test("every rule names its mirror, which names it back, or says why there is none", () => {
  for (const [code, { mirror }] of Object.entries(changeCodes)) {
    if (typeof mirror !== "string") expect(mirror.none, code).toMatch(/\.$/);
    else expect(changeCodes[mirror as keyof typeof changeCodes]?.mirror, code).toBe(code);
  }
});

test("every rule has its line in the documentation", () => {
  const page = readFileSync(new URL("../../docs/evolution.md", import.meta.url), "utf8");
  expect(Object.keys(changeCodes).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
