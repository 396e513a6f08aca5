import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Topic } from "../../model/model.js";
import type { TopicSnapshot } from "../snapshot.js";
import { topOf } from "./aggregates.js";
import type { Session } from "./session.js";
import { report } from "./session.js";

/** The system, the topics and what is written to them. */
export const checkTopics = (session: Session): void => {
  const { base, head, model } = session;
  const before = base.snapshot;
  const settings = model.pulsar.place ?? topOf(session);
  if (before.system !== head.system) {
    const found = {
      place: { ...topOf(session), path: ["system"] },
      subject: ["system"],
      base: ["system", ""] as const,
    };
    report(
      session,
      "system-renamed",
      { from: before.system, to: head.system },
      {
        ...{ ...found, change: [before.system, head.system] },
      },
    );
  }
  checkLong(session);
  if (before.envelope !== head.envelope) {
    report(
      session,
      "envelope-changed",
      { from: before.envelope, to: head.envelope },
      {
        ...{
          place: topOf(session),
          subject: ["envelope"],
          base: ["system", ""],
          change: [before.envelope, head.envelope],
        },
      },
    );
  }
  const moved = checkNamespace(session);
  const [was] = before.topics;
  const [is] = head.topics;
  if (was !== undefined && is !== undefined && was.encoding !== is.encoding) {
    report(
      session,
      "encoding-changed",
      { from: was.encoding, to: is.encoding },
      {
        ...{ place: under(settings, "encoding"), subject: ["encoding"], base: ["topic", was.url] },
        ...{ change: [was.encoding, is.encoding], help: `Write encoding: ${was.encoding}` },
      },
    );
  }
  const topics = new Map(head.topics.map((one) => [moved ? lastPart(one.url) : one.url, one]));
  for (const topic of before.topics) {
    const now = topics.get(moved ? lastPart(topic.url) : topic.url);
    const of = now && model.topics.find((one) => one.url === now.url);
    if (now !== undefined && of !== undefined) checkTopic(session, topic, now, of, moved);
  }
  checkMoves(session, moved);
};

const checkLong = (session: Session): void => {
  const before = session.base.snapshot;
  if (before.long === session.model.long) return;
  const types = JSON.stringify([before.versions.map((one) => one.type), before.types]);
  // Without a long it makes no difference.
  if (!types.includes('"long"')) return;
  report(
    session,
    session.model.long === "number" ? "long-narrowed" : "long-widened",
    {},
    {
      place: { ...topOf(session), path: ["options", "long"] },
      ...{ subject: ["long"], base: ["system", ""], change: [before.long, session.model.long] },
      help: `Write options: { long: ${before.long} }`,
    },
  );
};

const lastPart = (url: string): string => url.slice(url.lastIndexOf("/") + 1);
const namespaceOf = (url: string): string => url.slice("persistent://".length, url.lastIndexOf("/"));

/** Whether all topics moved to another tenant or namespace, which is said once. */
const checkNamespace = (session: Session): boolean => {
  const before = new Set(session.base.snapshot.topics.map((one) => namespaceOf(one.url)));
  const after = new Set(session.head.topics.map((one) => namespaceOf(one.url)));
  const [from] = before;
  const [to] = after;
  if (before.size !== 1 || after.size !== 1 || from === undefined || to === undefined || from === to) return false;
  const [topic] = session.base.snapshot.topics;
  report(
    session,
    "namespace-changed",
    { from, to },
    {
      place:
        session.model.pulsar.place === undefined ? { ...topOf(session), path: ["system"] } : session.model.pulsar.place,
      ...{ subject: ["namespace"], base: ["topic", topic?.url ?? ""], change: [from, to] },
      affected: {
        projections: session.model.projections.map((one) => one.name),
        consumers: session.model.consumers.map((one) => one.name),
      },
      help: `Under pulsar: write tenant: ${from.split("/")[0]} and namespace: ${from.split("/")[1]}`,
    },
  );
  return true;
};

const checkTopic = (
  session: Session,
  before: TopicSnapshot,
  now: TopicSnapshot,
  topic: Topic,
  moved: boolean,
): void => {
  const name = lastPart(before.url);
  const base = ["topic", before.url] as const;
  const place = topic.place;
  if (before.partitions !== now.partitions) {
    report(
      session,
      "partitions-changed",
      { topic: name, from: before.partitions, to: now.partitions },
      {
        ...{ place, subject: ["topic", name, "partitions"], base, change: [before.partitions, now.partitions] },
        affected: affectedBy(session, topic),
        help: `Write partitions: ${before.partitions}`,
      },
    );
  }
  const shown = (record: string): string => (moved ? lastName(record) : record);
  if (shown(before.record) !== shown(now.record)) {
    report(
      session,
      "envelope-renamed",
      { topic: name, from: before.record, to: now.record },
      {
        ...{ place, subject: ["topic", name, "envelope"], base, change: [shown(before.record), shown(now.record)] },
        help: "Run evgen release where this change is not made yet: the lock keeps the name.",
      },
    );
  }
  checkOrder(session, before, now, topic);
};

const lastName = (record: string): string => record.slice(record.lastIndexOf(".") + 1);

/** The first version that has another position is said, since all behind it have moved, too. */
const checkOrder = (session: Session, before: TopicSnapshot, now: TopicSnapshot, topic: Topic): void => {
  const name = lastPart(before.url);
  const positions = new Map(now.branches.map((version, index) => [version, index]));
  for (const [from, version] of before.branches.entries()) {
    const to = positions.get(version);
    // What is gone is reported as such.
    if (to === undefined || to === from) continue;
    const branch = topic.branches[to];
    const isGone = before.branches.slice(0, from).some((one) => !positions.has(one));
    if (isGone) return;
    report(
      session,
      "wire-order-changed",
      { topic: name, version, from, to },
      {
        place: keyOf(branch?.place ?? topic.place),
        ...{ subject: ["topic", name, version], base: ["topic", before.url], change: [from, to], event: branch?.event },
        help: "Run evgen release on what is deployed: the lock keeps the positions.",
      },
    );
    return;
  }
};

/** Aggregates whose events are written to another topic than before. */
const checkMoves = (session: Session, moved: boolean): void => {
  const now = new Map(session.model.aggregates.map((one) => [one.name as string, one]));
  for (const { name, topic } of session.base.snapshot.aggregates) {
    const aggregate = now.get(name);
    if (aggregate === undefined) continue;
    const to = aggregate.topic.url;
    if (moved ? lastPart(to) === lastPart(topic) : to === topic) continue;
    report(
      session,
      "topic-moved",
      { aggregate: name, from: topic, to },
      {
        ...{ place: aggregate.topic.place, subject: [name, "topic"], base: ["aggregate", name], change: [topic, to] },
        affected: affectedBy(session, aggregate.topic),
        help: `Write topic: ${lastPart(topic)}`,
      },
    );
  }
};

const affectedBy = ({ model }: Session, topic: Topic) => ({
  projections: model.projections.filter((one) => one.subscription.topics.includes(topic)).map((one) => one.name),
  consumers: model.consumers.filter((one) => one.subscription.topics.includes(topic)).map((one) => one.name),
});
