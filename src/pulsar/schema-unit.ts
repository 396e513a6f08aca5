import type { DesiredState, DesiredTopic } from "./desired.js";
import { namespacePath } from "./namespace-units.js";
import { readPolicies } from "./policies.js";
import type { SchemaPayload } from "./schema-payload.js";
import { schemaState } from "./schema-state.js";
import { askCompatibility, registerSchema } from "./schemas.js";
import { equal, type Unit } from "./unit.js";

/** The schema of a topic. The broker is asked first whether it would take it. */
export const schemaUnit = (topic: DesiredTopic, schema: SchemaPayload, desired: DesiredState): Unit => ({
  kind: "schema",
  name: topic.name,
  compare: async (reader) => {
    const write = () => registerSchema(reader.admin, topic.url, schema);
    const state = await schemaState(reader, topic.url, schema);
    if (state.kind === "none") return { kind: "differs", action: "create", to: { type: schema.type }, write };
    if (state.kind === "latest") return equal();
    const { latest } = state;
    if (state.kind === "superseded")
      return equal(`It is version ${state.version}; somebody has registered version ${latest.version} after it.`);
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
