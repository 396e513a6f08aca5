import type { Released } from "../evolution/released.js";
import { typeText } from "../mapping/describe.js";
import { avroNamespace } from "../model/avro-names.js";
import type { Aggregate, Consumer, Event, EventVersion, Model, Projection, Reaction } from "../model/model.js";
import type { NamedType, Type } from "../model/type.js";
import type { FieldLineage } from "./field-lineage.js";
import type { Origin } from "./origins.js";
import { originsOf } from "./origins.js";
import type { Who } from "./who.js";
import { isReleased, pathText } from "./who.js";

/** What there is to say of a name, as data; `schemas/who.schema.json` describes it. `place` is where it stands. */
export type Answer = ReturnType<typeof describe>;

/** Finds out who produces, carries and reads what a name means. */
export const describe = (who: Who, model: Model, released: Released | undefined) => {
  const known: Known = { model, isReleased: isReleased(released) };
  switch (who.kind) {
    case "event":
      return eventAnswer(who.event, who.fields, known);
    case "field": {
      const { event, path, fields } = who;
      return {
        kind: "field" as const,
        ...{ name: `${event.name}.${path}`, event: event.name, version: event.current.number, place: event.place },
        fields: fields.map(fieldAnswer),
        readFrom: readFrom(event, model),
      };
    }
    case "aggregate":
      return aggregateAnswer(who.aggregate, known);
    case "projection":
      return projectionAnswer(who.projection, who.column);
    case "consumer":
      return consumerAnswer(who.consumer);
    case "type":
      return typeAnswer(who.type, known);
  }
};

interface Known {
  readonly model: Model;
  readonly isReleased: (version: string) => boolean;
}

const described = (one: { readonly description?: string; readonly deprecated?: string | true }) => ({
  ...(one.description === undefined ? {} : { description: one.description }),
  ...(one.deprecated === undefined ? {} : { deprecated: one.deprecated }),
});

const eventAnswer = (event: Event, fields: readonly FieldLineage[], known: Known) => {
  const { model } = known;
  const { aggregate, becomes } = event;
  return {
    kind: "event" as const,
    ...{ name: event.name, place: event.place, aggregate: aggregate.name, ...described(event) },
    topic: topicAnswer(aggregate, model),
    versions: event.versions.map((one) => versionAnswer(one, known)),
    ...(becomes === undefined
      ? {}
      : { becomes: becomes.map(({ version }) => ({ event: version.event.name, version: version.number })) }),
    readFrom: readFrom(event, model),
    commands: aggregate.commands.filter((one) => one.emits.includes(event)).map((one) => one.name as string),
    producers: rolesOf(model, "produce"),
    consumers: model.consumers.filter((one) => one.events.includes(event)).map(readerAnswer),
    projections: model.projections.flatMap((projection) =>
      projection.on
        .filter((one) => one.event === event)
        .map((reaction) => ({ ...readerAnswer(projection), does: effectOf(reaction) })),
    ),
    fields: fields.map(fieldAnswer),
  };
};

const aggregateAnswer = (aggregate: Aggregate, known: Known) => {
  const { model } = known;
  const { name, place, events } = aggregate;
  return {
    kind: "aggregate" as const,
    ...{ name: name as string, place, ...described(aggregate) },
    topic: topicAnswer(aggregate, model),
    events: events.map((event) => ({
      name: event.name as string,
      ...described(event),
      retired: event.becomes !== undefined,
      versions: event.versions.map((one) => versionAnswer(one, known)),
    })),
    commands: aggregate.commands.map((one) => ({
      name: one.name as string,
      emits: one.emits.map((to) => to.name as string),
    })),
    producers: rolesOf(model, "produce"),
    consumers: model.consumers.filter((one) => one.aggregates.includes(aggregate)).map(readerAnswer),
    projections: model.projections.filter((one) => one.aggregates.includes(aggregate)).map(readerAnswer),
  };
};

const projectionAnswer = (projection: Projection, column: string | undefined) => {
  const columns = [...projection.key.fields, ...projection.row.fields];
  const events = projection.on.map((reaction) => ({ event: reaction.event.name as string, does: effectOf(reaction) }));
  return {
    kind: "projection" as const,
    name: column === undefined ? projection.name : `${projection.name}.${column}`,
    ...{ place: projection.place, ...described(projection) },
    ...(column === undefined ? {} : { column }),
    aggregates: projection.aggregates.map((one) => one.name as string),
    store: projection.store,
    reads: readerAnswer(projection),
    key: projection.key.fields.map((one) => one.name),
    events,
    columns: columns
      .filter((one) => column === undefined || one.name === column)
      .map((one) => ({
        ...{ name: one.name, type: typeText(one.type), optional: one.optional },
        from: projection.on.flatMap((reaction) => sourcesOf(reaction, one.name)),
      })),
  };
};

const consumerAnswer = (consumer: Consumer) => ({
  kind: "consumer" as const,
  ...{ name: consumer.name as string, place: consumer.place, ...described(consumer) },
  aggregates: consumer.aggregates.map((one) => one.name as string),
  reads: readerAnswer(consumer),
  events: consumer.events.map((one) => ({ event: one.name as string, version: one.current.number })),
});

