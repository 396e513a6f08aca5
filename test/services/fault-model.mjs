// A model by hand, for the tests of faults: one event, whose second version an old consumer does not know.
const text = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
const branch = (version) => ({
  type: "record",
  name: `RenamedV${version}`,
  fields: [{ name: "name", type: "string" }],
});
const fields = [
  { name: "id", type: "string" },
  { name: "type", type: "string" },
  { name: "version", type: "int" },
  { name: "aggregateId", type: "string" },
  { name: "sequence", type: ["null", "long"], default: null },
  { name: "time", type: { type: "long", logicalType: "timestamp-millis" } },
  { name: "correlationId", type: ["null", "string"], default: null },
  { name: "causationId", type: ["null", "string"], default: null },
  { name: "metadata", type: { type: "map", values: "string" } },
];
const url = process.env.FAULT_TOPIC ?? "";

export const deadLetterTopic = `${url}-s-dlq`;

const topicOf = (versions) => ({
  url,
  partitions: 4,
  encoding: "avro",
  source: "a.b",
  envelope: {
    type: "record",
    name: "CounterEvent",
    namespace: "a.b",
    fields: [...fields, { name: "data", type: [1, 2].slice(0, versions).map(branch) }],
  },
});
export const topic = topicOf(1);

/** As code knows it that is so new. */
const renamed = (versions) => ({
  type: "Renamed",
  versions: versions === 1 ? [{ schema: text }] : [{ schema: text, upcast: (data) => data }, { schema: text }],
});
export const counter = (versions, at = url) => ({
  name: "Counter",
  key: { name: "id", schema: { type: "string" } },
  topic: { ...topicOf(versions), url: at },
  events: [renamed(versions)],
});
