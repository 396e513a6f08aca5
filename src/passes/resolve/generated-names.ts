import { under } from "../../diagnostics/diagnostic.js";
import type { Aggregate, Consumer, Event, Model, Projection, Topic } from "../../model/model.js";
import { camelCase, constName, kebabCase, pascalWords, snakeCase } from "../../model/names.js";
import type { NamedType, Type } from "../../model/type.js";
import { typeNamesOf } from "../../model/type-names.js";
import type { Claim, Owner } from "./claims.js";
import { createClaims } from "./claims.js";
import type { Context } from "./context.js";
import { createContext } from "./context.js";

/**
 * Reports elements of a model that would get one name once they are files, declarations, records in Avro, tables,
 * topics or subscriptions. Every target may rely on it. The types of `known` aggregates are looked at only when there is
 * something to report.
 */
export const checkGeneratedNames = (model: Model, context: Context, known?: ReadonlySet<Aggregate>): void => {
  const found = createContext(context.long);
  claimNames(model, createClaims(found), found, known);
  // Then the elements to name and their places are in the types.
  if (found.reports() > 0 && known !== undefined) claimNames(model, createClaims(context), context);
  else context.add(found.diagnostics);
};

/** Claims every name that the targets make of a model, each for the element that it is made of. */
export const claimNames = (
  model: Model,
  claim: Claim,
  context: Context,
  known: ReadonlySet<Aggregate> = new Set(),
): void => {
  const seen = new Set<Type>();
  for (const name of ["index", "types"]) claim("file", `typescript/${name}.ts`, evgensOwn);
  for (const type of model.types) claimType(type, seen, claim);
  for (const topic of model.topics) claimTopic(topic, claim);
  const events = new Set<string>();
  for (const aggregate of model.aggregates) {
    claimAggregate(aggregate, claim);
    for (const event of aggregate.events) {
      // A second event of the name has been reported as such.
      if (!events.has(event.name)) claimEvent(event, known.has(aggregate) ? undefined : seen, claim);
      events.add(event.name);
    }
  }
  for (const projection of model.projections) claimProjection(projection, seen, claim, context);
  for (const consumer of model.consumers) claimConsumer(consumer, claim);
};

const evgensOwn: Owner = { what: "what every model's generated code has" };

const claimType = (type: NamedType, seen: Set<Type>, claim: Claim): void => {
  const owner = { what: `the type ${type.name}`, place: type.place };
  const value = camelCase(type.name);
  for (const name of [type.name, `${value}Schema`, `${value}WithKindSchema`]) {
    claim("declaration in TypeScript", name, owner);
  }
  claimRecords(type.type, owner, seen, claim);
};

/** The records and enums that a type is made of, as far as they have no name under `types:`. */
const claimRecords = (type: Type, owner: Owner, seen: Set<Type>, claim: Claim, onWire = true): void => {
  if (!mayHoldRecords(type) || seen.has(type)) return;
  seen.add(type);
  if (type.kind === "array") claimRecords(type.items, owner, seen, claim, onWire);
  if (type.kind === "map") claimRecords(type.values, owner, seen, claim, onWire);
  if (onWire && (type.kind === "enum" || type.kind === "record")) claim("name in Avro", type.name, owner);
  if (type.kind !== "record") return;
  claim("declaration in TypeScript", type.name, owner);
  for (const field of type.fields) {
    if (!mayHoldRecords(field.type)) continue;
    const its = { what: `the field ${field.name} of ${type.name}`, place: field.place };
    claimRecords(field.type, its, seen, claim, onWire);
  }
};

const mayHoldRecords = ({ kind }: Type): boolean =>
  kind === "record" || kind === "enum" || kind === "array" || kind === "map";

const claimTopic = (topic: Topic, claim: Claim): void => {
  const owner = { what: `the topic ${topic.name}`, place: topic.place };
  const words = pascalWords(topic.name);
  const file = kebabCase(topic.name.replace(/[^A-Za-z0-9]+/g, "_"));
  claim("topic", topic.name, owner);
  claim("name in Avro", topic.envelope, owner);
  claim("declaration in TypeScript", `${words.startsWith("_") ? words : camelCase(words)}Topic`, owner);
  claim("file", `typescript/topics/${file}.ts`, owner);
  claim("file", `schemas/${topic.name}.avsc`, owner);
};