const typeAnswer = (type: NamedType, { model, isReleased: released }: Known) => ({
  kind: "type" as const,
  ...{ name: type.name as string, place: type.place, type: typeText(type.type), ...described(type) },
  versions: model.aggregates
    .flatMap((one) => one.events)
    .flatMap((one) => one.versions)
    .filter((one) => uses(one.type, type, new Set()))
    .map((one) => ({ event: one.event.name as string, version: one.number, state: stateOf(released(one.name)) })),
});

const topicAnswer = (aggregate: Aggregate, model: Model) => {
  const { topic, key } = aggregate;
  return {
    ...{ url: topic.url, partitions: topic.partitions, encoding: model.pulsar.encoding },
    key: { name: key.name as string, type: key.named === undefined ? key.type.kind : (key.named.name as string) },
    schema: `${avroNamespace(model)}.${topic.envelope}`,
  };
};

const versionAnswer = (version: EventVersion, known: Known) => ({
  number: version.number,
  ...{ state: stateOf(known.isReleased(version.name)), current: version.event.current === version },
  fields: version.type.fields.length,
  branch: version.name as string,
  position: version.event.aggregate.topic.branches.indexOf(version),
});

const stateOf = (released: boolean): "released" | "draft" => (released ? "released" : "draft");

/** Retired events whose stored ones are read as this one. */
const readFrom = (event: Event, model: Model) =>
  model.aggregates
    .flatMap((one) => one.events)
    .flatMap((retired) =>
      (retired.becomes ?? [])
        .filter((one) => one.version.event === event)
        .map(({ version }) => ({ event: retired.name as string, version: version.number })),
    );

const rolesOf = (model: Model, action: "produce" | "consume"): readonly string[] =>
  model.pulsar.permissions.filter((one) => one.actions.includes(action)).map((one) => one.role);

const readerAnswer = ({ name, subscription }: Consumer | Projection) => ({
  name: name as string,
  subscription: subscription.name,
  type: subscription.type,
  topics: subscription.topics.map((one) => one.url),
  deadLetter: subscription.deadLetter.url,
});

/** What an event does to a row, in words of the model: `set status, increment orders`. */
const effectOf = (reaction: Reaction): string => {
  if (reaction.kind === "ignore" || reaction.kind === "delete") return reaction.kind;
  if (reaction.kind === "by") return `by ${reaction.function.name}`;
  return (["set", "increment", "append", "remove"] as const)
    .filter((operation) => reaction[operation].length > 0)
    .map((operation) => `${operation} ${reaction[operation].map((one) => one.field.name).join(", ")}`)
    .join("; ");
};

interface ColumnSource {
  readonly event: string;
  readonly operation: "key" | "set" | "increment" | "append" | "remove" | "by";
  readonly origins: readonly OriginAnswer[];
}

const sourcesOf = (reaction: Reaction, column: string): readonly ColumnSource[] => {
  if (reaction.kind === "ignore") return [];
  const event = reaction.event.name as string;
  const keys = reaction.key
    .filter((one) => one.field.name === column)
    .map((one) => ({ event, operation: "key" as const, origins: originsOf(one.value, []).map(originAnswer) }));
  if (reaction.kind === "delete") return keys;
  if (reaction.kind === "by") {
    const origin: OriginAnswer = { kind: "function", name: reaction.function.name };
    return keys.length > 0 ? keys : [{ event, operation: "by" as const, origins: [origin] }];
  }
  const changes = (["set", "increment", "append", "remove"] as const).flatMap((operation) =>
    reaction[operation]
      .filter((one) => one.field.name === column)
      .map((one) => ({ event, operation, origins: originsOf(one.value, []).map(originAnswer) })),
  );
  return [...keys, ...changes];
};

const fieldAnswer = ({ path, field, from, to }: FieldLineage) => ({
  path: pathText(path),
  ...{ type: typeText(field.type), optional: field.optional, pii: field.pii, ...described(field) },
  from: from.map(({ version, origins }) => ({ version, origins: origins.map(originAnswer) })),
  to: to.map(({ projection, operation, column }) => ({
    ...{ projection: projection.name as string, operation, ...(column === undefined ? {} : { column }) },
  })),
});

type OriginAnswer =
  | Exclude<Origin, { readonly kind: "field" }>
  | { readonly kind: "field"; readonly path: string; readonly how?: string };

const originAnswer = (origin: Origin): OriginAnswer =>
  origin.kind === "field" ? { ...origin, path: pathText(origin.path) } : origin;

const uses = (type: Type, wanted: NamedType, seen: Set<NamedType>): boolean => {
  switch (type.kind) {
    case "reference":
      return type.to === wanted || leadsTo(type.to, wanted, seen);
    case "array":
      return uses(type.items, wanted, seen);
    case "map":
      return uses(type.values, wanted, seen);
    case "record":
      return type.fields.some((one) => uses(one.type, wanted, seen));
    case "union":
      return type.members.some((one) => one === wanted || leadsTo(one, wanted, seen));
    default:
      return false;
  }
};

const leadsTo = (type: NamedType, wanted: NamedType, seen: Set<NamedType>): boolean => {
  if (seen.has(type)) return false;
  seen.add(type);
  return uses(type.type, wanted, seen);
};
