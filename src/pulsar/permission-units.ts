import { adminPath } from "./admin.js";
import type { DesiredState, DesiredTopic } from "./desired.js";
import { namespacePath } from "./namespace-units.js";
import { readPolicies } from "./policies.js";
import type { Reader } from "./reader.js";
import { topicPath } from "./schemas.js";
import { equal, sameJson, type Unit } from "./unit.js";

/** What the model's roles may do in the namespace; what it says nothing of, a role keeps. */
export const permissionUnits = (desired: DesiredState): readonly Unit[] =>
  desired.permissions.map(({ role, actions }) => ({
    kind: "permission",
    name: role,
    compare: async (reader) => {
      const present = (await readPermissions(reader, desired)).namespace[role];
      const others = (present ?? []).filter((action) => action !== null && !modelled.has(action));
      return grant(reader, `${namespacePath(desired)}/permissions`, role, present, [...actions, ...others]);
    },
  }));

/** What they may do on a topic beyond that. None is taken away: somebody may have been let in by hand. */
export const topicPermissionUnits = (
  { name, url, permissions }: DesiredTopic,
  desired: DesiredState,
): readonly Unit[] =>
  permissions.map(({ role, actions }) => ({
    kind: "permission",
    name: `${role} on ${name}`,
    compare: async (reader) => {
      const present = (await readPermissions(reader, desired)).topics[url]?.[role];
      return grant(reader, permissionsPath(url), role, present, [...actions, ...(present ?? [])]);
    },
  }));

const modelled: ReadonlySet<string | null> = new Set(["produce", "consume"]);

const grant = (
  { admin }: Reader,
  path: string,
  role: string,
  present: readonly (string | null)[] | undefined,
  wanted: readonly (string | null)[],
): ReturnType<typeof equal> => {
  const to = [...new Set(wanted.filter((action) => action !== null))].sort();
  const from = present === undefined ? undefined : [...present].sort();
  if (sameJson(from, to)) return equal();
  const write = () => admin.call("POST", `${path}/${adminPath`${role}`}`, { body: to });
  return from === undefined
    ? { kind: "differs", action: "create", to, write }
    : { kind: "differs", action: "change", from, to, write };
};

/** Where what roles may do on one topic is granted and revoked. */
export const permissionsPath = (url: string): string => `persistent/${topicPath(url)}/permissions`;

/** Actions by role; an action that the broker did not know is null. */
type Grants = { readonly [role: string]: readonly (string | null)[] };

/** In a namespace, and on single topics of it by their URLs. */
export const readPermissions = async (
  reader: Reader,
  desired: DesiredState,
): Promise<{ readonly namespace: Grants; readonly topics: { readonly [url: string]: Grants } }> => {
  const granted = (await readPolicies(reader, namespacePath(desired)))["auth_policies"] as
    | { readonly namespace_auth?: Grants; readonly destination_auth?: { readonly [url: string]: Grants } }
    | undefined;
  return { namespace: granted?.namespace_auth ?? {}, topics: granted?.destination_auth ?? {} };
};

/** All that a role may do in a namespace or on some topic of it. */
export const allActions = (
  role: string,
  { namespace, topics }: Awaited<ReturnType<typeof readPermissions>>,
): readonly (string | null)[] => [
  ...new Set([...(namespace[role] ?? []), ...Object.values(topics).flatMap((grants) => grants[role] ?? [])]),
];
