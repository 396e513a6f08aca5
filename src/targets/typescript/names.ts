import type { Aggregate, Consumer, Event, EventVersion, Model, Projection, Topic } from "../../model/model.js";
import { camelCase, constName, kebabCase, pascalCase } from "../../model/names.js";
import type { NamedType, Type } from "../../model/type.js";
import { typeNamesOf } from "../../model/type-names.js";

/** What everything is called in the generated code, in one place: exports, and files without their extension. */

export const typesFile = "types";
export const aggregateFile = (aggregate: Aggregate): string => kebabCase(aggregate.name);
export const eventFile = (event: Event): string => `${kebabCase(event.aggregate.name)}/${kebabCase(event.name)}`;
export const topicFile = (topic: Topic): string => `topics/${topicWords(topic).join("-")}`;
export const projectionFile = (projection: Projection): string => `projections/${kebabCase(projection.name)}`;
export const consumerFile = (consumer: Consumer): string => `consumers/${kebabCase(consumer.name)}`;
export const validatorFile = (event: Event): string => `${eventFile(event)}.validate`;

export const schemaConst = (type: NamedType): string => `${camelCase(type.name)}Schema`;
/** The schema of a record as a member of a union: with its `kind`. */
export const memberSchemaConst = (type: NamedType): string => `${camelCase(type.name)}WithKindSchema`;

export const eventConst = (event: Event): string => constName(event.name, "Event");
export const storedType = (event: Event): string => `Stored${event.name}`;
export const upcastConst = (from: EventVersion): string => `upcast${from.name}`;
/** `index`: of the becoming; an event may become two of one kind. */
export const becomeConst = (event: Event, index: number): string => {
  const becomes = event.becomes ?? [];
  const to = becomes[index]?.version.event;
  const earlier = becomes.slice(0, index).filter((one) => one.version.event === to).length;
  return `${camelCase(event.name)}As${to?.name ?? ""}${earlier === 0 ? "" : earlier + 1}`;
};

export const aggregateConst = (aggregate: Aggregate): string => constName(aggregate.name, "Aggregate");
export const idType = (aggregate: Aggregate): string => `${aggregate.name}Id`;
/** Whether the key is of a type of the model that is called as the id would be: then that type is the id's. */
export const hasOwnIdType = (aggregate: Aggregate): boolean => aggregate.key.named?.name === idType(aggregate);
/** The file that declares the type of an aggregate's id. */
export const idFile = (aggregate: Aggregate): string =>
  hasOwnIdType(aggregate) ? typesFile : aggregateFile(aggregate);
export const eventUnion = (owner: Aggregate | Consumer): string => `${owner.name}Event`;
export const handlersType = (owner: Aggregate | Consumer): string => `${owner.name}Handlers`;
export const functionsType = (owner: Aggregate | Projection): string => `${owner.name}Functions`;
export const producerType = (aggregate: Aggregate): string => `${aggregate.name}Producer`;
export const createProducerConst = (aggregate: Aggregate): string => `create${aggregate.name}Producer`;
export const createConsumerConst = (owner: Aggregate | Consumer): string => `create${owner.name}Consumer`;

export const topicConst = (topic: Topic): string => {
  const words = topicWords(topic);
  const name = words.map((word, index) => (index === 0 ? word : pascalCase(word))).join("");
  return `${/^[0-9]/.test(name) ? "_" : ""}${name}Topic`;
};

export const keyType = (projection: Projection): string => `${projection.name}Key`;
export const projectionConst = (projection: Projection): string => constName(projection.name, "Projection");
export const consumerConst = (consumer: Consumer): string => constName(consumer.name, "Consumer");

export const runConst = (projection: Projection): string => `run${projection.name}`;

export const readConst = (projection: Projection): string => `read${projection.name}`;
export const readerType = (projection: Projection): string => `${projection.name}Reader`;

/** Functions that a projection's own mappings call; the others on its way belong to upcasters. */
export const ownFunctions = ({ functions }: Projection): Projection["functions"] =>
  functions.filter((one) => one.use === "projection");

/** Every name that the generated code may export. No two elements of a model share one: resolve sees to that. */
export const exportedNames = (model: Model): readonly string[] => [
  ...model.types.flatMap((type) => [type.name, schemaConst(type), memberSchemaConst(type), ...inlineNames(type.type)]),
  ...model.topics.map(topicConst),
  ...model.aggregates.flatMap((aggregate) => [
    aggregateConst(aggregate),
    ...(hasOwnIdType(aggregate) ? [] : [idType(aggregate)]),
    eventUnion(aggregate),
    handlersType(aggregate),
    ...(aggregate.functions.length === 0 ? [] : [functionsType(aggregate)]),
    producerType(aggregate),
    createProducerConst(aggregate),
    createConsumerConst(aggregate),
    ...aggregate.events.flatMap(namesOfEvent),
  ]),
  ...model.projections.flatMap((projection) => [
    projection.name,
    keyType(projection),
    projectionConst(projection),
    runConst(projection),
    readConst(projection),
    readerType(projection),
    ...(ownFunctions(projection).length === 0 ? [] : [functionsType(projection)]),
    ...[projection.row, ...projection.key.fields.map((field) => field.type)].flatMap((type) => inlineNames(type)),
  ]),
  ...model.consumers.flatMap((consumer) => [
    consumerConst(consumer),
    eventUnion(consumer),
    handlersType(consumer),
    createConsumerConst(consumer),
  ]),
];

const namesOfEvent = (event: Event): readonly string[] => [
  event.name,
  eventConst(event),
  storedType(event),
  ...typeNamesOf(event).records,
  ...event.versions.slice(0, -1).map(upcastConst),
  ...(event.becomes ?? []).map((_, index) => becomeConst(event, index)),
];

/** The names of records that stand inside of a type. */
const inlineNames = (type: Type, names: string[] = []): readonly string[] => {
  if (type.kind === "array") return inlineNames(type.items, names);
  if (type.kind === "map") return inlineNames(type.values, names);
  if (type.kind !== "record") return names;
  names.push(type.name);
  for (const field of type.fields) inlineNames(field.type, names);
  return names;
};

const topicWords = (topic: Topic): readonly string[] => {
  const words = topic.name.split(/[^A-Za-z0-9]+/).flatMap((word) => kebabCase(word).split("-"));
  const found = words.filter((word) => word !== "");
  return found.length === 0 ? ["topic"] : found;
};
