import type { JsonValue } from "../../model/type.js";
import type { Sample, Snapshot } from "../snapshot.js";
import type { Kind } from "./line.js";
import {
  branchKey,
  byFunction,
  factText,
  firstLine,
  formatVersion,
  formatWord,
  lastLine,
  lineHash,
  sortKeyOf,
  sumKeyOf,
  sumOf,
} from "./line.js";

/** The text of evgen.lock. The same snapshot has the same text, always. */
export const printLock = (snapshot: Snapshot): string => {
  const facts = factsOf(snapshot).map(([kind, key, value]) => {
    const text = factText(kind, key, JSON.stringify(value));
    return { kind, key, sortKey: sortKeyOf({ kind, key }), text, hash: lineHash(text) };
  });
  facts.sort((a, b) => (a.sortKey < b.sortKey ? -1 : 1));
  const sums = new Map<string, string[]>();
  for (const fact of facts) {
    const key = sumKeyOf(fact);
    if (key === undefined) continue;
    const hashes = sums.get(key);
    if (hashes === undefined) sums.set(key, [fact.hash]);
    else hashes.push(fact.hash);
  }
  const summed = [...sums].map(([key, hashes]) => {
    const text = factText("sum", key, JSON.stringify(sumOf(hashes)));
    return { sortKey: sortKeyOf({ kind: "sum", key }), text, hash: lineHash(text) };
  });
  const lines = [...facts, ...summed].sort((a, b) => (a.sortKey < b.sortKey ? -1 : 1));
  return [
    firstLine,
    `${formatWord} ${formatVersion}`,
    ...lines.map(({ text, hash }) => `${text} #${hash}`),
    lastLine,
    "",
  ].join("\n");
};

type FactValue = readonly [kind: Kind, key: string, value: JsonValue];

const factsOf = (snapshot: Snapshot): readonly FactValue[] => {
  const aggregates = new Map(snapshot.versions.map((version) => [version.name, version.aggregate]));
  const { system, envelope, long } = snapshot;
  return [
    ["system", "", { name: system, envelope, long }],
    ...snapshot.aggregates.map(
      ({ name, key, topic }): FactValue => ["aggregate", name, { key: [key.name, key.type], topic }],
    ),
    ...snapshot.topics.flatMap(({ url, partitions, encoding, record, branches }): FactValue[] => [
      ["topic", url, { encoding, partitions, record }],
      ...branches.map((name, position): FactValue => ["branch", branchKey(url, position), name]),
    ]),
    ...snapshot.types.map(({ name, type }): FactValue => ["type", name, type]),
    ...snapshot.versions.flatMap(({ aggregate, event, number, type, upcast }): FactValue[] => {
      const key = `${aggregate} ${event} ${number}`;
      return [["version", key, type], ...(upcast === undefined ? [] : [["upcast", key, upcast] as const])];
    }),
    ...snapshot.retired.map(
      ({ aggregate, event, becomes }): FactValue => [
        "retired",
        `${aggregate} ${event}`,
        becomes.map(({ version, mapping }) => [version, mapping]),
      ],
    ),
    ...snapshot.projections.map(({ name, hash }): FactValue => ["projection", name, hash]),
    ...snapshot.consumers.map(
      ({ name, subscription, events }): FactValue => ["consumer", name, { events, subscription }],
    ),
    ...snapshot.proved.map(({ key, hash }): FactValue => ["proved", key, hash]),
    ...snapshot.samples.map(
      ({ version, kind, data, reads }): FactValue => [
        "sample",
        `${aggregates.get(version) ?? ""} ${version} ${kind}`,
        { data, ...readsOf(version, reads) },
      ],
    ),
  ];
};

/** Nothing is written where an event is read as what it is. */
const readsOf = (version: string, reads: Sample["reads"]): { readonly reads?: JsonValue } => {
  if (reads === undefined) return { reads: byFunction };
  const [only] = reads;
  if (reads.length === 1 && only !== undefined && `${only.type}V${only.version}` === version) return {};
  return { reads: reads.map((one) => [one.type, one.version, one.data]) };
};
