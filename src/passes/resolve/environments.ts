import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Environment, Topic } from "../../model/model.js";
import type { Context } from "./context.js";
import type { MergedSource, Placed } from "./merge.js";
import { resolvePulsar } from "./pulsar.js";
import type { SourceEnvironment } from "./source.js";

/** The environments, each with complete settings of Pulsar. */
export const resolveEnvironments = (
  merged: MergedSource,
  topics: ReadonlySet<Topic>,
  context: Context,
): readonly Environment[] => {
  const environments = [...merged.environments].map(([name, placed]) =>
    resolveOne(name, placed, merged, topics, context),
  );
  const seen = new Map<string, Environment>();
  for (const one of environments) {
    const { adminUrl, pulsar, place } = one;
    if (adminUrl === undefined) continue;
    const namespace = `${pulsar.tenant}/${pulsar.namespace}`;
    const key = `${adminUrl.replace(/\/+$/, "")} ${namespace}`;
    const other = seen.get(key);
    if (other === undefined) seen.set(key, one);
    else
      context.report("environment-clash", { one: one.name, other: other.name, namespace }, keyOf(place), {
        related: [{ message: `${other.name} is here.`, place: keyOf(other.place) }],
      });
  }
  return environments;
};

const resolveOne = (
  name: string,
  placed: Placed<SourceEnvironment>,
  merged: MergedSource,
  topics: ReadonlySet<Topic>,
  context: Context,
): Environment => {
  const { source, place } = placed;
  const { description, adminUrl, serviceUrl, websocketUrl } = source;
  const token = tokenOf(source);
  const tls = tlsOf(placed, context);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(adminUrl === undefined ? {} : { adminUrl }),
    ...(serviceUrl === undefined ? {} : { serviceUrl }),
    ...(websocketUrl === undefined ? {} : { websocketUrl }),
    ...(token === undefined ? {} : { token }),
    ...(tls === undefined ? {} : { tls }),
    drafts: source.drafts ?? false,
    pulsar: resolvePulsar(merged, context, placed),
    partitions: partitionsOf(placed, topics, context),
    place,
  };
};

const tokenOf = ({ token }: SourceEnvironment): Environment["token"] => {
  if (token?.env !== undefined) return { kind: "env", name: token.env };
  return token?.file === undefined ? undefined : { kind: "file", name: token.file };
};

const tlsOf = ({ source, place }: Placed<SourceEnvironment>, context: Context): Environment["tls"] => {
  if (source.tls === undefined) return undefined;
  const { ca, cert, key, insecure = false } = source.tls;
  const [has, lacks] = cert === undefined ? ["key", "cert"] : ["cert", "key"];
  if ((cert === undefined) !== (key === undefined))
    context.report("environment-tls", { has, lacks }, keyOf(under(place, "tls", has)));
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    insecure,
  };
};

const partitionsOf = (
  { source, place }: Placed<SourceEnvironment>,
  topics: ReadonlySet<Topic>,
  context: Context,
): ReadonlyMap<string, number> => {
  const { partitions } = source;
  if (partitions === undefined) return new Map();
  const names = [...topics].map((topic) => topic.name);
  if (typeof partitions === "number") return new Map(names.map((name) => [name, partitions]));
  for (const name of Object.keys(partitions)) {
    if (names.includes(name)) continue;
    const suggestion = context.suggest(name, names);
    context.report("environment-topic", { name, suggestion }, keyOf(under(place, "partitions", name)));
  }
  return new Map(Object.entries(partitions));
};
