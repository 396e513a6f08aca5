import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import { defer } from "../../model/defer.js";
import type { JsonValue } from "../../model/type.js";
import type { Reading, Sample, Snapshot } from "../snapshot.js";
import type { Fact } from "./line.js";
import { byFunction } from "./line.js";
import type { Lock } from "./read-lock.js";

/** What a lock says. A line that has its hash and still not the form of its kind was made by hand, and is named. */
export const snapshotIn = (
  lock: Lock,
): { readonly snapshot?: Snapshot; readonly diagnostics: readonly Diagnostic[] } => {
  const draft: Draft = {
    ...{ system: "", envelope: 0, long: "number" as const, topics: [], aggregates: [], versions: new Map() },
    ...{ types: [], retired: [], projections: [], consumers: [], samples: [], proved: [] },
  };
  const diagnostics: Diagnostic[] = [];
  for (const fact of lock.facts) {
    try {
      add(draft, fact, lock);
    } catch (error) {
      if (!(error instanceof Malformed) && !(error instanceof SyntaxError)) throw error;
      const problem = `its value is not that of a line of the kind ${fact.kind}`;
      const place = { file: lock.file, path: [], range: fact.range };
      diagnostics.push(diagnostic("lock-unknown", { problem }, place, { help: "git checkout HEAD -- evgen.lock" }));
    }
  }
  diagnostics.push(...missingTypes(lock));
  if (diagnostics.length > 0) return { diagnostics };
  const snapshot = { ...draft, versions: [...draft.versions.values()].sort(byName) };
  // They are most of a lock, and mostly a few of them are wanted: `samplesIn`.
  defer(snapshot, "samples", () => lock.facts.filter(({ kind }) => kind === "sample").map(sampleIn));
  return { snapshot, diagnostics };
};

/** The samples of a version that a lock has, read anew each time. The lock's lines have been found to be right. */
export const samplesIn = (lock: Lock): ((version: string) => readonly Sample[]) => {
  const byVersion = new Map<string, Fact[]>();
  for (const fact of lock.facts) {
    if (fact.kind !== "sample") continue;
    const [, version = ""] = fact.key.split(" ");
    const its = byVersion.get(version);
    if (its === undefined) byVersion.set(version, [fact]);
    else its.push(fact);
  }
  return (version) => (byVersion.get(version) ?? []).map(sampleIn);
};

/** The hashes of the steps that a lock has noted as proved, by their keys; none of no lock. */
export const provedIn = (lock: Lock | undefined): ReadonlyMap<string, string> =>
  new Map(lock?.facts.flatMap(({ kind, key, json }) => (kind === "proved" ? [[key, json.slice(1, -1)] as const] : [])));

/** Types that versions or other types name, and that have no line. */
const missingTypes = (lock: Lock): readonly Diagnostic[] => {
  const known = new Set(lock.facts.flatMap((fact) => (fact.kind === "type" ? [fact.key] : [])));
  const missing = new Map<string, Fact>();
  for (const fact of lock.facts) {
    if (fact.kind !== "version" && fact.kind !== "type") continue;
    // Quotes inside of texts are escaped, so these are keys.
    for (const [, one, several] of fact.json.matchAll(/"ref":"([^"]+)"|"oneOf":\[([^\]]*)\]/g)) {
      for (const name of one === undefined ? (several ?? "").split(",").map((text) => text.slice(1, -1)) : [one])
        if (name !== "" && !known.has(name) && !missing.has(name)) missing.set(name, fact);
    }
  }
  return [...missing].map(([name, fact]) =>
    diagnostic(
      "lock-missing",
      { what: `that of the type ${name}` },
      { file: lock.file, path: [], range: fact.range },
      { help: "git checkout HEAD -- evgen.lock" },
    ),
  );
};

class Malformed extends Error {}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K] };

interface Draft extends Omit<Mutable<Snapshot>, "versions"> {
  readonly versions: Map<string, Mutable<Snapshot["versions"][number]>>;
}

