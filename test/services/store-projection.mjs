// Rows that count the events of a stream, and keep their numbers in the order in which they were applied.
export const projectionOf = (aggregate, table) => ({
  ...{
    name: "Renames",
    table,
    version: 1,
    store: "memory",
    aggregates: [aggregate],
    key: ["id"],
    indexes: [["total"]],
  },
  subscription: {
    ...{ name: table, type: "failover", position: "earliest", newer: "park" },
    ...{ deadLetterTopic: `persistent://a/b/${table}-dlq`, retry: { attempts: 2, minBackoff: 1, maxBackoff: 1 } },
  },
  fingerprint: "0123456789abcdef",
  columns: {
    id: { name: "id", type: "string" },
    total: { name: "total", type: "int" },
    names: { name: "names", type: "json" },
  },
  row: {
    type: "object",
    properties: { total: { type: "integer" }, names: { type: "array", items: { type: "string" } } },
    required: ["total", "names"],
    additionalProperties: false,
  },
  initial: { total: 0, names: [] },
  on: {
    Renamed: ({ aggregateId, data }) => ({
      key: { id: aggregateId },
      increment: { total: 1 },
      append: { names: data.name },
    }),
  },
});
