import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { compile } from "../../src/compile.js";
import { baseOfLock } from "../../src/evolution/check/base.js";
import { checkChanges } from "../../src/evolution/check/check.js";
import type { Finding } from "../../src/evolution/finding.js";
import { readLock } from "../../src/evolution/lock/read-lock.js";
import { snapshotIn } from "../../src/evolution/lock/snapshot-in.js";
import { printLock } from "../../src/evolution/lock/write-lock.js";
import { releaseOf } from "../../src/evolution/release.js";
import type { EventVersion, Model } from "../../src/model/model.js";
import { arbitraryOf } from "../../src/testing/arbitrary-value.js";
import { arbitraryModel, type ModelSource } from "../arbitrary-model.js";
import { memorySources } from "../memory-sources.js";
import { seed } from "../seed.js";
import { codeBaseOf } from "./corpus/code-base.js";
import { type Judge, judgeOf } from "./corpus/damage.js";
import { arbitraryEdits, type Edit, edited } from "./corpus/edits.js";

/*
 * Random models that are released and edited. What `evgen check` says of the edit is held against what really comes of
 * stored events: written by the code that the model before makes, and read by that of the model after. EVGEN_CORPUS says
 * how many, EVGEN_SEED which; a failing test shows both models.
 */
const runs = Number(process.env["EVGEN_CORPUS"] ?? 40);

/** What breaks without any stored event having to be another one, and why. */
const withoutPayload: { readonly [rule: string]: string } = {
  "version-loosened": "what is stored stays valid; programs that are deployed refuse what is new",
  "type-loosened": "what is stored stays valid; programs that are deployed refuse what is new",
  "long-widened": "what is stored stays valid; programs that are deployed refuse what is new",
  "long-narrowed": "it depends on whether a stored number is beyond the range",
  "event-removed": "whatever is stored of it",
  "event-renamed": "whatever is stored of it",
  "event-moved": "whatever is stored of it",
  "version-removed": "whatever is stored of it",
  "aggregate-removed": "whatever is stored of it",
  "aggregate-renamed": "whatever is stored of it",
  "namespace-changed": "whatever is stored is elsewhere",
  "topic-moved": "whatever is stored is elsewhere",
  "partitions-changed": "it is about order, not about one event",
  "encoding-changed": "whatever is stored",
  "envelope-renamed": "it is about readers in other languages, and the broker",
  "wire-order-changed": "whatever is stored behind the position",
  "key-renamed": "it is about programs and rows",
  "key-type-changed": "it is about programs and rows",
  "consumer-removed": "it is about what is not delivered any more",
  "subscription-renamed": "it is about what is not delivered any more",
  "consumer-event-removed": "it is about what is not delivered any more",
  "retirement-removed": "it is about what the event was read as",
};

/** Whether the finding itself says why no event shows it. */
const saysWhy = ({ message }: Finding): boolean =>
  // A mapping is released, not what it does to some events: others may show it.
  message.includes("though its samples are read as before") ||
  // What Avro libraries of other languages go by, and the broker, and the runtime does not.
  message.includes("its name in Avro");

interface Change {
  readonly base: Model;
  readonly head: Model;
  readonly findings: readonly Finding[];
  readonly about: string;
}

const seen = new Map<string, number>();
const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

interface Wrong {
  /** The same for all that is the same mistake. */
  readonly what: string;
  readonly because: string;
}

const messageOf = ({ message, example }: Finding): string => `${message} ${JSON.stringify(example)}`;

/** Tries random changes, and gives each thing that is wrong once, with the shortest of the changes that show it. */
const wrongOf = async (
  edits: ReturnType<typeof arbitraryEdits>,
  judge: (change: Change) => Promise<readonly Wrong[]>,
): Promise<readonly string[]> => {
  const wrong = new Map<string, string>();
  for (const [source, changes] of fc.sample(fc.tuple(arbitraryModel(), edits), { numRuns: runs, seed })) {
    const change = await changeOf(source, changes);
    for (const { what, because } of change === undefined ? [] : await judge(change)) {
      const about = `${because}\n${change?.about}`;
      if (about.length < (wrong.get(what) ?? `${about} `).length) wrong.set(what, about);
      count(`WRONG ${what}`);
    }
  }
  return [...wrong].map(([what, about]) => `${what}\n${about}`);
};

