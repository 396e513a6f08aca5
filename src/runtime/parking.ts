import { type Clock, sleep } from "./clock.js";
import { messageOf } from "./errors.js";
import {
  createLogbook,
  type Logbook,
  type MarkFields,
  type MarkKind,
  markOf,
  originOf,
  type ParkingReason,
  parkingProperties,
  type Said,
} from "./logbook.js";
import { followTopic, type Tail } from "./tail.js";
import {
  type ConsumerClient,
  capabilitiesOf,
  type Message,
  type OutgoingMessage,
  type TransportProducer,
  type TransportSchema,
} from "./transport.js";

/** Where messages go that cannot be handled; what is there outlives the process. */
export interface ParkingLot {
  readonly logbook: Logbook;
  /** Whether later messages of the lane have to be parked too. */
  readonly isParked: (lane: string) => boolean;
  /** How many lanes are. */
  readonly parkedLanes: number;
  /** Whether a message was parked before: it lies there, or was handled since, as far as this process has seen. */
  readonly knows: (id: string) => boolean;
  /** Whether that is so of no message at all. */
  readonly knowsNone: () => boolean;
  /** Resolves when it has been stored and is known; retries a few times. */
  readonly park: (parked: Parked) => Promise<void>;
  readonly mark: (kind: MarkKind, fields: MarkFields) => Promise<void>;
  /** Writes a mark, and resolves when the logbook has come so far. */
  readonly catchUp: (kind: MarkKind, fields: MarkFields) => Promise<void>;
  /** Forgets what has been handled again so far. */
  readonly forgetResolved: () => void;
  readonly close: () => Promise<void>;
}

/** A message with the reason why it is parked. */
interface Parked {
  readonly message: Message;
  readonly topic: string;
  readonly lane: string;
  readonly reason: ParkingReason;
  readonly error: string;
  readonly attempts: number;
}

interface ParkingOptions {
  /** The dead-letter topic. */
  readonly topic: string;
  readonly consumer: string;
  readonly ordered: boolean;
  readonly schema: TransportSchema;
  readonly clock: Clock;
  /** Called after the logbook has taken a message in. */
  readonly said: (said: Said, message: Message) => void;
  readonly lost: (error: unknown) => void;
}

/** How many of those that were parked and have been handled since are remembered. */
const mostResolved = 10_000;

/** A dead-letter topic, followed from its beginning. Rejects when it cannot be read. */
export const openParkingLot = async (client: ConsumerClient, options: ParkingOptions): Promise<ParkingLot> => {
  const { topic, consumer, clock } = options;
  const logbook = createLogbook(consumer, options.ordered);
  const resolved = new Set<string>();
  /** Parked by this process, and not yet read back. */
  const pending = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();
  const awaited = (name: string) =>
    new Promise<void>((resolve) => waiting.set(name, [...(waiting.get(name) ?? []), resolve]));
  const tell = (name: string) => {
    for (const resolve of waiting.get(name) ?? []) resolve();
    waiting.delete(name);
  };

  const read = (message: Message): void => {
    const said = logbook.add(message);
    if (said.kind === "parked" || said.kind === "repeated") tell(said.entry.id);
    else if (said.kind !== "foreign") {
      if (said.kind === "resolved" && said.fields.parked !== undefined) {
        resolved.add(said.fields.parked);
        forgetFirst(resolved, mostResolved);
      }
      tell(nameOf(said.kind, said.fields));
    }
    options.said(said, message);
  };

  let tail: Tail;
  try {
    tail = await followTopic(client, topic, { clock, read, lost: options.lost });
  } catch (error) {
    throw new Error(`the dead-letter topic ${topic} of ${consumer} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const sender = createSender(client, options);

  return {
    logbook,
    get parkedLanes() {
      let own = 0;
      for (const lane of pending.keys()) if (!logbook.lanes.has(lane)) own++;
      return logbook.lanes.size + own;
    },
    isParked: (lane) => logbook.lanes.has(lane) || pending.has(lane),
    knowsNone: () => logbook.size === 0 && resolved.size === 0,
    knows: (id) => logbook.has(id) || resolved.has(id),
    async park(parked) {
      const id = originOf(parked.message);
      const { lane } = parked;
      const first = !logbook.lanes.has(lane);
      pending.set(lane, (pending.get(lane) ?? 0) + 1);
      const seen = awaited(id).then(() => {
        const others = (pending.get(lane) ?? 0) - 1;
        if (others > 0) pending.set(lane, others);
        else pending.delete(lane);
      });
      await sender.send(parkedMessage(consumer, parked));
      // Before the first of a key is acknowledged, so that whoever gets the next one has been told as well.
      if (first) await seen;
    },
    mark: (kind, fields) => sender.send({ data: Buffer.alloc(0), properties: markOf(consumer, kind, fields) }),
    async catchUp(kind, fields) {
      const seen = awaited(nameOf(kind, fields));
      await sender.send({ data: Buffer.alloc(0), properties: markOf(consumer, kind, fields) });
      await seen;
    },
    forgetResolved: () => resolved.clear(),
    async close() {
      await tail.close();
      await sender.close();
    },
  };
};

const nameOf = (kind: MarkKind, { run, request }: MarkFields): string => `${kind} ${run} ${request}`;

const parkedMessage = (consumer: string, parked: Parked): OutgoingMessage => {
  const { message, topic, reason, error, attempts } = parked;
  return {
    data: message.getData(),
    properties: {
      ...message.getProperties(),
      [parkingProperties.reason]: reason,
      [parkingProperties.error]: error.slice(0, 1000),
      [parkingProperties.consumer]: consumer,
      [parkingProperties.attempts]: String(attempts),
      [parkingProperties.topic]: topic,
      [parkingProperties.originTopic]: message.getTopicName(),
      [parkingProperties.originMessageId]: message.getMessageId().toString(),
      [parkingProperties.publishTime]: String(message.getPublishTimestamp()),
    },
    ...(message.getPartitionKey() === "" ? {} : { partitionKey: message.getPartitionKey() }),
    eventTimestamp: message.getEventTimestamp(),
  };
};

/** Sends to the dead-letter topic, with one producer that is opened when the first message is sent. */
const createSender = (client: ConsumerClient, { topic, schema, clock }: ParkingOptions) => {
  let opened: Promise<TransportProducer> | undefined;
  const open = (): Promise<TransportProducer> => {
    opened ??= openProducer(client, topic, schema).catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    send: (message: OutgoingMessage) =>
      persistently(clock, async () => {
        const producer = await open();
        await producer.send(message);
      }),
    async close() {
      const producer = await opened?.catch(() => undefined);
      await producer?.close().catch(() => null);
    },
  };
};

/** With the schema of the topic that the messages come from; without one where the dead-letter topic has another or none. */
const openProducer = async (
  client: ConsumerClient,
  topic: string,
  schema: TransportSchema,
): Promise<TransportProducer> => {
  const config = { topic, batchingEnabled: false, hashingScheme: "Murmur3_32Hash" as const };
  if (!capabilitiesOf(client).schemas) return client.createProducer(config);
  try {
    return await client.createProducer({ ...config, schema });
  } catch (error) {
    if (!messageOf(error).includes("IncompatibleSchema")) throw error;
    return client.createProducer(config);
  }
};

const persistently = async (clock: Clock, action: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt === 5) throw error;
      await sleep(clock, 100 * 2 ** attempt);
    }
  }
};

const forgetFirst = (known: Set<string>, most: number): void => {
  if (known.size <= most) return;
  const first = known.values().next();
  if (!first.done) known.delete(first.value);
};
