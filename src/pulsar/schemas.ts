import type { Admin } from "./admin.js";
import { adminPath, saysIncompatible } from "./admin.js";
import { adminError } from "./admin-error.js";
import type { SchemaPayload } from "./schema-payload.js";

export interface RegisteredSchema {
  readonly version: number;
  /** AVRO and JSON are ours; others are somebody's: STRING, PROTOBUF, NONE … */
  readonly type: string;
  /** As it was registered, byte for byte. */
  readonly definition: string;
}

export type CompatibilityAnswer =
  | { readonly compatible: true; readonly strategy: string }
  /** `reason` is the broker's, on one line. */
  | { readonly compatible: false; readonly reason: string };

/** The newest schema of a topic (persistent://tenant/namespace/name); undefined when it has none. */
export const latestSchema = async (admin: SchemaFinder, topic: string): Promise<RegisteredSchema | undefined> => {
  const found = await admin.find<StoredSchema>(`schemas/${topicPath(topic)}/schema`);
  return found === undefined ? undefined : registered(found);
};

/** All schemas of a topic, oldest first; none when it has none. */
export const schemaVersions = async (admin: SchemaFinder, topic: string): Promise<readonly RegisteredSchema[]> => {
  const found = await admin.find<{ readonly getSchemaResponses: readonly StoredSchema[] }>(
    `schemas/${topicPath(topic)}/schemas`,
  );
  return (found?.getSchemaResponses ?? []).map(registered);
};

/**
 * Whether the broker would take a schema under the strategy that it holds for the topic. It says yes to the first schema
 * of a topic, and needs the right to administrate the tenant.
 */
export const askCompatibility = async (
  admin: Admin,
  topic: string,
  payload: SchemaPayload,
): Promise<CompatibilityAnswer> => {
  const path = `schemas/${topicPath(topic)}/compatibility`;
  const answer = await admin.call("POST", path, { body: bodyOf(payload), accept: [409, 422, 500] });
  if (answer.status < 400) {
    const { compatibility, schemaCompatibilityStrategy } = answer.value as {
      readonly compatibility: boolean;
      readonly schemaCompatibilityStrategy: string;
    };
    if (compatibility) return { compatible: true, strategy: schemaCompatibilityStrategy };
    return { compatible: false, reason: `it is not compatible under ${schemaCompatibilityStrategy}` };
  }
  if (answer.status !== 500 || saysIncompatible(answer.text))
    return { compatible: false, reason: withoutSchemas(answer.reason) };
  throw adminError({
    kind: "refused",
    method: "POST",
    url: `${admin.url}/admin/v2/${path}`,
    status: answer.status,
    reason: answer.reason,
  });
};

/** Registers a schema and gives its version: an old one when the broker has an equal schema already. */
export const registerSchema = async (admin: Admin, topic: string, payload: SchemaPayload): Promise<number> => {
  const answer = await admin.call("POST", `schemas/${topicPath(topic)}/schema`, { body: bodyOf(payload) });
  return (answer.value as { readonly version: { readonly version: number } }).version.version;
};

/** tenant/namespace/name of a topic's URL, as it stands in paths. */
export const topicPath = (url: string): string => {
  const [tenant = "", namespace = "", name = ""] = url.replace(/^persistent:\/\//, "").split("/");
  return adminPath`${tenant}/${namespace}/${name}`;
};

/** An admin API, or a reader that remembers what it was asked. */
export interface SchemaFinder {
  readonly find: <T>(path: string) => Promise<T | undefined>;
}

interface StoredSchema {
  readonly version: number;
  readonly type: string;
  readonly data: string;
}

const registered = ({ version, type, data }: StoredSchema): RegisteredSchema => ({ version, type, definition: data });

const bodyOf = ({ type, definition }: SchemaPayload) => ({ type, schema: definition, properties: {} });

/** The broker quotes both schemas in full. */
const withoutSchemas = (reason: string): string =>
  reason
    .replace(/\s*:?\s*\{[\s\S]*$/, "")
    .replace(/(?:[a-z]\w*\.)+(\w+Exception): /g, "")
    .trim();
