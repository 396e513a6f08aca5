import { toMemory } from "../../../src/model/memory-form.js";
import type { Aggregate, Event as ModelEvent } from "../../../src/model/model.js";
import type { JsonValue } from "../../../src/model/type.js";
import type { AggregateDefinition, Decoded, Event, EventHeader } from "../../../src/runtime/index.js";
import { same } from "../../../src/testing/same.js";
import { shown } from "../../../src/testing/walk.js";
import { type CodeBase, type Side, sideOf } from "./code-base.js";

/** What the head's programs make of an event that the base's have written: undefined where it is what it was. */
export type Judge = (event: ModelEvent, version: number, data: JsonValue) => string | undefined;

/** Judges events of one aggregate of the base. */
export const judgeOf = async (base: CodeBase, head: CodeBase, aggregate: Aggregate): Promise<Judge> => {
  const before = await sideOf(base, aggregate);
  if (before === undefined) throw new Error(`the base has no ${aggregate.name}`);
  const after = await sideOf(head, aggregate);
  return (event, version, data) => {
    if (after === undefined) return "its aggregate is gone";
    const { topic } = after.definition;
    const was = before.definition.topic;
    if (topic.url !== was.url || topic.partitions !== was.partitions || topic.encoding !== was.encoding)
      return "its topic is another one";
    const stored = event.versions[version - 1];
    if (stored === undefined) throw new Error(`${event.name} has no version ${version}`);
    const value = toMemory(data, stored.type, base.model.long);
    const header = headerOf(before.definition, event.name, version);
    const payload = encode(before, event.name, header, value);
    const read = after.encoding.decode(payload);
    if (typeof read === "string") return read;
    if (!same(read.data, value)) return `stored as ${shown(value)}, and read as ${shown(read.data)}`;
    const [old, now] = [before.codec.decode(payload), after.codec.decode(payload)];
    if (old.kind !== "events") throw new Error(`the base cannot read what it has written: ${shown(old)}`);
    if (now.kind !== "events") return `${now.kind}: ${"reason" in now ? now.reason : ""}`;
    const problem = now.events.map((one) => after.problemOf(one)).find((one) => one !== undefined);
    if (problem !== undefined) return problem;
    const again = readAgain(before, after, old.events);
    if (typeof again === "string") return again;
    return same(bare(now.events), bare(again))
      ? undefined
      : `read as ${shown(bare(now.events))}, and not as ${shown(bare(again))}`;
  };
};

/**
 * What the head makes of what the base has read, were that stored in turn: the way through the versions that were current
 * then may not lead elsewhere than the direct one.
 */
const readAgain = (before: Side, after: Side, events: readonly Event[]): readonly Event[] | string => {
  const all: Event[] = [];
  for (const event of events) {
    const { data, ...header } = event;
    const version = before.definition.events.find((one) => one.type === event.type)?.versions.length ?? 0;
    const decoded = after.codec.decode(encode(before, event.type, { ...header, version }, data));
    if (decoded.kind !== "events") return `as ${event.type} version ${version} ${reasonOf(decoded)}`;
    all.push(...decoded.events);
  }
  return all;
};

const reasonOf = (decoded: Decoded): string => `${decoded.kind}: ${"reason" in decoded ? decoded.reason : ""}`;

const encode = ({ codec, definition }: Side, type: string, header: EventHeader, data: unknown): Buffer => {
  const event = definition.events.find((one) => one.type === type);
  if (event === undefined) throw new Error(`there is no ${type}`);
  return codec.encode(event, header, data);
};

const bare = (events: readonly Event[]): readonly unknown[] => events.map(({ type, data }) => ({ type, data }));

const headerOf = ({ key }: AggregateDefinition, type: string, version: number): EventHeader => ({
  id: "0190b5a0-0000-7000-8000-000000000001",
  ...{ type, version, sequence: 7, metadata: {}, time: "2026-01-05T10:00:00.000Z" },
  aggregateId: key.schema["format"] === "uuid" ? "6f1d1c52-0f4b-4d8f-9a57-3f2b8c1e9d4a" : "AB",
});
