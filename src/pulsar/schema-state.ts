import { parseDefinition } from "../evolution/broker/definition.js";
import { equal } from "../evolution/broker/equal.js";
import type { SchemaPayload } from "./schema-payload.js";
import { latestSchema, type RegisteredSchema, type SchemaFinder, schemaVersions } from "./schemas.js";

/** How what a broker holds for a topic stands to a schema; the numbers are versions on the broker. */
export type SchemaState =
  /** It holds none at all. */
  | { readonly kind: "none" }
  | { readonly kind: "latest"; readonly version: number }
  /** It holds it, and another one that was registered later. */
  | { readonly kind: "superseded"; readonly version: number; readonly latest: RegisteredSchema }
  /** It does not hold it. */
  | { readonly kind: "other"; readonly latest: RegisteredSchema };

export const schemaState = async (finder: SchemaFinder, topic: string, schema: SchemaPayload): Promise<SchemaState> => {
  const latest = await latestSchema(finder, topic);
  if (latest === undefined) return { kind: "none" };
  if (isSame(latest, schema)) return { kind: "latest", version: latest.version };
  const older = (await schemaVersions(finder, topic)).findLast((one) => isSame(one, schema));
  return older === undefined ? { kind: "other", latest } : { kind: "superseded", version: older.version, latest };
};

/** Whether a broker takes one for the other. In this the versions of its Avro library do not differ. */
const isSame = (held: RegisteredSchema, { type, definition }: SchemaPayload): boolean => {
  if (held.type !== type) return false;
  if (held.definition === definition) return true;
  const [a, b] = [held.definition, definition].map((text) => parseDefinition(text, { avro: "1.11", defaults: false }));
  return a !== undefined && b !== undefined && "schema" in a && "schema" in b && equal(a.schema, b.schema);
};
