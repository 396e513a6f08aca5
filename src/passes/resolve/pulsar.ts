import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { CompatibilityStrategy, PulsarSettings, Rate } from "../../model/model.js";
import type { Context } from "./context.js";
import type { MergedSource, Placed } from "./merge.js";
import { checkPulsarName } from "./pulsar-name.js";
import type { SourceEnvironment, SourcePulsar, SourceRate } from "./source.js";
import { bytes, milliseconds } from "./units.js";

/**
 * The settings of Pulsar, each with its default where nothing is said. What an environment says wins over what is said
 * for all of them.
 */
export const resolvePulsar = (
  merged: MergedSource,
  context: Context,
  environment?: Placed<SourceEnvironment>,
): PulsarSettings => {
  const general = merged.pulsar?.source ?? {};
  const { source: special, place: specialPlace } = environment ?? {};
  const source: SourcePulsar = { ...general, ...special };
  const place: Place = merged.pulsar?.place ?? { file: merged.system.place.file, path: ["pulsar"] };
  const at = (key: keyof SourcePulsar): Place =>
    under(
      special !== undefined && specialPlace !== undefined && Object.hasOwn(special, key) ? specialPlace : place,
      key,
    );
  const tenant = source.tenant ?? merged.system.source;
  const namespace = source.namespace ?? "default";
  checkPulsarName("tenant", tenant, source.tenant === undefined ? merged.system.place : at("tenant"), context);
  checkPulsarName("namespace", namespace, at("namespace"), context);

  const retention = resolveRetention(source.retention, at("retention"), context);
  const backlogQuota = resolveBacklogQuota(source.backlogQuota, retention, at("backlogQuota"), context);
  const publishRate = resolveRate("publishRate", source.publishRate, at("publishRate"), context);
  const dispatchRate = resolveRate("dispatchRate", source.dispatchRate, at("dispatchRate"), context);
  const offload = resolveOffload(source.offload, at("offload"), context);
  const { persistence } = source;
  if (persistence !== undefined) checkPersistence(persistence, at("persistence"), context);
  return {
    tenant,
    namespace,
    encoding: source.encoding ?? "avro",
    retention,
    deduplication: source.deduplication ?? true,
    compatibility: resolveCompatibility(source.compatibility, at("compatibility"), context),
    websocketProducers: source.websocketProducers ?? false,
    clusters: resolveClusters(source.clusters, at("clusters"), context),
    adminRoles: resolveAdminRoles(source.adminRoles, at("adminRoles"), context),
    permissions: resolvePermissions(source.permissions, at("permissions"), context),
    ...(backlogQuota === undefined ? {} : { backlogQuota }),
    ...(publishRate === undefined ? {} : { publishRate }),
    ...(dispatchRate === undefined ? {} : { dispatchRate }),
    ...(persistence === undefined ? {} : { persistence }),
    ...(offload === undefined ? {} : { offload }),
    limits: source.limits ?? {},
    ...(merged.pulsar === undefined ? {} : { place }),
  };
};

const resolveRetention = (
  retention: SourcePulsar["retention"],
  place: Place,
  context: Context,
): PulsarSettings["retention"] => {
  if (retention === undefined || retention === "forever") return "forever";
  const minutes = limitOf("time", retention.time, 60_000, milliseconds, under(place, "time"), context);
  const mebibytes = limitOf("size", retention.size, 2 ** 20, bytes, under(place, "size"), context);
  return { minutes: minutes ?? -1, mebibytes: mebibytes ?? -1 };
};

/** A limit of the retention in Pulsar's own units, rounded up; undefined for none. */
const limitOf = (
  what: "time" | "size",
  text: string | undefined,
  unit: number,
  parse: (text: string) => number | undefined,
  place: Place,
  context: Context,
): number | undefined => {
  if (text === undefined) return undefined;
  const amount = parse(text);
  const rounded = amount === undefined ? undefined : Math.ceil(amount / unit);
  if (rounded !== undefined && rounded > 0 && rounded < 2 ** 31) return rounded;
  const problem =
    rounded === 0 ? "keeps nothing" : amount === undefined ? `is no ${what}` : "is more than Pulsar can hold";
  context.report("setting-value", { setting: `retention.${what}`, value: text, problem }, place);
  return undefined;
};

const resolveBacklogQuota = (
  source: SourcePulsar["backlogQuota"],
  retention: PulsarSettings["retention"],
  place: Place,
  context: Context,
): PulsarSettings["backlogQuota"] => {
  if (source === undefined) return undefined;
  const size = positive("backlogQuota.size", source.size, bytes, under(place, "size"), context);
  const time = positive("backlogQuota.time", source.time, milliseconds, under(place, "time"), context);
  const seconds = time === undefined ? undefined : Math.ceil(time / 1000);
  if (retention !== "forever") {
    const { minutes, mebibytes } = retention;
    if (size !== undefined && mebibytes > 0 && size >= mebibytes * 2 ** 20) {
      context.report("backlog-quota", { limit: "size" }, under(place, "size"));
    }
    if (seconds !== undefined && minutes > 0 && seconds >= minutes * 60) {
      context.report("backlog-quota", { limit: "time" }, under(place, "time"));
    }
  }
  return {
    ...(size === undefined ? {} : { bytes: size }),
    ...(seconds === undefined ? {} : { seconds }),
    policy: source.policy === "producer-exception" ? "producer_exception" : "producer_request_hold",
  };
};

