import { adminPath } from "./admin.js";
import { type DesiredState, ownerProperty } from "./desired.js";
import { namespacePath, ownerOf } from "./namespace-units.js";
import { allActions, permissionsPath, readPermissions } from "./permission-units.js";
import { topicPath } from "./schemas.js";
import { isInternal, readSubscriptions, readTopic, subscriptionPath } from "./topics.js";
import { equal, type Unit } from "./unit.js";

/** What may be removed, and only is when somebody names it. */
export type Removal =
  | { readonly kind: "subscription"; readonly topic: string; readonly name: string }
  | { readonly kind: "topic"; readonly name: string }
  | { readonly kind: "permission"; readonly role: string };

/** Removes what was named, where it is there. What the model has is refused, and a topic that is not the model's own. */
export const removalUnit = (removal: Removal, desired: DesiredState): Unit => {
  switch (removal.kind) {
    case "subscription":
      return removeSubscription(removal.topic, removal.name, desired);
    case "topic":
      return removeTopic(removal.name, desired);
    case "permission":
      return removePermission(removal.role, desired);
  }
};

const removeSubscription = (topic: string, name: string, desired: DesiredState): Unit => ({
  kind: "subscription",
  name: `${name} on ${topic}`,
  compare: async (reader) => {
    const url = `persistent://${desired.namespace.name}/${topic}`;
    const present = await readTopic(reader, url);
    if (present === undefined) return equal("There is no such topic.");
    const found = await readSubscriptions(reader, url, present.partitions);
    if (!found.some((names) => names.includes(name))) return equal("It is not there.");
    const write = () => reader.admin.call("DELETE", subscriptionPath(`persistent/${topicPath(url)}`, name));
    const remove = { kind: "differs", action: "remove", note: "With its position and its backlog.", write } as const;
    const wanted = desired.topics.find((one) => one.name === topic)?.subscriptions.some((one) => one.name === name);
    if (wanted === true) return { ...remove, blocked: "The model has this subscription." };
    return isInternal(name) ? { ...remove, blocked: "Pulsar itself made this subscription." } : remove;
  },
});

const removeTopic = (name: string, desired: DesiredState): Unit => ({
  kind: "topic",
  name,
  compare: async (reader) => {
    const url = `persistent://${desired.namespace.name}/${name}`;
    const present = await readTopic(reader, url);
    if (present === undefined) return equal("It is not there.");
    const path = `persistent/${topicPath(url)}`;
    const from = { partitions: present.partitions };
    const write = () => reader.admin.call("DELETE", present.partitions === 0 ? path : `${path}/partitions`);
    const note = "With all its events, its schema and its subscriptions.";
    const remove = { kind: "differs", action: "remove", from, note, write } as const;
    if (desired.topics.some((topic) => topic.name === name)) return { ...remove, blocked: "The model has this topic." };
    return ownerOf(present.properties) === desired.owner[ownerProperty]
      ? remove
      : { ...remove, blocked: `It is not marked as this model's (${ownerProperty}).` };
  },
});

/** In the namespace, and on each of its topics: Pulsar leaves those where it takes away the other. */
const removePermission = (role: string, desired: DesiredState): Unit => ({
  kind: "permission",
  name: role,
  compare: async (reader) => {
    const granted = await readPermissions(reader, desired);
    const from = allActions(role, granted);
    const paths = Object.keys(granted.topics)
      .filter((url) => granted.topics[url]?.[role] !== undefined)
      .map(permissionsPath);
    if (granted.namespace[role] !== undefined) paths.push(`${namespacePath(desired)}/permissions`);
    if (paths.length === 0) return equal("It is not there.");
    const write = async () => {
      for (const path of paths) await reader.admin.call("DELETE", `${path}/${adminPath`${role}`}`);
    };
    const remove = { kind: "differs", action: "remove", from, write } as const;
    return desired.permissions.some((one) => one.role === role)
      ? { ...remove, blocked: "The model gives this role its permissions." }
      : remove;
  },
});
