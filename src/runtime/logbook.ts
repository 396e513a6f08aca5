import type { Message, MessageId } from "./transport.js";

/** Why a message lies in a dead-letter topic. */
export type ParkingReason = "failed" | "invalid" | "unknown-type" | "newer-version" | "gap" | "crashed" | "blocked";

/** The properties of a parked message, beside its own. */
export const parkingProperties = {
  reason: "evgen_reason",
  error: "evgen_error",
  consumer: "evgen_consumer",
  attempts: "evgen_attempts",
  /** The topic as the model names it, without a partition. */
  topic: "evgen_topic",
  originTopic: "evgen_origin_topic",
  originMessageId: "evgen_origin_message_id",
  publishTime: "evgen_origin_publish_time",
} as const;

/** The properties of a mark: a message without a payload that says what became of parked ones, or of a process. */
export const markProperties = {
  mark: "evgen_mark",
  consumer: parkingProperties.consumer,
  run: "evgen_run",
  host: "evgen_host",
  parked: "evgen_parked",
  request: "evgen_request",
  topic: parkingProperties.topic,
  stream: "evgen_stream",
  event: "evgen_event",
  sequence: "evgen_sequence",
  keys: "evgen_keys",
  error: parkingProperties.error,
  resolved: "evgen_resolved",
  failed: "evgen_failed",
} as const;

/**
 * - `opened`, `steady`, `closed`: a process has begun to consume, has survived its beginning, has ended as it should
 * - `started`: it is about to handle a message that may have ended another process
 * - `redrive`: someone asks that parked events be handled again; `taken`, `trying`, `redriven`: a process does so
 * - `resolved`, `failed`: a parked event was handled, or could not be
 */
export type MarkKind =
  | "opened"
  | "steady"
  | "closed"
  | "started"
  | "redrive"
  | "taken"
  | "trying"
  | "resolved"
  | "failed"
  | "redriven";

/** What a mark says, as text. */
export type MarkFields = { readonly [Field in keyof Omit<typeof markProperties, "mark" | "consumer">]?: string };

/** The properties of a mark. */
export const markOf = (consumer: string, mark: MarkKind, fields: MarkFields): { [key: string]: string } => {
  const properties: { [key: string]: string } = { [markProperties.mark]: mark, [markProperties.consumer]: consumer };
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined) properties[markProperties[field as keyof MarkFields]] = value;
  }
  return properties;
};

/** Whether a message of a dead-letter topic is a mark, and no parked event. */
export const isMark = (message: Message): boolean => message.getProperties()[markProperties.mark] !== undefined;

/** An event that is parked and not yet redriven. */
export interface Entry {
  /** Where it came from: the same for every copy of it. */
  readonly id: string;
  readonly lane: string;
  readonly key: string;
  /** Ascending, in the order of the topic. */
  readonly order: number;
  /** Of the message before it in the dead-letter topic; a reader that starts there finds it. Undefined: the earliest. */
  readonly before: MessageId | undefined;
}

/** That someone asked for parked events to be handled again. */
export interface RedriveRequest {
  readonly id: string;
  /** All when undefined. */
  readonly keys: ReadonlySet<string> | undefined;
  /** The processes that have taken it up so far. */
  readonly takenBy: Set<string>;
  /** The events that were tried by one that took care. */
  readonly tried: Set<string>;
}

/** A process that began to consume and has neither survived its beginning nor ended as it should. */
interface Run {
  readonly id: string;
  readonly host: string;
  /** By the clock of the broker. */
  readonly openedAt: number;
  lastStarted: string | undefined;
}

/**
 * What a dead-letter topic says, message by message: which events of one consumer are parked, in which order, and what
 * its processes have gone through. Every process that reads the topic knows the same.
 */
export interface Logbook {
  /** Takes in the next message of the topic. */
  readonly add: (message: Message) => Said;
  readonly lanes: ReadonlyMap<string, ReadonlyMap<string, Entry>>;
  /** The keys that are parked. */
  readonly keys: ReadonlySet<string>;
  /** Parked events. */
  readonly size: number;
  readonly has: (id: string) => boolean;
  readonly runs: ReadonlyMap<string, Run>;
  readonly requests: ReadonlyMap<string, RedriveRequest>;
}

/** What a message of the topic has said. */
export type Said =
  | { readonly kind: "parked"; readonly entry: Entry }
  /** Another copy of what is parked. */
  | { readonly kind: "repeated"; readonly entry: Entry }
  | { readonly kind: MarkKind; readonly fields: MarkFields; readonly entry: Entry | undefined }
  /** Of another consumer. */
  | { readonly kind: "foreign" };

/** How long a process may take to say that it has survived its beginning, in milliseconds; then it is counted as ended. */
export const surelyOver = 60_000;

const mostRuns = 100;
const mostRequests = 100;

