import { adminPath } from "./admin.js";
import { type DesiredState, ownerProperty } from "./desired.js";
import { foreignTopics } from "./foreign-topics.js";
import { readPolicies } from "./policies.js";
import { equal, sameJson, type Unit } from "./unit.js";

interface BrokerTenant {
  readonly adminRoles: readonly string[];
  readonly allowedClusters: readonly string[];
}

/** The tenant, with at least these clusters and admin roles: others may share it, so theirs stay. */
export const tenantUnit = ({ tenant }: DesiredState): Unit => ({
  kind: "tenant",
  name: tenant.name,
  compare: async ({ admin, find }) => {
    const path = adminPath`tenants/${tenant.name}`;
    const present = await find<BrokerTenant>(path);
    const to = {
      adminRoles: union(present?.adminRoles, tenant.adminRoles),
      allowedClusters: union(present?.allowedClusters, tenant.clusters),
    };
    if (present === undefined)
      return { kind: "differs", action: "create", to, write: () => admin.call("PUT", path, { body: to }) };
    const from = { adminRoles: [...present.adminRoles].sort(), allowedClusters: [...present.allowedClusters].sort() };
    if (sameJson(from, to)) return equal();
    return { kind: "differs", action: "change", from, to, write: () => admin.call("POST", path, { body: to }) };
  },
});

/** The namespace, replicated at least to these clusters. */
export const namespaceUnit = (desired: DesiredState): Unit => ({
  kind: "namespace",
  name: desired.namespace.name,
  compare: async (reader) => {
    const path = namespacePath(desired);
    const present = await reader.find<{ readonly replication_clusters?: readonly string[] }>(path);
    const to = union(present?.replication_clusters, desired.namespace.clusters);
    if (present === undefined) {
      const body = { replication_clusters: to, properties: desired.owner };
      const write = () => reader.admin.call("PUT", path, { body });
      return { kind: "differs", action: "create", to: { clusters: to }, write };
    }
    const from = [...(present.replication_clusters ?? [])].sort();
    if (sameJson(from, to)) return equal();
    const write = () => reader.admin.call("POST", `${path}/replication`, { body: to });
    return { kind: "differs", action: "change", from: { clusters: from }, to: { clusters: to }, write };
  },
});

/** Whose the namespace is. One that others use, or that is another model's, is not taken without a word. */
export const namespaceOwnerUnit = (desired: DesiredState): Unit => {
  const { name } = desired.namespace;
  return {
    kind: "owner",
    name: `namespace ${name}`,
    compare: async (reader) => {
      const path = namespacePath(desired);
      if ((await reader.find(path)) === undefined) return equal();
      const owner = ownerOf((await readPolicies(reader, path))["properties"]);
      const wanted = desired.owner[ownerProperty] ?? "";
      if (owner === wanted) return equal();
      const write = () => reader.admin.call("PUT", `${path}/properties`, { body: desired.owner });
      const change = { kind: "differs", action: "change", to: wanted, write } as const;
      if (owner !== undefined) {
        const why = `It belongs to the model of ${owner}, whose policies these may not be.`;
        return { ...change, from: owner, consent: { name: `take-over:${name}`, why } };
      }
      const others = await foreignTopics(reader, desired);
      if (others.length === 0) return change;
      const why = `It is there, and ${others.length === 1 ? "a topic" : `${others.length} topics`} in it are not the model's; its policies are theirs too.`;
      return { ...change, consent: { name: `adopt:${name}`, why } };
    },
  };
};

export const namespacePath = ({ namespace }: DesiredState): string => {
  const [tenant = "", name = ""] = namespace.name.split("/");
  return adminPath`namespaces/${tenant}/${name}`;
};

/** The system that properties say something belongs to. */
export const ownerOf = (properties: unknown): string | undefined => {
  const owner = (properties as { readonly [property: string]: unknown } | undefined | null)?.[ownerProperty];
  return typeof owner === "string" ? owner : undefined;
};

const union = (present: readonly string[] | undefined, wanted: readonly string[]): string[] =>
  [...new Set([...(present ?? []), ...wanted])].sort();
