import type { Place } from "../../diagnostics/diagnostic.js";
import { under } from "../../diagnostics/diagnostic.js";
import type { Released } from "../../evolution/released.js";
import type { Aggregate, EventVersion, PulsarSettings, Topic } from "../../model/model.js";
import type { Identifier } from "../../model/names.js";
import { identifier, kebabCase, pascalWords } from "../../model/names.js";
import type { Context } from "./context.js";
import type { Definitions } from "./merge.js";
import { checkPulsarName } from "./pulsar-name.js";
import type { SourceAggregate } from "./source.js";

/** A topic whose aggregates and branches are added while they are resolved. */
export type OpenTopic = Topic & { readonly aggregates: Aggregate[]; readonly branches: EventVersion[] };

/** The topic of each aggregate, by the aggregate's name; aggregates that name one topic share it. */
export const resolveTopics = (
  aggregates: Definitions<SourceAggregate>,
  pulsar: PulsarSettings,
  context: Context,
  released?: Released,
): ReadonlyMap<string, OpenTopic> => {
  const wishes = [...aggregates].map(([aggregate, { source, place }]) => wishOf(aggregate, source, place));
  const byTopic = new Map<string, Wish[]>();
  for (const wish of wishes) {
    const sharers = byTopic.get(wish.topic);
    if (sharers === undefined) byTopic.set(wish.topic, [wish]);
    else sharers.push(wish);
  }

  const topics = new Map<string, OpenTopic>();
  for (const [name, sharers] of byTopic) {
    const [first] = sharers;
    if (first === undefined) continue;
    checkPulsarName("topic", name, first.place, context);
    const url = topicUrl(pulsar, name);
    const topic: OpenTopic = {
      name,
      url,
      partitions: partitionsOf(sharers, context),
      envelope: envelopeOf(name, sharers, released?.envelopeOf(url)),
      aggregates: [],
      branches: [],
      place: first.place,
    };
    for (const { aggregate } of sharers) topics.set(aggregate, topic);
  }
  return topics;
};

/** The name of a topic's envelope: once it is released it stays, whoever comes to share the topic. */
const envelopeOf = (topic: string, sharers: readonly Wish[], released: string | undefined): Identifier =>
  identifier(released ?? "") ??
  (`${sharers.length === 1 ? sharers[0]?.aggregate : pascalWords(topic)}Event` as Identifier);

/** persistent://tenant/namespace/name */
export const topicUrl = ({ tenant, namespace }: PulsarSettings, name: string): string =>
  `persistent://${tenant}/${namespace}/${name}`;

/** What an aggregate says of its topic. */
interface Wish {
  readonly aggregate: string;
  readonly topic: string;
  readonly place: Place;
  readonly partitions?: number;
  readonly partitionsPlace: Place;
}

const wishOf = (aggregate: string, source: SourceAggregate, place: Place): Wish => {
  const at = under(place, "topic");
  const partitionsPlace = under(at, "partitions");
  const { topic } = source;
  if (topic === undefined) return { aggregate, topic: kebabCase(aggregate), place, partitionsPlace };
  if (typeof topic === "string") return { aggregate, topic, place: at, partitionsPlace };
  return {
    aggregate,
    topic: topic.name ?? kebabCase(aggregate),
    place: topic.name === undefined ? at : under(at, "name"),
    ...(topic.partitions === undefined ? {} : { partitions: topic.partitions }),
    partitionsPlace,
  };
};

const partitionsOf = (sharers: readonly Wish[], context: Context): number => {
  const first = sharers.find((wish) => wish.partitions !== undefined);
  if (first?.partitions === undefined) return 4;
  for (const { partitions, topic, partitionsPlace } of sharers) {
    if (partitions === undefined || partitions === first.partitions) continue;
    context.report("topic-partitions", { topic, partitions, other: first.partitions }, partitionsPlace, {
      related: [{ message: `${first.aggregate} says ${first.partitions}.`, place: first.partitionsPlace }],
    });
  }
  return first.partitions;
};