/** An empty logbook of a consumer. */
export const createLogbook = (consumer: string, ordered: boolean): Logbook => {
  const lanes = new Map<string, Map<string, Entry>>();
  const keys = new Set<string>();
  /** A key may be parked on several topics. */
  const lanesOfKey = new Map<string, number>();
  const laneOfId = new Map<string, string>();
  const runs = new Map<string, Run>();
  const requests = new Map<string, RedriveRequest>();
  let before: MessageId | undefined;
  let order = 0;

  const park = (message: Message, properties: Properties): Said => {
    const id = parkedId(message, properties);
    const known = laneOfId.get(id);
    const entry = known === undefined ? undefined : lanes.get(known)?.get(id);
    if (entry !== undefined) return { kind: "repeated", entry };
    const key = message.getPartitionKey();
    const lane = ordered && key !== "" ? laneOf(topicOf(properties), key) : `#${id}`;
    const fresh: Entry = { id, lane, key, order: order++, before };
    const entries = lanes.get(lane);
    if (entries === undefined) {
      lanes.set(lane, new Map([[id, fresh]]));
      count(key, 1);
    } else {
      entries.set(id, fresh);
    }
    laneOfId.set(id, lane);
    return { kind: "parked", entry: fresh };
  };

  const resolve = (id: string): Entry | undefined => {
    const lane = laneOfId.get(id);
    const entries = lane === undefined ? undefined : lanes.get(lane);
    const entry = entries?.get(id);
    if (lane === undefined || entries === undefined || entry === undefined) return undefined;
    laneOfId.delete(id);
    entries.delete(id);
    if (entries.size > 0) return entry;
    lanes.delete(lane);
    count(entry.key, -1);
    return entry;
  };

  const count = (key: string, change: 1 | -1): void => {
    if (key === "" || !ordered) return;
    const now = (lanesOfKey.get(key) ?? 0) + change;
    if (now > 0) {
      lanesOfKey.set(key, now);
      keys.add(key);
    } else {
      lanesOfKey.delete(key);
      keys.delete(key);
    }
  };

  const mark = (kind: MarkKind, message: Message, properties: Properties): Said => {
    const fields = fieldsOf(properties);
    const { run = "", parked = "", request = "" } = fields;
    let entry: Entry | undefined;
    switch (kind) {
      case "opened": {
        const { host = "" } = fields;
        runs.set(run, { id: run, host, openedAt: message.getPublishTimestamp(), lastStarted: undefined });
        forgetFirst(runs, mostRuns);
        break;
      }
      case "steady":
        forgetOlder(runs, run);
        break;
      case "closed":
        runs.delete(run);
        break;
      case "started": {
        const known = runs.get(run);
        if (known !== undefined) known.lastStarted = parked;
        break;
      }
      case "redrive":
        requests.set(request, requestOf(fields));
        forgetFirst(requests, mostRequests);
        break;
      case "taken":
        requests.get(request)?.takenBy.add(run);
        break;
      case "trying":
        requests.get(request)?.tried.add(parked);
        break;
      case "resolved":
        entry = resolve(parked);
        break;
      case "failed":
        break;
      case "redriven":
        requests.delete(request);
        break;
    }
    return { kind, fields, entry };
  };

  return {
    add(message) {
      const properties = message.getProperties();
      const owner = properties[parkingProperties.consumer];
      const kind = properties[markProperties.mark];
      const own = owner === consumer || (owner === undefined && kind === undefined);
      const said: Said = !own
        ? { kind: "foreign" }
        : kind === undefined
          ? park(message, properties)
          : mark(kind as MarkKind, message, properties);
      before = message.getMessageId();
      return said;
    },
    lanes,
    keys,
    get size() {
      return laneOfId.size;
    },
    has: (id) => laneOfId.has(id),
    runs,
    requests,
  };
};

type Properties = { readonly [key: string]: string };

/** The lane of a key: keys of different topics have nothing to do with each other. */
export const laneOf = (topic: string, key: string): string => `${topic} ${key}`;

/** What tells a message from all others, wherever it lies. */
export const originOf = (message: Message): string => `${message.getTopicName()} ${message.getMessageId()}`;

/** The same of a message in a dead-letter topic: evgen's own, the Pulsar client's, or somebody's. */
export const parkedId = (message: Message, properties: Properties = message.getProperties()): string => {
  const { topic, messageId } = originalOf(properties);
  return topic === undefined || messageId === undefined ? originOf(message) : `${topic} ${messageId}`;
};

/** Where a parked message was, as whoever parked it says. */
export const originalOf = (properties: Properties): { topic: string | undefined; messageId: string | undefined } => ({
  topic: properties[parkingProperties.originTopic] ?? properties["REAL_TOPIC"],
  messageId: properties[parkingProperties.originMessageId] ?? properties["ORIGIN_MESSAGE_ID"],
});

/** The topic that a parked message came from, without its partition. */
export const topicOf = (properties: Properties): string =>
  properties[parkingProperties.topic] ?? (originalOf(properties).topic ?? "").replace(/-partition-\d+$/, "");

const fieldsOf = (properties: Properties): MarkFields => {
  const fields: { [field: string]: string } = {};
  for (const [field, name] of Object.entries(markProperties)) {
    const value = properties[name];
    if (value !== undefined) fields[field] = value;
  }
  return fields;
};

const requestOf = ({ request = "", keys }: MarkFields): RedriveRequest => ({
  id: request,
  keys: keysOf(keys),
  takenBy: new Set(),
  tried: new Set(),
});

/** Texts in JSON, as a request has them. */
const keysOf = (text: string | undefined): ReadonlySet<string> | undefined => {
  if (text === undefined) return undefined;
  try {
    const keys: unknown = JSON.parse(text);
    return new Set(Array.isArray(keys) ? keys.map(String) : []);
  } catch {
    return new Set();
  }
};

/** A process that has survived shows that the ones before it on its machine are over, and all that are silent for long. */
const forgetOlder = (runs: Map<string, Run>, steady: string): void => {
  const own = runs.get(steady);
  if (own === undefined) return;
  for (const [id, { host, openedAt }] of runs) {
    if (id === steady) break;
    if (host === own.host || own.openedAt - openedAt > surelyOver) runs.delete(id);
  }
  runs.delete(steady);
};

const forgetFirst = (map: Map<string, unknown>, most: number): void => {
  if (map.size <= most) return;
  const first = map.keys().next();
  if (!first.done) map.delete(first.value);
};
