import type { Admin } from "./admin.js";
import { type DesiredState, type DesiredTopic, ownerProperty } from "./desired.js";
import { ownerOf } from "./namespace-units.js";
import { topicPath } from "./schemas.js";
import { partitionPaths, readSubscriptions, readTopic, subscriptionPath } from "./topics.js";
import { type Comparison, equal, type Unit } from "./unit.js";

/** A topic with its partitions, marked as the model's when it is made. */
export const topicUnit = (topic: DesiredTopic, { owner }: DesiredState): Unit => ({
  kind: "topic",
  name: topic.name,
  compare: async (reader) => {
    const present = await readTopic(reader, topic.url);
    const to = { partitions: topic.partitions };
    if (present === undefined)
      return { kind: "differs", action: "create", to, write: () => create(reader.admin, topic, owner) };
    if (present.partitions === topic.partitions) return equal();
    const change = { kind: "differs", action: "change", from: { partitions: present.partitions }, to } as const;
    return grow(change, topic, present.partitions, reader.admin);
  },
});

const create = (admin: Admin, { url, partitions }: DesiredTopic, owner: DesiredState["owner"]): Promise<unknown> => {
  const path = `persistent/${topicPath(url)}`;
  if (partitions === 0) return admin.call("PUT", path, { body: owner });
  return admin.call("PUT", `${path}/partitions`, {
    contentType: "application/vnd.partitioned-topic-metadata+json",
    body: { partitions, properties: owner },
  });
};

const grow = (
  change: Pick<Comparison & { readonly kind: "differs" }, "kind" | "action" | "from" | "to">,
  { name, url, partitions }: DesiredTopic,
  present: number,
  admin: Admin,
): Comparison => {
  const write = () => admin.call("POST", `persistent/${topicPath(url)}/partitions`, { body: partitions });
  if (present === 0 || partitions === 0)
    return { ...change, blocked: "Pulsar cannot turn a topic with partitions into one without, or back.", write };
  if (present > partitions) return { ...change, blocked: "Pulsar cannot take partitions away.", write };
  const why =
    "It moves keys to other partitions, so that newer events of an aggregate may be read before older ones: stop the producers, and let every subscription read to the end first.";
  return { ...change, consent: { name: `grow-partitions:${name}`, why }, write };
};

/** Whose a topic is that exists. Created ones are marked when they are created. */
export const topicOwnerUnit = (topic: DesiredTopic, { owner }: DesiredState): Unit => ({
  kind: "owner",
  name: `topic ${topic.name}`,
  compare: async (reader) => {
    const present = await readTopic(reader, topic.url);
    if (present === undefined) return equal();
    const [from, to] = [ownerOf(present.properties), owner[ownerProperty] ?? ""];
    if (from === to) return equal();
    const write = () => reader.admin.call("PUT", `persistent/${topicPath(topic.url)}/properties`, { body: owner });
    const change = { kind: "differs", action: "change", to, write } as const;
    if (from === undefined) return change;
    const why = `It belongs to the model of ${from}.`;
    return { ...change, from, consent: { name: `take-over:${topic.name}`, why } };
  },
});

/** The subscriptions of a topic, on every partition. */
export const subscriptionUnits = (topic: DesiredTopic): readonly Unit[] =>
  topic.subscriptions.map(({ name, position }) => ({
    kind: "subscription",
    name: `${name} on ${topic.name}`,
    compare: async (reader) => {
      const present = await readTopic(reader, topic.url);
      const partitions = present?.partitions ?? topic.partitions;
      const found = present === undefined ? [] : await readSubscriptions(reader, topic.url, partitions);
      const paths = partitionPaths(topic.url, partitions);
      const lacking = paths.map((_, index) => index).filter((index) => found[index]?.includes(name) !== true);
      if (lacking.length === 0) return equal();
      const whole = lacking.length === paths.length;
      const base = `persistent/${topicPath(topic.url)}`;
      const write = async () => {
        for (const path of whole ? [base] : lacking.map((index) => paths[index] ?? base))
          await reader.admin.call("PUT", subscriptionPath(path, name), { body: position });
      };
      const at = `${lacking.length === 1 ? "partition" : "partitions"} ${lacking.join(", ")}`;
      const again =
        position === "earliest" ? "It reads these from the start." : "What is stored there already passes it by.";
      const note = whole ? {} : { note: `Only on ${at}: it is there on the others. ${again}` };
      return { kind: "differs", action: "create", to: { position }, ...note, write };
    },
  }));
