import * as fc from "fast-check";
import type { EventHeader, JsonSchema } from "../runtime/definitions.js";
import { arbitraryOf, moments } from "./arbitrary-value.js";
import { typeOfSchema } from "./type-of-schema.js";

/** Headers of stored events: with and without what is optional. */
export const arbitraryHeader = (key: JsonSchema, type: string, version: number): fc.Arbitrary<EventHeader> =>
  fc
    .record({
      aggregateId: arbitraryOf(typeOfSchema(key), "number").filter((id) => id !== ""),
      id: fc.uuid({ version: 7 }),
      time: moments(),
      sequence: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
      correlationId: fc.option(fc.uuid(), { nil: undefined }),
      causationId: fc.option(fc.uuid(), { nil: undefined }),
      metadata: fc.oneof(fc.constant({}), fc.constant({ actor: "alice" })),
    })
    .map((header) => ({ ...header, aggregateId: String(header.aggregateId), type, version }));

/** The plainest header of an event of the aggregate. */
export const plainHeader = ({ type, version, aggregateId }: EventHeader): EventHeader => ({
  id: "0190b5a0-0000-7000-8000-000000000001",
  ...{ type, version, aggregateId },
  time: "2026-01-05T10:00:00.000Z",
  sequence: 1,
  metadata: {},
});
