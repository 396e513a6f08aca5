import { evaluator } from "../mapping/evaluate.js";
import type { Expression } from "../mapping/expression.js";
import { avroNamespace } from "../model/avro-names.js";
import type { Aggregate, Event, EventVersion, Model } from "../model/model.js";
import type {
  AggregateDefinition,
  BecomingDefinition,
  EventDefinition,
  JsonSchema,
  TopicDefinition,
  VersionDefinition,
} from "../runtime/definitions.js";
import { envelopeSchema } from "../targets/avro.js";
import { callsFunctions } from "../targets/typescript/mapping-function.js";
import { schemaValue } from "../targets/typescript/schema.js";
import { createRun } from "../targets/typescript/scope.js";

/** What the generated code of a model declares, as values: the same schemas, and the text of the same mappings. */
export interface Definitions {
  readonly aggregates: ReadonlyMap<Aggregate, AggregateDefinition>;
  /** The version of the model that one of the definitions is. */
  readonly versionOf: (definition: VersionDefinition) => EventVersion;
}

export const definitionsOf = (model: Model): Definitions => {
  const versions = new Map<VersionDefinition, EventVersion>();
  const run = createRun(model, new Set());
  const events = new Map<Event, EventDefinition & { becomes?: readonly BecomingDefinition[] }>();
  const all = model.aggregates.flatMap((aggregate) => aggregate.events);
  for (const event of all) {
    const definitions = event.versions.map((version, index): VersionDefinition => {
      const schema = schemaValue(version.type, run) as JsonSchema;
      const upcast = event.versions[index + 1]?.upcast;
      const definition = upcast === undefined ? { schema } : { schema, upcast: stepOf(upcast, model) };
      versions.set(definition, version);
      return definition;
    });
    events.set(event, { type: event.name, versions: definitions });
  }
  const definitionOf = (event: Event): EventDefinition => events.get(event) as EventDefinition;
  for (const event of all) {
    const definition = events.get(event);
    if (event.becomes === undefined || definition === undefined) continue;
    definition.becomes = event.becomes.map(({ version, mapping }) => ({
      ...{ event: definitionOf(version.event), version: version.number, map: stepOf(mapping, model) },
    }));
  }
  const topics = new Map(model.topics.map((topic) => [topic, topicOf(topic, model)]));
  const aggregates = model.aggregates.map((aggregate): [Aggregate, AggregateDefinition] => {
    const key = { name: aggregate.key.name, schema: schemaValue(aggregate.key.type, run) as JsonSchema };
    const topic = topics.get(aggregate.topic) as TopicDefinition;
    return [aggregate, { name: aggregate.name, key, topic, events: aggregate.events.map(definitionOf) }];
  });
  return {
    aggregates: new Map(aggregates),
    versionOf: (definition) => versions.get(definition) as EventVersion,
  };
};

/** As generated code declares it: with three parameters where it calls functions of the user's. */
const stepOf = (mapping: Expression, model: Model): NonNullable<VersionDefinition["upcast"]> => {
  const evaluate = evaluator(mapping, model.long);
  return callsFunctions(mapping)
    ? (data, event, functions) => evaluate(data, event, functions)
    : (data, event) => evaluate(data, event);
};

const topicOf = (topic: Model["topics"][number], model: Model): TopicDefinition => ({
  ...{ url: topic.url, partitions: topic.partitions, encoding: model.pulsar.encoding },
  source: avroNamespace(model),
  ...(model.long === "bigint" ? { long: "bigint" } : {}),
  envelope: envelopeSchema(topic, model),
});
