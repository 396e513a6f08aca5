import type { Place } from "../../../src/diagnostics/diagnostic.js";
import type {
  Aggregate,
  Consumer,
  Event,
  EventVersion,
  Model,
  PulsarSettings,
  Topic,
} from "../../../src/model/model.js";
import type { Identifier } from "../../../src/model/names.js";
import type { Field, NamedType, RecordType, Type } from "../../../src/model/type.js";

/** A small model, made by hand so that these tests need nothing but the targets: one topic, two events, one consumer. */
export const shop = (
  change: {
    readonly description?: string;
    readonly pulsar?: Partial<PulsarSettings>;
    readonly model?: Partial<Model>;
  } = {},
): Model => {
  const pulsar: PulsarSettings = {
    tenant: "shop",
    namespace: "sales",
    encoding: "avro",
    retention: "forever",
    deduplication: true,
    compatibility: "BACKWARD_TRANSITIVE",
    websocketProducers: false,
    clusters: ["standalone"],
    adminRoles: [],
    limits: {},
    permissions: [{ role: "shop-orders", actions: ["produce", "consume"] }],
    ...change.pulsar,
  };
  const events: Event[] = [];
  const topic: Mutable<Topic> = {
    name: "orders",
    url: `persistent://${pulsar.tenant}/${pulsar.namespace}/orders`,
    partitions: 4,
    envelope: "OrderEvent" as Identifier,
    aggregates: [],
    branches: [],
    place,
  };
  const order: Aggregate = {
    name: "Order" as Identifier,
    key: { name: "orderId" as Identifier, type: { kind: "uuid" } },
    topic,
    events,
    commands: [],
    scenarios: [],
    functions: [],
    place,
  };
  events.push(
    event(order, "OrderPlaced", [[field("customer", string)], [field("total", money), field("note", string, true)]]),
  );
  events.push(
    event(order, "OrderCancelled", [
      [field("reason", { kind: "enum", name: "Reason" as Identifier, values: ["stock", "fraud"] })],
    ]),
  );
  topic.aggregates = [order];
  topic.branches = events.flatMap((one) => one.versions);
  return {
    system: "shop",
    ...(change.description === undefined ? {} : { description: change.description }),
    long: "number",
    pulsar,
    environments: [],
    types: [moneyType],
    aggregates: [order],
    topics: [topic],
    projections: [],
    consumers: [warehouse(order)],
    generate: { out: "generated", targets: ["schemas", "pulsar-admin"], validators: "compiled" },
    verify: {},
    accepted: [],
    place: { file: "model.yaml", path: [] },
    ...change.model,
  };
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const place: Place = { file: "model.yaml", path: [] };
const string: Type = { kind: "string" };
const field = (name: string, type: Type, optional = false): Field => ({ name, type, optional, pii: false, place });
const moneyType: NamedType = {
  name: "Money" as Identifier,
  type: {
    kind: "record",
    name: "Money" as Identifier,
    fields: [field("amount", { kind: "decimal", precision: 12, scale: 2 }), field("currency", string)],
  },
  place,
};
const money: Type = { kind: "reference", to: moneyType };

const event = (aggregate: Aggregate, name: string, versions: readonly (readonly Field[])[]): Event => {
  const all: EventVersion[] = [];
  const one: Mutable<Event> = {
    name: name as Identifier,
    aggregate,
    versions: all,
    current: undefined as unknown as EventVersion,
    place,
  };
  versions.forEach((fields, index) => {
    const full = `${name}V${index + 1}` as Identifier;
    const type: RecordType = { kind: "record", name: full, fields };
    all.push({ event: one, number: index + 1, name: full, type, place });
  });
  one.current = all.at(-1) as EventVersion;
  return one;
};

const warehouse = (aggregate: Aggregate): Consumer => ({
  name: "Warehouse" as Identifier,
  aggregates: [aggregate],
  events: aggregate.events,
  subscription: {
    name: "warehouse",
    type: "key_shared",
    topics: [aggregate.topic],
    position: "earliest",
    newer: "park",
    deadLetter: {
      name: "orders-warehouse-dlq",
      url: `${aggregate.topic.url}-warehouse-dlq`,
      subscription: "evgen-dlq",
    },
  },
  retry: { attempts: 5, minBackoff: 1000, maxBackoff: 60_000 },
  functions: [],
  place,
});
