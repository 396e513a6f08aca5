import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Aggregate, Event } from "../../model/model.js";
import type { Identifier } from "../../model/names.js";
import { camelCase, identifier, isFieldName, pathName } from "../../model/names.js";
import type { Type } from "../../model/type.js";
import { dereference } from "../../model/type.js";
import type { TypeNames } from "../../model/type-names.js";
import { setTypeNames } from "../../model/type-names.js";
import type { Context } from "./context.js";
import type { AggregateDraft, Drafts, EventDraft, Mutable } from "./drafts.js";
import type { KnownNames } from "./known-types.js";
import type { Definitions } from "./merge.js";
import { checkedName } from "./names.js";
import { present } from "./present.js";
import { unknownType } from "./soundness.js";
import type { ByName, SourceAggregate, SourceEvent, SourceField } from "./source.js";
import type { OpenTopic } from "./topics.js";
import type { TypeScope } from "./type-scope.js";
import { typeText } from "./type-text.js";
import { resolveRecord, resolveType } from "./types.js";
import { deferVersions, resolveVersions } from "./versions.js";

/** The aggregates with their keys, states, and events in all versions: everything but what maps and refers. */
export const draftAggregates = (
  definitions: Definitions<SourceAggregate>,
  topics: ReadonlyMap<string, OpenTopic>,
  scope: TypeScope,
  context: Context,
  known: (aggregate: string, place: Place) => KnownNames | undefined = () => undefined,
): Drafts => {
  const aggregates = new Map<string, AggregateDraft>();
  const events = new Map<string, EventDraft>();
  for (const [name, { source, place }] of definitions) {
    const topic = topics.get(name);
    if (topic === undefined) continue;
    const draft = draftAggregate(name, source, place, topic, scope, context, known(name, place));
    aggregates.set(name, draft);
    for (const one of draft.events) addEvent(one, events, context);
  }
  return { aggregates, events };
};

const addEvent = (draft: EventDraft, events: Map<string, EventDraft>, context: Context): void => {
  const before = events.get(draft.event.name);
  if (before === undefined) {
    events.set(draft.event.name, draft);
    return;
  }
  context.report("defined-twice", { what: `The event ${draft.event.name}` }, keyOf(draft.place), {
    related: [{ message: `${before.event.aggregate.name} has one of that name.`, place: keyOf(before.place) }],
  });
};

const draftAggregate = (
  name: string,
  source: SourceAggregate,
  place: Place,
  topic: OpenTopic,
  scope: TypeScope,
  context: Context,
  known: KnownNames | undefined,
): AggregateDraft => {
  const checked = checkedName("aggregate", name, place, context);
  const key = resolveKey(checked, source.key, under(place, "key"), scope, context);
  const aggregate: Mutable<Aggregate> = {
    ...{ name: checked, key, topic, place },
    ...present({ description: source.description }),
    ...{ events: [], commands: [], scenarios: [], functions: [] },
  };
  if (source.state !== undefined) {
    const stateName = pathName(checked, "state");
    aggregate.state = resolveRecord(source.state, stateName, under(place, "state"), scope, context).type;
  }
  const before = [context.reports(), scope.schemas.imports];
  const names = new Map(known);
  const events = Object.entries(source.events ?? {}).map(([event, its]) =>
    draftEvent(event, its, under(place, "events", event), aggregate, scope, context, names.get(event)),
  );
  const plain = before[0] === context.reports() && before[1] === scope.schemas.imports;
  aggregate.events = events.map((one) => one.event);
  topic.aggregates.push(aggregate);
  topic.branches.push(...aggregate.events.flatMap((event) => event.versions));
  return { source, place, aggregate, events, types: known !== undefined ? "known" : plain ? "plain" : "other" };
};

const resolveKey = (
  owner: Identifier,
  source: ByName<SourceField>,
  place: Place,
  scope: TypeScope,
  context: Context,
): Aggregate["key"] => {
  const [entry = ["id", "uuid"]] = Object.entries(source);
  const at = under(place, entry[0]);
  const name = identifier(entry[0]);
  if (name === undefined) {
    const reason = "it is the name of a parameter in generated code, so it cannot be a reserved word";
    context.report("name-reserved", { what: "key", name: entry[0], reason }, keyOf(at));
  }
  const type = resolveType(entry[1], pathName(owner, entry[0]), at, scope, context);
  const named = type.kind === "reference" ? { named: type.to } : {};
  return { name: name ?? ("id" as Identifier), type: keyType(type, at, context), ...named };
};

const keyType = (type: Type, place: Place, context: Context): Aggregate["key"]["type"] => {
  const { kind, ...rest } = dereference(type);
  if (kind === "uuid") return { kind };
  if (kind === "string") return { kind, ...rest };
  if (dereference(type) !== unknownType) context.report("aggregate-key", { type: typeText(type) }, place);
  return { kind: "string" };
};

const draftEvent = (
  name: string,
  source: SourceEvent,
  place: Place,
  aggregate: Aggregate,
  scope: TypeScope,
  context: Context,
  names: TypeNames | undefined,
): EventDraft => {
  const checked = checkedName("event", name, place, context);
  const method = camelCase(checked);
  // A name that was refused altogether is not reported again.
  if (checked === name && (producerMembers.has(method) || !isFieldName(method))) {
    const reason = `the producer of its aggregate has \`${method}\` already`;
    context.report("name-reserved", { what: "event", name, reason }, keyOf(place));
  }
  const deprecated = source.deprecated === false ? undefined : source.deprecated;
  const event: Mutable<Event> = {
    ...{ name: checked, aggregate, place },
    ...present({ description: source.description, deprecated }),
    ...{ versions: [], current: undefined as never },
  };
  if (names !== undefined) setTypeNames(event, names);
  const resolve = names === undefined ? resolveVersions : deferVersions;
  const versions = resolve(event, source.versions, under(place, "versions"), scope, context);
  event.versions = versions.map((one) => one.version);
  event.current = event.versions[event.versions.length - 1] as Event["current"];
  if (source.retired === true) event.becomes = [];
  return { source, place, event, versions };
};

/** An event's method on the producer is called like the event, beside what every producer has. */
const producerMembers: ReadonlySet<string> = new Set(["flush", "close", "closed", "name", "isConnected"]);
