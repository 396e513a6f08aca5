import { fromMemory, toMemory } from "../../model/memory-form.js";
import type { JsonValue, RecordType } from "../../model/type.js";
import { problemOf } from "../../model/values.js";
import { encodingOf } from "../../runtime/codec.js";
import type { EventHeader } from "../../runtime/definitions.js";
import type { Encoding } from "../../runtime/encoding.js";
import { envelopeOf } from "../../runtime/shape.js";
import { envelopeOfRecords } from "../../targets/avro.js";
import { findSmallest } from "../../testing/find-smallest.js";
import { same } from "../../testing/same.js";
import type { Finding } from "../finding.js";
import { refusal } from "./damage.js";
import type { Session, StoredType } from "./session.js";

/**
 * Looks for stored events that show what has been found, by writing events as they were written and reading them as they
 * would be read: samples first, then random ones, of which the smallest is shown. The same ones each time.
 */
export const showDamage = async (session: Session): Promise<void> => {
  const examples = new Map<string, Promise<Finding["example"]>>();
  for (const { finding, stored } of session.toBeShown.slice(0, mostFindings)) {
    for (const one of stored.slice(0, mostVersions)) {
      const known = examples.get(one.version) ?? exampleOf(one, session);
      examples.set(one.version, known);
      const example = await known;
      const found = session.findings[finding];
      if (example === undefined || found === undefined) continue;
      session.findings[finding] = { ...found, example };
      break;
    }
  }
};

/** Whoever breaks more than this at once knows from the first what it is about. */
const mostFindings = 50;
const mostVersions = 5;
const tries = 300;

const exampleOf = async ({ version, before, after }: StoredType, session: Session): Promise<Finding["example"]> => {
  const damageTo = await judgeOf(before, after, session);
  const shown = (data: JsonValue): Finding["example"] => {
    const result = damageTo(data);
    return result === undefined ? undefined : { version, data: JSON.stringify(data), result };
  };
  for (const { data } of session.base.samplesOf(version)) {
    const example = shown(data);
    if (example !== undefined) return example;
  }
  const smallest = findSmallest(before, session.base.snapshot.long, (data) => damageTo(data) !== undefined, tries);
  return smallest === undefined ? undefined : shown(smallest);
};

/** What comes of an event's data: undefined where it is what it was. */
const judgeOf = async (
  before: RecordType,
  after: RecordType,
  { base, model }: Session,
): Promise<(data: JsonValue) => string | undefined> => {
  const long = { before: base.snapshot.long, after: model.long };
  const encoding = base.snapshot.topics[0]?.encoding ?? model.pulsar.encoding;
  const [writer, reader] = [await codecOf(before, encoding, long.before), await codecOf(after, encoding, long.after)];
  return (data) => {
    const refused = encoding === "json" ? refusal(data, before, after, long) : undefined;
    if (refused !== undefined) return `refused: ${refused}`;
    const value = toMemory(data, before, long.before);
    const stored = reader.decode(writer.encode(header, value, 0));
    if (typeof stored === "string") return `refused: ${stored}`;
    if (same(stored.data, value)) return undefined;
    const read = fromMemory(stored.data, after, long.after);
    const problem = problemOf(read, after, long.after);
    return problem === undefined
      ? `read as ${JSON.stringify(read)}`
      : `refused: ${[...problem.path, problem.problem].join(": ")}`;
  };
};

/** Writes and reads one record as it is on a topic. */
const codecOf = (record: RecordType, encoding: "avro" | "json", long: "number" | "bigint"): Promise<Encoding> => {
  const branch: RecordType = { ...record, name: branchName as RecordType["name"] };
  const envelope = envelopeOfRecords("Envelope", "evgen", [branch]);
  const topic = { url: "", partitions: 0, encoding, source: "", envelope, ...(long === "bigint" ? { long } : {}) };
  return encodingOf(topic, envelopeOf(topic));
};

/** Of the branch, which need not have the name of a version. */
const branchName = "EventV1";

const header: EventHeader = {
  id: "0190b5a0-0000-7000-8000-000000000001",
  ...{ type: "Event", version: 1, aggregateId: "a", metadata: {}, time: "2026-01-05T10:00:00.000Z" },
};