describe("what check says of a change", () => {
  it("is what comes of stored events", { timeout: 3_600_000 }, async () => {
    expect(await wrongOf(arbitraryEdits(false), compareWithEvents)).toEqual([]);
  });

  it("is nothing bad where nothing can happen", { timeout: 3_600_000 }, async () => {
    const alarms = async ({ findings }: Change) =>
      findings
        .filter(({ verdict }) => verdict !== "safe")
        .map((one) => ({ what: `${one.rule} is a false alarm`, because: messageOf(one) }));
    expect(await wrongOf(arbitraryEdits(true), alarms)).toEqual([]);
  });

  afterAll(() => {
    if (process.env["EVGEN_CORPUS"] === undefined) return;
    console.info(
      [...seen]
        .sort()
        .map(([what, times]) => `${times}\t${what}`)
        .join("\n"),
    );
  });
});

/** The model is released, and edited; nothing where the edit leads to a model that is none. */
const changeOf = async (
  source: ModelSource,
  edits: readonly (readonly [Edit, readonly number[]])[],
): Promise<Change | undefined> => {
  let head: ModelSource | undefined = source;
  for (const [edit, choices] of edits) head = head && edited(head, edit, choices);
  if (head === undefined) return undefined;
  const names = edits.map(([edit]) => edit.name);
  const base = await modelOf(JSON.stringify(source), {});
  if (base === undefined) throw new Error("the model before is none");
  const text = printLock(releaseOf(base, undefined).snapshot);
  // Block style with comments, in place of JSON: how it is written is no change either.
  const model = await modelOf(`# edited\n${stringify(head)}`, { "evgen.lock": text });
  for (const name of names) count(`${model === undefined ? "not valid" : "valid"}: ${name}`);
  if (model === undefined) return undefined;
  const { lock } = readLock("evgen.lock", text);
  const snapshot = lock && snapshotIn(lock).snapshot;
  if (lock === undefined || snapshot === undefined) throw new Error("the lock cannot be read");
  const findings = await checkChanges(baseOfLock("evgen.lock", lock, snapshot), model);
  for (const { verdict, rule } of findings) count(`${verdict}: ${rule}`);
  const about = `${names.join(", ")}\n${JSON.stringify(source)}\n${JSON.stringify(head)}`;
  return { base, head: model, findings, about };
};

const modelOf = async (text: string, more: { readonly [path: string]: string }): Promise<Model | undefined> =>
  (await compile("model.yaml", memorySources({ "model.yaml": text, ...more }), { mayMiss: true })).model;

/** What check says that no event bears out, and what events show that check does not say. */
const compareWithEvents = async ({ base, head, findings }: Change): Promise<readonly Wrong[]> => {
  const [before, after] = [await codeBaseOf(base), await codeBaseOf(head)];
  const versions = base.aggregates.flatMap((one) => one.events).flatMap((event) => event.versions);
  const judges = new Map<string, Judge>();
  for (const aggregate of base.aggregates) judges.set(aggregate.name, await judgeOf(before, after, aggregate));
  const damageTo = (version: EventVersion, data: Parameters<Judge>[2]): string | undefined =>
    judges.get(version.event.aggregate.name)?.(version.event, version.number, data);

  const wrong: Wrong[] = [];
  const breaking = findings.filter(({ verdict }) => verdict === "breaking");
  for (const finding of breaking) {
    const { rule, example } = finding;
    const report = (what: string): void => void wrong.push({ what: `${rule} ${what}`, because: messageOf(finding) });
    const version = versions.find(({ name }) => name === example?.version);
    if (example === undefined) {
      if (!Object.hasOwn(withoutPayload, rule) && !saysWhy(finding)) report("comes without an event that shows it");
    } else if (version === undefined) report("is shown by an event of no version");
    else if (damageTo(version, JSON.parse(example.data)) === undefined)
      report("is shown by an event that is read as ever");
    else count(`shown: ${rule}`);
  }
  if (breaking.length > 0) return wrong;
  for (const version of versions) {
    for (const data of fc.sample(arbitraryOf(version.type, base.long), { numRuns: 6, seed })) {
      const damage = damageTo(version, data);
      if (damage === undefined) count("events read as ever");
      else
        wrong.push({
          what: "nothing is said of an event that is damaged",
          because: `${version.name} ${JSON.stringify(data)}: ${damage}`,
        });
    }
  }
  return wrong;
};
