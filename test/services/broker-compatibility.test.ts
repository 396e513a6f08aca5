import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDefinition } from "../../src/evolution/broker/definition.js";
import { holdsItself } from "../../src/evolution/broker/endless.js";
import type { AvroLine } from "../../src/evolution/broker/schema.js";
import { type Answers, collect, kinds, predict, type Trial, trials } from "../evolution/broker/answers.js";
import { arbitraryTrial } from "../evolution/broker/arbitrary-change.js";
import { changes } from "../evolution/broker/changes.js";
import { askBroker } from "./ask-broker.js";
import { useBroker } from "./broker.js";

// RECORD_ANSWERS=1 writes down what the brokers answer to test/evolution/broker/changes.ts, for the tests without one.
// RANDOM_CHANGES=5000 RANDOM_SEED=7 tries more changes, and others.
const runs = Number(process.env["RANDOM_CHANGES"] ?? 400);
const seed = Number(process.env["RANDOM_SEED"] ?? 1);

const releases: readonly (readonly [release: string, avro: AvroLine, version: string | undefined])[] = [
  ["4.0", "1.11", undefined],
  ["4.2", "1.12", "4.2.4"],
];

describe.each(releases)("a broker of Pulsar %s", (release, avro, version) => {
  const broker = useBroker({ version });

  it("answers to every change as it is recorded and as it is predicted", async () => {
    const file = fileURLToPath(new URL(`../evolution/broker/answers-${release}.json`, import.meta.url));
    const tried = trials(changes);
    const answers = collect(changes, await askBroker(broker, tenant("changes"), tried));
    if (process.env["RECORD_ANSWERS"] !== undefined) writeFileSync(file, lines(answers));
    expect(answers).toEqual(JSON.parse(readFileSync(file, "utf8")));
    const predictions = tried.map((trial) => predict(trial, avro));
    expect(answers).toEqual(collect(changes, predictions));
  });

  it("answers to random changes as predicted", async () => {
    const tried = fc.sample(arbitraryTrial().filter(hasEnds), { numRuns: runs, seed });
    const answers = await askBroker(broker, tenant("random"), tried);
    const wrong = tried
      .map((trial, at) => ({ trial, answered: answers[at], predicted: predict(trial, avro) }))
      .filter(({ answered, predicted }) => JSON.stringify(answered) !== JSON.stringify(predicted));
    expect(wrong.slice(0, 3)).toEqual([]);
    const accepted = answers.filter(({ asked }) => asked === "+").length;
    expect(accepted, "of random changes, some are accepted and some are not").toBeGreaterThan(runs / 10);
    expect(accepted).toBeLessThan((runs * 9) / 10);
  });
});

/** Whether values of its schemas can be; over others a broker fails, now and then before it finds them incompatible. */
const hasEnds = ({ held, next }: Trial): boolean =>
  [...held, next].every((text) => {
    const parsed = parseDefinition(text, { avro: "1.12", defaults: false });
    return "refused" in parsed || holdsItself(parsed.schema) === undefined;
  });

/** One that a broker which is there already does not have yet. */
const tenant = (name: string): string => `${name}-${Date.now().toString(36)}`;

/** JSON with a line for each change and type, so that a difference is one line. */
const lines = (answers: Answers): string => {
  const rows = Object.entries(answers).map(([name, byKind]) => {
    const answered = kinds.map((kind) => {
      const { held, asked, registered } = byKind[kind];
      return `    "${kind}": { "held": "${held}", "asked": "${asked}", "registered": "${registered}" }`;
    });
    return `  ${JSON.stringify(name)}: {\n${answered.join(",\n")}\n  }`;
  });
  return `{\n${rows.join(",\n")}\n}\n`;
};
