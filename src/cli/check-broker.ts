import { visible } from "../diagnostics/visible.js";
import { brokerFindings } from "../evolution/broker/findings.js";
import { type Asked, judge } from "../evolution/broker/judge.js";
import type { Strategy } from "../evolution/broker/predict.js";
import type { AvroLine } from "../evolution/broker/schema.js";
import type { Finding } from "../evolution/finding.js";
import type { Environment, Model } from "../model/model.js";
import { type Admin, adminPath, createAdmin } from "../pulsar/admin.js";
import { isAdminError } from "../pulsar/admin-error.js";
import { desiredState } from "../pulsar/desired.js";
import type { SchemaPayload } from "../pulsar/schema-payload.js";
import { askCompatibility, schemaVersions, topicPath } from "../pulsar/schemas.js";
import { type ConnectionOptions, connectionOf } from "./connection.js";
import { wrongUse } from "./failure.js";
import type { ModelFile } from "./find-model.js";

/**
 * What a broker holds of the model's topics, what it would say to their schemas, and whether what it holds could still be
 * read. `where` is the name of an environment or a URL; without it the options or PULSAR_ADMIN_URL say where the broker is.
 */
export const checkBroker = async (
  where: string | undefined,
  model: Model,
  file: ModelFile,
  options: ConnectionOptions,
): Promise<readonly Finding[]> => {
  const url = where?.includes("://") ? where : undefined;
  const environment = where === undefined || url !== undefined ? undefined : environmentNamed(where, model);
  const connection = url === undefined ? options : { ...options, adminUrl: url };
  const admin = createAdmin(connectionOf(connection, environment, file.folder));
  try {
    const avro = await avroOf(admin);
    const desired = desiredState(model, environment);
    const base = `pulsar${where === undefined ? "" : `:${where}`}`;
    const topics = desired.topics.flatMap(({ name, url: at, schema }) => {
      const topic = model.topics.find((one) => one.name === name);
      return topic === undefined || schema === undefined ? [] : [{ topic, url: at, schema }];
    });
    const found = await Promise.all(
      topics.map(async ({ topic, url: at, schema }) => {
        const { strategy, ...asked } = await ask(admin, at, schema);
        const judgement = judge({ ...asked, ...{ type: schema.type, definition: schema.definition, strategy, avro } });
        return brokerFindings({ topic, url: at, base, strategy, versions: asked.held.length, judgement }, model);
      }),
    );
    return found.flat().map((finding) => accepted(finding, model));
  } finally {
    admin.close();
  }
};

/** What somebody has accepted in the model no longer counts. */
const accepted = (finding: Finding, { accepted: all }: Model): Finding => {
  const acceptance = finding.level === "info" ? undefined : all.find((one) => one.finding === finding.fingerprint);
  return acceptance === undefined ? finding : { ...finding, accepted: acceptance.reason };
};

const environmentNamed = (name: string, model: Model): Environment => {
  const environment = model.environments.find((one) => one.name === name);
  if (environment !== undefined) return environment;
  const names = model.environments.map((one) => one.name);
  const known = names.length === 0 ? "It has none." : `It has ${names.join(", ")}.`;
  throw wrongUse(`The model has no environment "${visible(name)}". ${known} A URL begins with http:// or https://.`);
};

/** Which Avro library the broker brings. */
const avroOf = async (admin: Admin): Promise<AvroLine> => {
  const [major = 0, minor = 0] = (await admin.text("brokers/version")).split(".").map(Number);
  return major > 4 || (major === 4 && minor >= 2) ? "1.12" : "1.11";
};

const ask = async (
  admin: Admin,
  topic: string,
  schema: SchemaPayload,
): Promise<Pick<Asked, "held" | "strategy" | "answered">> => {
  const held = await schemaVersions(admin, topic);
  // It takes any first one, and is not asked, since its namespace may not be there either.
  if (held.length === 0) return { held, answered: { accepts: true }, strategy: "UNDEFINED" };
  const answer = await broker(admin, topic, schema);
  const strategy = "strategy" in answer ? answer.strategy : await strategyOf(admin, topic);
  return { held, answered: answer, strategy: strategy as Strategy };
};

/** The broker's answer. That it fails over a schema is one, too. */
const broker = async (
  admin: Admin,
  topic: string,
  schema: SchemaPayload,
): Promise<
  { readonly accepts: true; readonly strategy: string } | { readonly accepts: false; readonly reason: string }
> => {
  try {
    const answer = await askCompatibility(admin, topic, schema);
    return answer.compatible ? { accepts: true, strategy: answer.strategy } : { accepts: false, reason: answer.reason };
  } catch (thrown) {
    if (!isAdminError(thrown) || thrown.admin.status !== 500) throw thrown;
    return { accepts: false, reason: `it failed: ${thrown.admin.reason}` };
  }
};

/** The strategy that the broker goes by: of the topic, or of its namespace, or its own. */
const strategyOf = async (admin: Admin, topic: string): Promise<string> => {
  const applied = await admin.find<string>(`persistent/${topicPath(topic)}/schemaCompatibilityStrategy`, {
    applied: true,
  });
  if (applied !== undefined) return applied;
  const [tenant = "", namespace = ""] = topic.replace(/^persistent:\/\//, "").split("/");
  const own = await admin.find<string>(adminPath`namespaces/${tenant}/${namespace}/schemaCompatibilityStrategy`);
  return own === undefined || own === "UNDEFINED" ? "FULL" : own;
};
