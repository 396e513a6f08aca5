import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseDefinition } from "../../../src/evolution/broker/definition.js";
import { stricter } from "../../../src/evolution/broker/stricter.js";
import { type Answers, kinds, strategies } from "./answers.js";
import { changes, definitionOf } from "./changes.js";

const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
const page = read("../../../docs/broker-compatibility.md");
const [old, fresh] = ["4.0", "4.2"].map((release) => JSON.parse(read(`answers-${release}.json`)) as Answers);

/** The changes that the rows of a table name, the first table below a heading. */
const rowsBelow = (heading: string): readonly string[] => {
  const section = page.slice(page.indexOf(`## ${heading}`)).split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| change"));
  return rows.flatMap((row) => (row.split("|")[1] ?? "").split(";").map((name) => name.trim()));
};

/** What the changes of the table are about, by what is in the definitions, and a word of the name. */
const about: readonly (readonly [what: string, definition: RegExp, name: RegExp])[] = [
  ["fields", /"fields"/, /field/],
  ["defaults", /"default"/, /default/],
  ["unions", /\["null"|"type":\[/, /union|nullable|branch/],
  ["enums", /"enum"/, /enum|symbol/],
  ["promotions", /"(?:int|long|float|double|string|bytes)"/, / becomes | promoted|narrowed|is read by/],
  ["renames", /"name"/, /renamed|alias/],
  ["namespaces", /"namespace"|"name":"\w+\./, /namespace/],
  ["logical types", /"logicalType"/, /timestamp|decimal|date|uuid|logical/],
  ["nested", /"items"|"values"|"type":\{"type":"record"|"Node"/, /inner|items|values|array|recursive|envelope/],
];

describe("the table of changes", () => {
  it("has at least sixty, all of them answered by both releases under every strategy, as AVRO and as JSON", () => {
    const names = changes.map(({ name }) => name);
    expect(new Set(names).size).toBeGreaterThanOrEqual(60);
    expect(strategies).toHaveLength(9);
    for (const answers of [old, fresh]) {
      expect(Object.keys(answers ?? {})).toEqual(names);
      for (const byKind of Object.values(answers ?? {}))
        for (const kind of ["AVRO", "JSON"] as const)
          expect([...byKind[kind].asked, ...byKind[kind].registered]).toHaveLength(2 * strategies.length);
    }
  });

  it.each(about)("has at least six about %s", (_, definition, name) => {
    const found = changes.filter(
      (one) => name.test(one.name) && [...one.held, one.next].some((text) => definition.test(definitionOf(text))),
    );
    expect(found.length).toBeGreaterThanOrEqual(6);
  });
});

describe("docs/broker-compatibility.md", () => {
  it("names all changes to which the releases answer otherwise", () => {
    const differs = changes.filter(({ name }) =>
      kinds.some((kind) => old?.[name]?.[kind].asked !== fresh?.[name]?.[kind].asked),
    );
    expect(differs.length).toBeGreaterThan(10);
    const named = rowsBelow("Where Pulsar 4.0 and 4.2 differ");
    expect(differs.map(({ name }) => name).filter((name) => !named.includes(name))).toEqual([]);
    expect(named.filter((name) => !differs.some((one) => one.name === name))).toEqual([]);
  });

  it("names as let through what both brokers accept, and evgen calls breaking", () => {
    const named = rowsBelow("What evgen holds against a schema");
    expect(named.length).toBeGreaterThan(12);
    const at = strategies.indexOf("BACKWARD_TRANSITIVE");
    for (const name of named) {
      const signs = [old, fresh].flatMap((answers) => kinds.map((kind) => answers?.[name]?.[kind].asked[at]));
      expect(signs, name).toEqual(["+", "+", "+", "+"]);
      const change = changes.find((one) => one.name === name);
      const [writer, reader] = [change?.held[0], change?.next].map((value) =>
        parseDefinition(definitionOf(value), { avro: "1.11", defaults: false }),
      );
      if (writer === undefined || reader === undefined || "refused" in writer || "refused" in reader)
        throw new Error(name);
      const misreadings = stricter(reader.schema, writer.schema, "avro", "1.11");
      expect(
        misreadings.some(({ breaking }) => breaking),
        name,
      ).toBe(true);
    }
  });
});
