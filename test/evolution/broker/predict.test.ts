import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDefinition } from "../../../src/evolution/broker/definition.js";
import { predictCompatibility, predictRegistration, type Question } from "../../../src/evolution/broker/predict.js";
import { type Answers, collect, predict, strategies, trials } from "./answers.js";
import { arbitraryTrial } from "./arbitrary-change.js";
import { changes, definitionOf } from "./changes.js";

const answers = (release: string): Answers =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`answers-${release}.json`, import.meta.url)), "utf8")) as Answers;

// What the brokers answered is recorded by test/services/broker-compatibility.test.ts, which also asks them again.
describe.each([
  ["4.0", "1.11"],
  ["4.2", "1.12"],
] as const)("Pulsar %s", (release, avro) => {
  const recorded = answers(release);

  it("has answered to every change", () => {
    expect(Object.keys(recorded)).toEqual(changes.map(({ name }) => name));
    expect(new Set(Object.keys(recorded)).size).toBe(changes.length);
  });

  it("answers as predicted", () => {
    expect(
      collect(
        changes,
        trials(changes).map((trial) => predict(trial, avro)),
      ),
    ).toEqual(recorded);
  });

  it.each(strategies.filter((strategy) => strategy !== "ALWAYS_COMPATIBLE"))(
    "has refused and accepted under %s",
    (strategy) => {
      const at = strategies.indexOf(strategy);
      const signs = new Set(Object.values(recorded).map(({ AVRO }) => AVRO.asked[at]));
      expect([...signs].sort()).toEqual(["+", "-"]);
    },
  );
});

describe("a prediction", () => {
  const question = (name: string, more: Partial<Question> = {}): Question => {
    const change = changes.find((one) => one.name === name);
    if (change === undefined) throw new Error(name);
    const held = change.held.map((one, version) => ({ version, type: "AVRO", definition: definitionOf(one) }));
    return { type: "AVRO", definition: definitionOf(change.next), held, strategy: "BACKWARD", avro: "1.11", ...more };
  };
  const reason = (name: string, more: Partial<Question> = {}): string => {
    const answer = predictCompatibility(question(name, more));
    return answer.accepts ? "accepted" : answer.reason;
  };

  it("says why, where, and of which version", () => {
    expect(reason("a field without a default is added")).toBe(
      'the new schema cannot read what version 0 wrote: the writer has no field "x", for which the reader has no default',
    );
    expect(reason("the records of an array get a field")).toBe(
      'the new schema cannot read what version 0 wrote: at x[], the writer has no field "currency", for which the reader has no default',
    );
    expect(reason("a branch is removed")).toBe(
      "the new schema cannot read what version 0 wrote: at x(string), the reader has no branch for string",
    );
    expect(reason("long becomes int", { strategy: "FULL" })).toBe(
      "the new schema cannot read what version 0 wrote: at x, the writer has long, the reader int",
    );
    expect(reason("a branch is added", { strategy: "FORWARD_TRANSITIVE" })).toBe(
      "version 0 cannot read what the new schema writes: at x(string), the reader has no branch for string",
    );
    expect(reason("a union at the top")).toBe("the schema is a union, which a topic of type AVRO cannot have");
    expect(reason("a name with a hyphen")).toBe('the schema is invalid: "my-event" is no name');
    expect(reason("the same again", { type: "JSON" })).toBe("version 0 is of type AVRO, not JSON");
    expect(reason("only descriptions change", { strategy: "ALWAYS_INCOMPATIBLE" })).toBe(
      "the strategy is ALWAYS_INCOMPATIBLE, which refuses every other schema",
    );
  });

  it("gives the number of the version that a schema is", () => {
    expect(predictRegistration(question("back to a version before the latest"))).toEqual({
      accepts: true,
      status: 200,
      same: 0,
    });
  });

  it("takes UNDEFINED for the broker's own strategy", () => {
    const undefinedStrategy = question("a branch is added", { strategy: "UNDEFINED" });
    expect(predictCompatibility(undefinedStrategy).accepts).toBe(false);
    expect(predictCompatibility({ ...undefinedStrategy, otherwise: "BACKWARD_TRANSITIVE" }).accepts).toBe(true);
  });

  it("is made of any text, and of any change", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      arbitraryTrial().map(({ next }) => next),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom("1.11" as const, "1.12" as const), fc.boolean(), (text, avro, defaults) => {
        const parsed = parseDefinition(text, { avro, defaults });
        expect("schema" in parsed || parsed.refused.message.length > 0).toBe(true);
      }),
    );
    fc.assert(
      fc.property(arbitraryTrial(), (trial) => {
        expect(["+", "-"]).toContain(predict(trial, "1.11").asked);
      }),
    );
  });
});