const claimAggregate = ({ name, key, commands, state, place }: Aggregate, claim: Claim): void => {
  const owner = { what: `the aggregate ${name}`, place };
  const names = ["Event", "Producer", "Handlers", "Functions"].map((suffix) => `${name}${suffix}`);
  // A type OrderId that is the key of Order is what its id is called.
  if (key.named?.name !== `${name}Id`) names.push(`${name}Id`);
  for (const one of [constName(name, "Aggregate"), ...names, `create${name}Producer`, `create${name}Consumer`]) {
    claim("declaration in TypeScript", one, owner);
  }
  claim("file", `typescript/${kebabCase(name)}.ts`, owner);
  claim("file", `schemas/${kebabCase(name)}`, owner);
  if (state !== undefined) {
    claim("declaration in TypeScript", state.name, { what: `the state of ${name}`, place: under(place, "state") });
  }
  for (const command of commands) {
    claim("declaration in TypeScript", command.name, { what: `the command ${command.name}`, place: command.place });
  }
};

/** Without `seen`, what its types hold is claimed in the name of the event. */
const claimEvent = (event: Event, seen: Set<Type> | undefined, claim: Claim): void => {
  const { name, place, versions, aggregate, becomes } = event;
  const owner = { what: `the event ${name}`, place };
  for (const one of [name, constName(name, "Event"), `Stored${name}`]) claim("declaration in TypeScript", one, owner);
  const times = new Map<Event, number>();
  for (const { version } of becomes ?? []) {
    const time = (times.get(version.event) ?? 0) + 1;
    times.set(version.event, time);
    claim("declaration in TypeScript", `${camelCase(name)}As${version.event.name}${time === 1 ? "" : time}`, owner);
  }
  for (const version of versions) {
    const its = { what: `version ${version.number} of ${name}`, place: version.place };
    if (version !== event.current) claim("declaration in TypeScript", `upcast${version.name}`, its);
    if (seen !== undefined) claimRecords(version.type, its, seen, claim);
  }
  if (seen === undefined) {
    const { records, enums } = typeNamesOf(event);
    for (const one of records) claim("declaration in TypeScript", one, owner);
    for (const one of [...records, ...enums]) claim("name in Avro", one, owner);
  }
  const folder = kebabCase(aggregate.name);
  claim("file", `typescript/${folder}/${kebabCase(name)}.ts`, owner);
  claim("file", `schemas/${folder}/${name}`, owner);
};

const claimProjection = (projection: Projection, seen: Set<Type>, claim: Claim, context: Context): void => {
  const { name, place, version, subscription, key, row } = projection;
  const owner = { what: `the projection ${name}`, place };
  const names = ["Key", "Functions", "Reader"].map((suffix) => `${name}${suffix}`);
  for (const one of [name, ...names, constName(name, "Projection"), `run${name}`, `read${name}`]) {
    claim("declaration in TypeScript", one, owner);
  }
  claim("file", `typescript/projections/${kebabCase(name)}.ts`, owner);
  claim("file", `sql/${kebabCase(name)}.sql`, owner);
  // The name that is read, and those of this copy of the rows and of the one before.
  const table = snakeCase(name);
  for (const one of [table, `${table}_v${version}`, `${table}_v${Math.max(1, version - 1)}`])
    claim("table", one, owner);
  claimSubscription(subscription, owner, claim);
  for (const { name: field, type, place: at } of [...key.fields, ...row.fields]) {
    claimRecords(type, { what: `the field ${field} of ${name}`, place: at }, seen, claim, false);
  }
  checkLength("table", table, 50, owner, context);

  const column = createClaims(context);
  for (const field of [...key.fields, ...row.fields]) {
    const its = { what: `the field ${field.name}`, place: field.place };
    if (key.fields.includes(field) || !key.fields.some((part) => part.name === field.name)) {
      column("column", snakeCase(field.name), its);
    }
    checkLength("column", snakeCase(field.name), 63, its, context);
  }
};

const claimConsumer = ({ name, place, subscription }: Consumer, claim: Claim): void => {
  const owner = { what: `the consumer ${name}`, place };
  const names = [constName(name, "Consumer"), `${name}Event`, `${name}Handlers`, `create${name}Consumer`];
  for (const one of names) claim("declaration in TypeScript", one, owner);
  claim("file", `typescript/consumers/${kebabCase(name)}.ts`, owner);
  claimSubscription(subscription, owner, claim);
};

const claimSubscription = ({ name, deadLetter }: Consumer["subscription"], owner: Owner, claim: Claim): void => {
  claim("subscription", name, owner);
  claim("topic", deadLetter.name, owner);
};

const checkLength = (what: "table" | "column", name: string, longest: number, owner: Owner, context: Context): void => {
  if (name.length <= longest || owner.place === undefined) return;
  context.report("table-name-too-long", { what, name, longest }, { ...owner.place, at: "key" });
};
