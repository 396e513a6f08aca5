import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";

/** What the broker holds, as far as the generated scripts look at it. */
interface FakeState {
  readonly tenants: Record<string, { adminRoles: readonly string[]; allowedClusters: readonly string[] }>;
  readonly namespaces: Record<string, Record<string, unknown>>;
  /** Partitions by URL, 0 for a topic without. */
  readonly topics: Record<string, number>;
  readonly schemas: Record<string, { readonly type: string; readonly definition: unknown; readonly version: number }>;
  readonly subscriptions: Record<string, string[]>;
  readonly permissions: Record<string, readonly string[]>;
  /** On single topics, by URL. */
  readonly topicPermissions: Record<string, Record<string, readonly string[]>>;
  /** The system that topics are marked with, by URL. */
  readonly owners: Record<string, string>;
  /** A policy that is taken and not kept. */
  coerced?: string;
  /** A topic whose schema is refused. */
  incompatible?: string;
}

export interface FakeBroker {
  readonly port: number;
  readonly state: FakeState;
  /** The arguments of every call of pulsar-admin. */
  readonly calls: readonly (readonly string[])[];
  close(): void;
}

/** Answers fake-pulsar-admin.sh as pulsar-admin 4.0 answers in front of a broker. */
export const startFakeBroker = async (): Promise<FakeBroker> => {
  const state: FakeState = {
    tenants: {},
    namespaces: {},
    topics: {},
    schemas: {},
    subscriptions: {},
    permissions: {},
    topicPermissions: {},
    owners: {},
  };
  const calls: (readonly string[])[] = [];
  const server = createServer((socket) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (part) => {
      text += part;
      const [count, ...words] = text.split("\0").slice(0, -1);
      if (count === undefined || words.length < Number(count)) return;
      calls.push(words);
      socket.end(answer(words, state));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, state, calls, close: () => void server.close() };
};

class Refusal extends Error {}

const answer = (words: readonly string[], state: FakeState): string => {
  const command = commands[`${words[0]} ${words[1]}`];
  try {
    if (command === undefined) throw new Refusal(`there is no command ${words.join(" ")}`);
    return `0\0${command(words, state) ?? ""}\0\0`;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `1\0\0${error.message}\n\nReason: ${error.message}\n\0`;
  }
};

type Command = (words: readonly string[], state: FakeState) => string | undefined;

const policy =
  (name: string, value: (words: readonly string[], policies: Record<string, unknown>) => unknown): Command =>
  (words, state) => {
    const policies = state.namespaces[words[2] ?? ""] ?? refuse("Namespace does not exist");
    if (state.coerced !== name) policies[name] = value(words, policies);
    return undefined;
  };

const commands: Readonly<Record<string, Command>> = {
  "tenants get": ([, , name = ""], { tenants }) => json(tenants[name] ?? refuse("Tenant does not exist")),
  "tenants create": (words, state) => setTenant(words, state),
  "tenants update": (words, state) => setTenant(words, state),
  "namespaces policies": ([, , name = ""], { namespaces }) =>
    json(namespaces[name] ?? refuse("Namespace does not exist")),
  "namespaces create": (words, { namespaces }) => {
    namespaces[words[2] ?? ""] = {
      replication_clusters: list(option(words, "--clusters")),
      schema_compatibility_strategy: "UNDEFINED",
    };
    return undefined;
  },
  "namespaces set-clusters": policy("replication_clusters", (words) => list(option(words, "--clusters"))),
  "namespaces set-inactive-topic-policies": policy("inactive_topic_policies", () => ({ deleteWhileInactive: false })),
  "namespaces set-retention": policy("retention_policies", (words) => ({
    retentionTimeInMinutes: Number(option(words, "--time").replace("m", "")),
    retentionSizeInMB: Number(option(words, "--size").replace("M", "")),
  })),
  "namespaces set-message-ttl": policy("message_ttl_in_seconds", (words) => Number(option(words, "--messageTTL"))),
  "namespaces set-subscription-expiration-time": policy("subscription_expiration_time_minutes", (words) =>
    Number(option(words, "--time")),
  ),
  "namespaces set-compaction-threshold": policy("compaction_threshold", (words) =>
    Number(option(words, "--threshold")),
  ),
  "namespaces set-property": policy("properties", (words, { properties }) => ({
    ...(properties as object | undefined),
    [option(words, "--key")]: option(words, "--value"),
  })),
  "namespaces set-publish-rate": policy("publishMaxMessageRate", (words) => ({
    standalone: {
      publishThrottlingRateInMsg: Number(option(words, "--msg-publish-rate")),
      publishThrottlingRateInByte: Number(option(words, "--byte-publish-rate")),
    },
  })),
  "namespaces set-dispatch-rate": policy("topicDispatchRate", (words) => ({
    standalone: {
      dispatchThrottlingRateInMsg: Number(option(words, "--msg-dispatch-rate")),
      dispatchThrottlingRateInByte: Number(option(words, "--byte-dispatch-rate")),
    },
  })),
  "namespaces set-persistence": policy("persistence", (words) => ({
    bookkeeperEnsemble: Number(option(words, "--bookkeeper-ensemble")),
    bookkeeperWriteQuorum: Number(option(words, "--bookkeeper-write-quorum")),
    bookkeeperAckQuorum: Number(option(words, "--bookkeeper-ack-quorum")),
  })),
  "namespaces set-offload-threshold": policy("offload_policies", (words) => ({
    managedLedgerOffloadThresholdInBytes: Number(option(words, "--size")),
    managedLedgerOffloadThresholdInSeconds: Number(option(words, "--time")),
  })),
  "namespaces set-max-unacked-messages-per-consumer": policy("max_unacked_messages_per_consumer", (words) =>
    Number(option(words, "--max-unacked-messages-per-topic")),
  ),
  "namespaces set-max-producers-per-topic": policy("max_producers_per_topic", (words) =>
    Number(option(words, "--max-producers-per-topic")),
  ),
  "namespaces set-deduplication": policy("deduplicationEnabled", (words) => words.includes("--enable")),
  "namespaces set-auto-topic-creation": policy("autoTopicCreationOverride", () => ({ allowAutoTopicCreation: false })),
  "namespaces set-schema-compatibility-strategy": policy("schema_compatibility_strategy", (words) =>
    option(words, "--compatibility"),
  ),
  "namespaces set-is-allow-auto-update-schema": policy("is_allow_auto_update_schema", () => false),
  "namespaces set-schema-validation-enforce": policy("schema_validation_enforced", (words) =>
    words.includes("--enable"),
  ),
  "namespaces set-backlog-quota": policy("backlog_quota_map", (words, { backlog_quota_map }) => ({
    ...(backlog_quota_map as object | undefined),
    [option(words, "--type")]: {
      limitSize: Number(option(words, "--limit") || "-1"),
      limitTime: Number(option(words, "--limitTime") || "-1"),
      policy: option(words, "--policy"),
    },
  })),
  "namespaces remove-backlog-quota": policy("backlog_quota_map", (words, { backlog_quota_map }) =>
    Object.fromEntries(
      Object.entries(backlog_quota_map as object).filter(([type]) => type !== option(words, "--type")),
    ),
  ),
  "namespaces permissions": (_, { permissions }) =>
    lines(Object.entries(permissions).map(([role, actions]) => `${role}    [${actions.join(", ")}]`)),
  "namespaces grant-permission": (words, { permissions }) => {
    permissions[option(words, "--role")] = list(option(words, "--actions")).sort();
    return undefined;
  },
  "topics permissions": ([, , url = ""], { permissions, topicPermissions, topics }) => {
    if (topics[url] === undefined) throw new Refusal(`Topic ${url} not found`);
    const all = Object.entries({ ...permissions, ...topicPermissions[url] });
    return lines(all.map(([role, actions]) => `${role}    [${actions.join(", ")}]`));
  },
  "topics grant-permission": (words, { topicPermissions }) => {
    const [, , url = ""] = words;
    topicPermissions[url] = {
      ...topicPermissions[url],
      [option(words, "--role")]: list(option(words, "--actions")).sort(),
    };
    return undefined;
  },
  "topics list-partitioned-topics": (_, { topics }) => lines(Object.keys(topics).filter((url) => topics[url] !== 0)),
  "topics list": (_, { topics }) =>
    lines(
      Object.entries(topics).flatMap(([url, count]) =>
        count === 0 ? [url] : Array.from({ length: count }, (_, index) => `${url}-partition-${index}`),
      ),
    ),
  "topics create": (words, state) => {
    const [, , url = ""] = words;
    state.topics[url] = 0;
    setOwner(url, option(words, "--metadata"), state);
    return undefined;
  },
  "topics get-properties": ([, , url = ""], { owners }) =>
    owners[url] === undefined ? "" : `evgen.system    ${owners[url]}\n`,
  "topics update-properties": (words, state) => setOwner(words[2] ?? "", option(words, "--property"), state),
  "topics create-partitioned-topic": (words, state) => setPartitions(words, state),
  "topics update-partitioned-topic": (words, state) => setPartitions(words, state),
  "topics get-partitioned-topic-metadata": ([, , url = ""], { topics, owners }) =>
    json({
      partitions: topics[url] ?? refuse(`Topic ${url} not found`),
      deleted: false,
      properties: owners[url] === undefined ? {} : { "evgen.system": owners[url] },
    }),
  "topics subscriptions": ([, , url = ""], { subscriptions }) => lines(subscriptions[url] ?? []),
  "topics create-subscription": (words, { subscriptions }) => {
    const [, , url = ""] = words;
    const present = subscriptions[url] ?? [];
    if (present.includes(option(words, "--subscription"))) refuse("Subscription already exists for topic");
    subscriptions[url] = [...present, option(words, "--subscription")];
    return undefined;
  },
  "schemas get": (words, { schemas }) => {
    const { version, type, definition } = schemas[words.at(-1) ?? ""] ?? refuse("Schema not found");
    return json({ version, schemaInfo: { name: "x", schema: definition, type, properties: {} } });
  },
  "schemas compatibility": (words, { incompatible }) =>
    words.at(-1) === incompatible
      ? refuse("Error during schema compatibility check with strategy FULL: no")
      : undefined,
  "schemas upload": (words, { schemas }) => {
    const payload = JSON.parse(readFileSync(option(words, "--filename"), "utf8")) as { type: string; schema: string };
    // as pulsar-admin prints it
    const definition = JSON.parse(payload.schema, (key, value: unknown) =>
      key === "default" && value === null ? undefined : value,
    ) as unknown;
    const present = schemas[words.at(-1) ?? ""];
    if (JSON.stringify(present?.definition) === JSON.stringify(definition)) return undefined;
    schemas[words.at(-1) ?? ""] = { type: payload.type, definition, version: (present?.version ?? -1) + 1 };
    return undefined;
  },
};

const setTenant: Command = (words, { tenants }) => {
  tenants[words[2] ?? ""] = {
    adminRoles: list(option(words, "--admin-roles")),
    allowedClusters: list(option(words, "--allowed-clusters")),
  };
  return undefined;
};

const setPartitions: Command = (words, state) => {
  const [, , url = ""] = words;
  state.topics[url] = Number(option(words, "--partitions"));
  setOwner(url, option(words, "--metadata"), state);
  return undefined;
};

const setOwner = (url: string, property: string, { owners }: FakeState): undefined => {
  const [key, value] = property.split("=");
  if (key === "evgen.system" && value !== undefined) owners[url] = value;
};

const refuse = (reason: string): never => {
  throw new Refusal(reason);
};

/** `--name value` or `--name=value`; nothing when it is not there. */
const option = (words: readonly string[], name: string): string => {
  const index = words.indexOf(name);
  if (index >= 0) return words[index + 1] ?? "";
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
};

const list = (text: string): string[] => (text === "" ? [] : text.split(","));
const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join("");
const json = (value: unknown): string => `${JSON.stringify(value, null, 2).replaceAll('": ', '" : ')}\n`;
