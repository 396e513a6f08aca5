import type {
  AggregateDefinition,
  EventDefinition,
  Functions,
  JsonSchema,
  SubscriptionDefinition,
  TopicDefinition,
} from "../../src/runtime/index.js";
import { headerFields } from "./every-type.js";

const record = (fields: Record<string, JsonSchema>): JsonSchema => ({
  type: "object",
  properties: fields,
  required: Object.keys(fields),
  additionalProperties: false,
});
const text = { type: "string" };
const number = { type: "integer", minimum: -100, maximum: 100 };
const branch = (name: string, fields: Record<string, string>) => ({
  type: "record",
  name,
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
});

export const added: EventDefinition<"Added", { amount: number }> = {
  type: "Added",
  versions: [
    { schema: record({ text: text }), upcast: (v1: { text: string }) => ({ amount: v1.text.length }) },
    {
      schema: record({ amount: number }),
      upcast: (v2: { amount: number }, _event, functions: { double(data: object): { amount: number } }) =>
        functions.double(v2),
    },
    { schema: record({ amount: number }) },
  ],
};

export const renamed: EventDefinition<"Renamed", { name: string }> = {
  type: "Renamed",
  versions: [{ schema: record({ name: text }) }],
};

/** Retired: read as two others. */
export const both: EventDefinition<"Both", { amount: number; name: string }> = {
  type: "Both",
  versions: [{ schema: record({ amount: number, name: text }) }],
  becomes: [
    { event: added, version: 3, map: (data: { amount: number }) => ({ amount: data.amount }) },
    { event: renamed, version: 1, map: (data: { name: string }) => ({ name: data.name }) },
  ],
};

export const gone: EventDefinition<"Gone", Record<string, never>> = {
  type: "Gone",
  versions: [{ schema: record({}) }],
  becomes: [],
};

const branches = [
  branch("AddedV1", { text: "string" }),
  branch("AddedV2", { amount: "int" }),
  branch("AddedV3", { amount: "int" }),
  branch("RenamedV1", { name: "string" }),
  branch("BothV1", { amount: "int", name: "string" }),
  branch("GoneV1", {}),
];

/** A model by hand; `known` is how many of its branches this code knows. */
export const smallModel = (encoding: "avro" | "json", known = branches.length, more: readonly object[] = []) => {
  const topic: TopicDefinition = {
    url: "persistent://a/b/counters",
    partitions: 3,
    encoding,
    source: "a.b",
    envelope: {
      type: "record",
      name: "CounterEvent",
      namespace: "a.b",
      fields: [...headerFields, { name: "data", type: [...branches.slice(0, known), ...more] }],
    },
  };
  const counter: AggregateDefinition = {
    name: "Counter",
    key: { name: "counterId", schema: { type: "string", maxLength: 20 } },
    topic,
    events: [added, renamed, both, gone],
  };
  return { topic, counter };
};

export const functions = { double: ({ amount }: { amount: number }) => ({ amount: amount * 2 }) } satisfies Functions;

export const subscription = (more: Partial<SubscriptionDefinition> = {}): SubscriptionDefinition => ({
  name: "s",
  type: "key_shared",
  position: "earliest",
  newer: "park",
  deadLetterTopic: "persistent://a/b/dead",
  retry: { attempts: 3, minBackoff: 100, maxBackoff: 1000 },
  ...more,
});

export { branch };