const positive = (
  setting: string,
  text: string | undefined,
  parse: (text: string) => number | undefined,
  place: Place,
  context: Context,
): number | undefined => {
  if (text === undefined) return undefined;
  const amount = parse(text);
  if (amount !== undefined && amount > 0 && Number.isFinite(amount)) return amount;
  context.report(
    "setting-value",
    { setting, value: text, problem: amount === 0 ? "lets nothing wait" : "is too much" },
    place,
  );
  return undefined;
};

const resolveRate = (
  setting: string,
  source: SourceRate | undefined,
  place: Place,
  context: Context,
): Rate | undefined => {
  if (source === undefined) return undefined;
  const { messages } = source;
  const size = positive(`${setting}.size`, source.size, bytes, under(place, "size"), context);
  return { ...(messages === undefined ? {} : { messages }), ...(size === undefined ? {} : { bytes: size }) };
};

const resolveOffload = (source: SourcePulsar["offload"], place: Place, context: Context): PulsarSettings["offload"] => {
  if (source === undefined) return undefined;
  const size = positive("offload.size", source.size, bytes, under(place, "size"), context);
  const after = positive("offload.after", source.after, milliseconds, under(place, "after"), context);
  return {
    ...(size === undefined ? {} : { bytes: size }),
    ...(after === undefined ? {} : { seconds: Math.ceil(after / 1000) }),
  };
};

const checkPersistence = (
  { ensemble, writeQuorum, ackQuorum }: NonNullable<PulsarSettings["persistence"]>,
  place: Place,
  context: Context,
): void => {
  if (writeQuorum > ensemble)
    context.report("persistence-order", { more: "writeQuorum", than: "ensemble" }, under(place, "writeQuorum"));
  if (ackQuorum > writeQuorum)
    context.report("persistence-order", { more: "ackQuorum", than: "writeQuorum" }, under(place, "ackQuorum"));
};

const resolveCompatibility = (text: string | undefined, place: Place, context: Context): CompatibilityStrategy => {
  const strategy = strategies.get(text ?? "") ?? "BACKWARD_TRANSITIVE";
  const refusesGrowth = strategy.startsWith("FORWARD") || strategy.startsWith("FULL");
  if (refusesGrowth) context.report("compatibility-growth", { strategy: text ?? "" }, place);
  return strategy;
};

const strategies: ReadonlyMap<string, CompatibilityStrategy> = new Map([
  ["always-compatible", "ALWAYS_COMPATIBLE"],
  ["backward", "BACKWARD"],
  ["backward-transitive", "BACKWARD_TRANSITIVE"],
  ["forward", "FORWARD"],
  ["forward-transitive", "FORWARD_TRANSITIVE"],
  ["full", "FULL"],
  ["full-transitive", "FULL_TRANSITIVE"],
]);

const resolveClusters = (source: readonly string[] | undefined, place: Place, context: Context): readonly string[] => {
  for (const [index, name] of (source ?? []).entries()) checkPulsarName("cluster", name, under(place, index), context);
  return source ?? ["standalone"];
};

const resolveAdminRoles = (
  source: readonly string[] | undefined,
  place: Place,
  context: Context,
): readonly string[] => {
  for (const [index, role] of (source ?? []).entries()) checkRole(role, under(place, index), context);
  return source ?? [];
};

const resolvePermissions = (
  source: SourcePulsar["permissions"],
  place: Place,
  context: Context,
): PulsarSettings["permissions"] =>
  Object.entries(source ?? {}).map(([role, actions]) => {
    checkRole(role, keyOf(under(place, role)), context);
    return { role, actions: [...new Set(actions)] };
  });

/** Roles are what an authentication provider says; only what a list of them cannot hold is refused. */
const checkRole = (role: string, place: Place, context: Context): void => {
  const problem = roleProblem(role);
  if (problem !== undefined) context.report("pulsar-name", { what: "role", name: role, problem }, place);
};

const roleProblem = (role: string): string | undefined => {
  if (role.trim() !== role || role === "") return "it is empty, or has white space around it";
  if (role.startsWith("-")) return "it would be taken as an option when it starts with a dash";
  if (role.includes(",")) return "lists of roles are separated by commas";
  return /[\p{Cc}\u2028\u2029\p{Surrogate}]/u.test(role) ? "it holds a control character" : undefined;
};
