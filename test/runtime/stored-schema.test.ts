import fc from "fast-check";
import { expect, test } from "vitest";
import type { AggregateDefinition, EventDefinition, EventHeader, JsonSchema } from "../../src/runtime/index.js";
import { createCodec } from "../../src/runtime/index.js";
import { envelopeOf } from "../../src/runtime/shape.js";
import { storedSchema } from "../../src/runtime/stored-schema.js";
import { loadChecks } from "../../src/runtime/validator.js";
import { headerFields } from "./every-type.js";

const line: JsonSchema = {
  type: "object",
  properties: {
    sku: { type: "string", pattern: "^[a-z]{2,}$" },
    count: { type: "integer", minimum: 1, maximum: 5 },
    on: { type: "string", format: "date" },
  },
  required: ["sku", "count"],
  additionalProperties: false,
};
const schema: JsonSchema = {
  type: "object",
  properties: {
    at: { type: "string", format: "timestamp" },
    main: line,
    lines: { type: "array", items: line, maxItems: 2 },
    notes: { type: "object", map: true, additionalProperties: line },
    perhaps: line,
  },
  required: ["at", "main", "lines", "notes"],
  additionalProperties: false,
};
const lineRecord = {
  type: "record",
  name: "Line",
  fields: [
    { name: "sku", type: "string" },
    { name: "count", type: "int" },
    { name: "on", type: ["null", { type: "int", logicalType: "date" }], default: null },
  ],
};
const topicOf = (fields: readonly object[]) => ({
  url: "persistent://a/b/lines",
  partitions: 0,
  encoding: "avro" as const,
  source: "a.b",
  envelope: {
    type: "record",
    name: "LineEvent",
    namespace: "a.b",
    fields: [...headerFields, { name: "data", type: [{ type: "record", name: "LinesSentV1", fields }] }],
  },
});
const fields = [
  { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
  { name: "main", type: lineRecord },
  { name: "lines", type: { type: "array", items: "a.b.Line" } },
  { name: "notes", type: { type: "map", values: "a.b.Line" } },
  { name: "perhaps", type: ["null", "a.b.Line"], default: null },
];
const topic = topicOf(fields);
const codecOf = async (its: JsonSchema) => {
  const event: EventDefinition = { type: "LinesSent", versions: [{ schema: its }] };
  const aggregate: AggregateDefinition = {
    ...{ name: "Lines", topic, events: [event] },
    key: { name: "id", schema: { type: "string" } },
  };
  return { event, codec: await createCodec({ topic, aggregates: [aggregate] }) };
};
const header: EventHeader = {
  ...{ id: "1", type: "LinesSent", version: 1, aggregateId: "1", sequence: 1, time: "2026-01-01T00:00:00.000Z" },
  ...{ correlationId: undefined, causationId: undefined, metadata: {} },
};

const date = fc
  .date({ min: new Date("0001-01-01"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true })
  .map((one) => one.toISOString());
const anyLine = fc.record(
  {
    sku: fc.oneof(fc.stringMatching(/^[a-z]{0,3}$/), fc.string()),
    count: fc.integer({ min: 0, max: 6 }),
    on: date.map((one) => one.slice(0, 10)),
  },
  { requiredKeys: ["sku", "count"] },
);
const anyData = fc.record(
  {
    at: date,
    main: anyLine,
    lines: fc.array(anyLine, { maxLength: 3 }),
    notes: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), anyLine, { maxKeys: 2 }),
    perhaps: anyLine,
  },
  { requiredKeys: ["at", "main", "lines", "notes"] },
);

test("what is stored is refused for the same reasons as what is written", async () => {
  const strict = await codecOf(schema);
  const lax = await codecOf({});
  const all = (await loadChecks([{ schema }]))({ schema });
  let refused = 0;
  fc.assert(
    fc.property(anyData, (data) => {
      const payload = lax.codec.encode(lax.event, header, data);
      const read = lax.codec.decode(payload);
      if (read.kind !== "events") throw new Error(JSON.stringify(read));
      const problems = all(read.events[0]?.data);
      const found = strict.codec.decode(payload);
      if (problems.length > 0) refused++;
      expect(found.kind === "invalid" ? found.problems : []).toEqual(problems);
    }),
    { numRuns: 1000 },
  );
  expect(refused).toBeGreaterThan(100);
});

test("only what reading sees to is left out, and a schema of other fields stays whole", () => {
  const shapeOf = (its: readonly object[]) => {
    const [branch] = envelopeOf(topicOf(its)).branches;
    if (branch === undefined) throw new Error("no branch");
    return branch;
  };
  const stored = storedSchema(schema, shapeOf(fields));
  expect(JSON.stringify(stored)).not.toMatch(/"additionalProperties":false|"format"/);
  expect(storedSchema(schema, shapeOf(fields))).toBe(stored);
  const more = [...fields, { name: "more", type: "string" }];
  expect(storedSchema(schema, shapeOf(more))).toEqual(schema);
  const timeAsText = [{ name: "at", type: "string" }, ...fields.slice(1)];
  expect(JSON.stringify(storedSchema(schema, shapeOf(timeAsText)))).toContain('"format":"timestamp"');
});
