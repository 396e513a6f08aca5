import type { DesiredState, DesiredTopic } from "./desired.js";
import { namespacePath } from "./namespace-units.js";
import { readPolicies } from "./policies.js";
import { type SchemaPayload, samePayload } from "./schema-payload.js";
import { askCompatibility, latestSchema, registerSchema, schemaVersions } from "./schemas.js";
import { equal, type Unit } from "./unit.js";

/** The schema of a topic. The broker is asked first whether it would take it. */
export const schemaUnit = (topic: DesiredTopic, schema: SchemaPayload, desired: DesiredState): Unit => ({
  kind: "schema",
  name: topic.name,
  compare: async (reader) => {
    const write = () => registerSchema(reader.admin, topic.url, schema);
    const latest = await latestSchema(reader, topic.url);
    if (latest === undefined) return { kind: "differs", action: "create", to: { type: schema.type }, write };
    if (samePayload(latest, schema)) return equal();
    const older = (await schemaVersions(reader, topic.url)).findLast((one) => samePayload(one, schema));
    if (older !== undefined)
      return equal(`It is version ${older.version}; somebody has registered version ${latest.version} after it.`);
    const change = {
      kind: "differs",
      action: "change",
      from: { type: latest.type, version: latest.version },
      to: { type: schema.type, after: latest.version },
      write,
    } as const;
    const strategy = (await readPolicies(reader, namespacePath(desired)))["schema_compatibility_strategy"];
    if (strategy !== desired.namespace.policies.compatibility)
      return { ...change, note: "The broker is asked whether it is compatible once the strategy has been set." };
    const answer = await askCompatibility(reader.admin, topic.url, schema);
    if (answer.compatible) return change;
    return { ...change, blocked: `The broker does not take it after version ${latest.version}: ${answer.reason}.` };
  },
});