const add = (draft: Draft, fact: Fact, lock: Lock): void => {
  const value = JSON.parse(fact.json) as JsonValue;
  const [first = "", second = "", third = ""] = fact.key.split(" ");
  switch (fact.kind) {
    case "sum":
    case "branch":
      // Have been looked at when the lines were read.
      return;
    case "system": {
      const { name, envelope, long } = map(value);
      draft.system = text(name);
      draft.envelope = number(envelope);
      draft.long = oneOf(long, ["number", "bigint"]);
      return;
    }
    case "aggregate": {
      const { key, topic } = map(value);
      const [name, type = null] = list(key);
      draft.aggregates.push({ name: first, key: { name: text(name), type }, topic: text(topic) });
      return;
    }
    case "topic": {
      const { encoding, partitions, record } = map(value);
      const branches = lock.branches.get(first) ?? [];
      const its = { partitions: number(partitions), encoding: oneOf(encoding, ["avro", "json"]), record: text(record) };
      draft.topics.push({ url: first, ...its, branches });
      return;
    }
    case "type":
      draft.types.push({ name: first, type: value });
      return;
    case "version": {
      const name = `${second}V${third}`;
      list(map(value)["fields"]);
      // Lines with upcasts come first.
      const known = draft.versions.get(name);
      const its = { aggregate: first, event: second, number: Number(third), name, type: value };
      draft.versions.set(name, { ...its, ...(known?.upcast === undefined ? {} : { upcast: known.upcast }) });
      return;
    }
    case "upcast": {
      const name = `${second}V${third}`;
      const its = { aggregate: first, event: second, number: Number(third), name, type: null };
      draft.versions.set(name, { ...its, upcast: value });
      return;
    }
    case "retired": {
      const becomes = list(value).map((one) => {
        const [version, mapping = null] = list(one);
        return { version: text(version), mapping };
      });
      draft.retired.push({ aggregate: first, event: second, becomes });
      return;
    }
    case "projection":
      draft.projections.push({ name: first, hash: text(value) });
      return;
    case "consumer": {
      const { events, subscription } = map(value);
      draft.consumers.push({ name: first, subscription: text(subscription), events: list(events).map(text) });
      return;
    }
    case "proved":
      draft.proved.push({ key: fact.key, hash: text(value) });
      return;
    case "sample":
      // Only looked at: what it says is read where it is wanted.
      sampleOf(second, third, map(value));
  }
};

const sampleIn = ({ key, json }: Fact): Sample => {
  const [, version = "", kind = ""] = key.split(" ");
  return sampleOf(version, kind, map(JSON.parse(json)));
};

const sampleOf = (version: string, kind: string, { data, reads }: JsonObject): Sample => {
  if (data === undefined) throw new Malformed();
  const sample = { version, kind: oneOf(kind, ["least", "most", "typical"]), data };
  if (reads === byFunction) return sample;
  if (reads === undefined) {
    const [, type = "", number = ""] = /^(.*)V(\d+)$/.exec(version) ?? [];
    return { ...sample, reads: [{ type, version: Number(number), data }] };
  }
  return { ...sample, reads: list(reads).map(readingOf) };
};

const readingOf = (value: JsonValue): Reading => {
  const [type, version, data = null] = list(value);
  return { type: text(type), version: number(version), data };
};

type JsonObject = { readonly [key: string]: JsonValue | undefined };

const map = (value: JsonValue | undefined): JsonObject => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed();
  return value as JsonObject;
};

const list = (value: JsonValue | undefined): readonly JsonValue[] => {
  if (!Array.isArray(value)) throw new Malformed();
  return value as readonly JsonValue[];
};

const text = (value: JsonValue | undefined): string => {
  if (typeof value !== "string") throw new Malformed();
  return value;
};

const number = (value: JsonValue | undefined): number => {
  if (typeof value !== "number") throw new Malformed();
  return value;
};

const oneOf = <const T extends string>(value: JsonValue | undefined, values: readonly T[]): T => {
  const found = values.find((one) => one === value);
  if (found === undefined) throw new Malformed();
  return found;
};

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);
