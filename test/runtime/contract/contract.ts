import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Capabilities,
  type FailureCode,
  type Message,
  PulsarMessageId,
  type TransportClient,
  type TransportConsumer,
  type TransportConsumerConfig,
  TransportFailed,
  type TransportProducer,
  UnsupportedByTransport,
} from "../../../src/runtime/index.js";
import { partitionOf } from "../../../src/runtime/murmur.js";

/** A broker that deduplicates, keeps everything, and makes topics when they are asked for; and how it is reached. */
export interface Transport {
  readonly capabilities: Capabilities;
  /** A new client. */
  readonly client: () => TransportClient;
  /** Makes a topic, and gives its URL. */
  readonly topic: (partitions?: number) => Promise<string>;
  /** The largest payload that a message may have, in bytes. */
  readonly largest: number;
  /** A property called `length` arrives. */
  readonly anyProperty: boolean;
  /** Messages say who has sent them. */
  readonly producerNames: boolean;
}

/** What every transport does in the same way. */
export const describeTransport = (name: string, open: () => Promise<Transport>): void => {
  describe(name, () => {
    let transport: Transport;
    let client: TransportClient;
    beforeAll(async () => {
      transport = await open();
      client = transport.client();
    });
    afterAll(() => client.close());

    const subscribe = (topic: string, more: Partial<TransportConsumerConfig> = {}): Promise<TransportConsumer> =>
      client.subscribe({ topic, subscription: "s", subscriptionInitialPosition: "Earliest", ...more });

    describe("messages", () => {
      it("arrive as they were sent", async () => {
        const topic = await transport.topic();
        const before = Date.now();
        const producer = await client.createProducer({ topic });
        const data = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
        const properties: Record<string, string> = { "": "", "0": "zero", "é 日": "😀\u0000", constructor: "c" };
        if (transport.anyProperty) properties["length"] = "x";
        const eventTimestamp = Date.UTC(2020, 1, 3, 4, 5, 6, 7);
        const sent = await producer.send({ data, partitionKey: "é/😀 \"'\\", properties, eventTimestamp });
        const [message] = await take(await subscribe(topic), 1);
        if (message === undefined) throw new Error("nothing came");
        expect(message.getData()).toEqual(data);
        expect(message.getPartitionKey()).toBe("é/😀 \"'\\");
        expect({ ...message.getProperties() }).toEqual(properties);
        expect(message.getEventTimestamp()).toBe(eventTimestamp);
        expect(message.getTopicName()).toBe(topic);
        expect(message.getRedeliveryCount()).toBe(0);
        expect(message.getPublishTimestamp()).toBeGreaterThan(before - 10_000);
        expect(message.getPublishTimestamp()).toBeLessThan(Date.now() + 10_000);
        expect(message.getMessageId().toString()).toMatch(/^\(\d+,\d+,-1,-1\)$/);
        expect(message.getMessageId().toString()).toBe(sent.toString());
        expect(message.getMessageId().serialize().length).toBeGreaterThan(0);
        expect(message.getProducerName()).toBe(transport.producerNames ? producer.getProducerName() : "");
        expect([producer.getTopic(), producer.isConnected()]).toEqual([topic, true]);
      });

      it("may be empty, without key, properties and event time; an empty key is none", async () => {
        const topic = await transport.topic();
        const producer = await client.createProducer({ topic });
        await producer.send({ data: Buffer.of() });
        await producer.send({ data: Buffer.of(), partitionKey: "", properties: {}, eventTimestamp: 0 });
        for (const message of await take(await subscribe(topic), 2)) {
          expect(message.getData()).toEqual(Buffer.of());
          expect([message.getPartitionKey(), message.getEventTimestamp()]).toEqual(["", 0]);
          expect({ ...message.getProperties() }).toEqual({});
        }
      });

      it("may be large, and are refused when they are too large; others are not touched", async () => {
        const topic = await transport.topic();
        const producer = await client.createProducer({ topic, batchingEnabled: false });
        const large = Buffer.alloc(transport.largest, 7);
        const results = await Promise.allSettled([
          producer.send({ data: Buffer.from("a") }),
          producer.send({ data: large }),
          producer.send({ data: Buffer.alloc(6 * 1024 * 1024) }),
          producer.send({ data: Buffer.from("b") }),
        ]);
        expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
        await fails(Promise.reject((results[2] as PromiseRejectedResult).reason), "MessageTooBig");
        const [a, largest, b] = await take(await subscribe(topic), 3);
        expect([a, b].map((one) => one?.getData().toString())).toEqual(["a", "b"]);
        expect(largest?.getData().equals(large)).toBe(true);
      });

      it("must be a Buffer", async () => {
        const producer = await client.createProducer({ topic: await transport.topic() });
        for (const data of ["text", new Uint8Array(1), undefined]) {
          await expect(producer.send({ data: data as Buffer })).rejects.toThrow(TypeError);
        }
      });
    });

    describe("keys", () => {
      it("go to the partition that every client of Pulsar sends them to, and keep their order", async () => {
        const topic = await transport.topic(4);
        const producer = await client.createProducer({ topic });
        const keys = ["o1", "o2", "o3", "order-12345", "é", "😀", " ", "2f1c9a4e-0d0f-4a53-9c58-0d7c2f4b6a11"];
        const sends = numbers(200).map((number) =>
          producer.send({ data: Buffer.from(String(number)), partitionKey: keys[number % keys.length] ?? "" }),
        );
        await Promise.all(sends);
        const messages = await take(await subscribe(topic, { subscriptionType: "Failover" }), 200);
        for (const key of keys) {
          const own = messages.filter((message) => message.getPartitionKey() === key);
          expect(new Set(own.map((message) => message.getTopicName()))).toEqual(
            new Set([`${topic}-partition-${partitionOf(key, 4)}`]),
          );
          expect(new Set(own.map((message) => PulsarMessageId.from(message.getMessageId()).partition))).toEqual(
            new Set([partitionOf(key, 4)]),
          );
          expect(own.map(numberOf)).toEqual(ascending(own.map(numberOf)));
          expect(own.length).toBe(25);
        }
      });

      it("that are missing are spread over the partitions", async () => {
        const topic = await transport.topic(3);
        const producer = await client.createProducer({ topic, batchingEnabled: false });
        for (const number of numbers(12)) await producer.send({ data: Buffer.from(String(number)) });
        const messages = await take(await subscribe(topic), 12);
        expect(new Set(messages.map((message) => message.getTopicName())).size).toBe(3);
      });
    });

    describe("subscriptions", () => {
      it("begin at the first or after the last message", async () => {
        const topic = await transport.topic();
        const producer = await client.createProducer({ topic });
        await send(producer, 0, 3);
        const late = await subscribe(topic, { subscription: "late", subscriptionInitialPosition: "Latest" });
        const early = await subscribe(topic, { subscription: "early" });
        await send(producer, 3, 5);
        expect((await take(late, 2)).map(numberOf)).toEqual([3, 4]);
        expect((await take(early, 5)).map(numberOf)).toEqual([0, 1, 2, 3, 4]);
      });

      it("Exclusive: refuses a second consumer, and gives the next what is not acknowledged", async () => {
        const topic = await transport.topic();
        await send(await client.createProducer({ topic }), 0, 6);
        const first = await subscribe(topic);
        await fails(subscribe(topic), "ConsumerBusy");
        await fails(subscribe(topic, { subscriptionType: "Shared" }), "ConsumerBusy");
        for (const message of await take(first, 6)) if (numberOf(message) % 2 === 0) await first.acknowledge(message);
        await first.close();
        const second = await eventually(() => subscribe(topic));
        expect((await take(second, 3)).map(numberOf)).toEqual([1, 3, 5]);
        await quiet(second);
      });

      it("acknowledges by id alone", async () => {
        const topic = await transport.topic();
        await send(await client.createProducer({ topic }), 0, 2);
        const first = await subscribe(topic);
        const [message] = await take(first, 1);
        await first.acknowledgeId(message?.getMessageId() as PulsarMessageId);
        await first.close();
        const second = await eventually(() => subscribe(topic));
        expect((await take(second, 1)).map(numberOf)).toEqual([1]);
      });

      it("Failover: one consumer at a time; the next goes on", async () => {
        const topic = await transport.topic();
        const producer = await client.createProducer({ topic });
        const options = { subscriptionType: "Failover" } as const;
        const consumers = [
          await subscribe(topic, { ...options, consumerName: "a" }),
          await subscribe(topic, { ...options, consumerName: "b" }),
        ] as const;
        await send(producer, 0, 4);
        // The broker chooses the one by the topic's name.
        const receiving = consumers.map((consumer) => consumer.receive());
        const active = await Promise.race(receiving.map((one, index) => one.then(() => index)));
        const [first, second] = active === 0 ? consumers : [consumers[1], consumers[0]];
        const messages = [await receiving[active], ...(await take(first, 3))];
        expect(messages.map(numberOf)).toEqual([0, 1, 2, 3]);
        for (const message of messages)
          if (message !== undefined && numberOf(message) < 2) await first.acknowledge(message);
        await first.close();
        const rest = [await receiving[1 - active], ...(await take(second, 1))];
        expect(rest.map(numberOf)).toEqual([2, 3]);
      });

      it("Shared: several consumers share the messages", async () => {
        const topic = await transport.topic();
        const options = { subscriptionType: "Shared", receiverQueueSize: 4 } as const;
        const consumers = [await subscribe(topic, options), await subscribe(topic, options)];
        const counts = [0, 0];
        const seen = new Set<number>();
        const done = Promise.all(
          consumers.map(async (consumer, index) => {
            while (seen.size < 100) {
              const message = await consumer.receive(1000).catch(() => undefined);
              if (message === undefined) continue;
              seen.add(numberOf(message));
              counts[index] = (counts[index] ?? 0) + 1;
              await consumer.acknowledge(message);
            }
          }),
        );
        await send(await client.createProducer({ topic, batchingEnabled: false }), 0, 100);
        await done;
        expect(Math.min(...counts)).toBeGreaterThan(0);
        expect(counts.reduce((sum, count) => sum + count)).toBe(100);
      });

      it("KeyShared: a key has one consumer, and its order", async () => {
        const topic = await transport.topic();
        const options = { subscriptionType: "KeyShared" } as const;
        const consumers = [await subscribe(topic, options), await subscribe(topic, options)];
        const owners = new Map<string, Set<number>>();
        const byKey = new Map<string, number[]>();
        let count = 0;
        const done = Promise.all(
          consumers.map(async (consumer, index) => {
            while (count < 300) {
              const message = await consumer.receive(1000).catch(() => undefined);
              if (message === undefined) continue;
              count++;
              const key = message.getPartitionKey();
              owners.set(key, (owners.get(key) ?? new Set()).add(index));
              byKey.set(key, [...(byKey.get(key) ?? []), numberOf(message)]);
              await consumer.acknowledge(message);
            }
          }),
        );
        const batching = { batchingEnabled: true, batchingType: "KeyBasedBatching" } as const;
        const producer = await client.createProducer({ topic, ...batching });
        await Promise.all(
          numbers(300).map((number) =>
            producer.send({ data: Buffer.from(String(number)), partitionKey: `k${number % 30}` }),
          ),
        );
        await done;
        expect([...owners.values()].every((own) => own.size === 1)).toBe(true);
        for (const own of byKey.values()) expect(own).toEqual(ascending(own));
        expect(new Set([...owners.values()].flatMap((own) => [...own]))).toEqual(new Set([0, 1]));
      });

      it("gives all of a backlog through a small queue", async () => {
        const topic = await transport.topic(2);
        const producer = await client.createProducer({ topic });
        await send(producer, 0, 50);
        const consumer = await subscribe(topic, { receiverQueueSize: 2 });
        expect(ascending((await take(consumer, 50)).map(numberOf))).toEqual(numbers(50));
      });

      it("gives what there is at once, or nothing after a moment", async () => {
        const topic = await transport.topic();
        const consumer = await subscribe(topic);
        expect(await consumer.batchReceive()).toEqual([]);
        await fails(consumer.receive(50), "TimeOut");
        await send(await client.createProducer({ topic }), 0, 5);
        const messages: Message[] = [];
        while (messages.length < 5) messages.push(...(await consumer.batchReceive()));
        expect(messages.map(numberOf)).toEqual([0, 1, 2, 3, 4]);
      });
    });

    describe("redelivery", () => {
      it("comes after a negative acknowledgement, and is counted", async () => {
        const topic = await transport.topic();
        await send(await client.createProducer({ topic, batchingEnabled: false }), 0, 2);
        const consumer = await subscribe(topic, { subscriptionType: "Shared", nAckRedeliverTimeoutMs: 100 });
        const [first, second] = await take(consumer, 2);
        if (first === undefined || second === undefined) throw new Error("nothing came");
        consumer.negativeAcknowledge(first);
        await consumer.acknowledge(second);
        const [again] = await take(consumer, 1);
        expect(numberOf(again)).toBe(0);
        expect(again?.getRedeliveryCount()).toBe(1);
      });

      it("ends in the dead-letter topic", async () => {
        const topic = await transport.topic();
        const deadLetterTopic = await transport.topic();
        const dead = await subscribe(deadLetterTopic);
        const producer = await client.createProducer({ topic, batchingEnabled: false });
        await producer.send({ data: Buffer.from("7"), partitionKey: "k", properties: { a: "b" } });
        const consumer = await subscribe(topic, {
          subscriptionType: "Shared",
          nAckRedeliverTimeoutMs: 100,
          deadLetterPolicy: { deadLetterTopic, maxRedeliverCount: 1 },
        });
        for (const count of [0, 1]) {
          const [message] = await take(consumer, 1);
          if (message === undefined) throw new Error("nothing came");
          expect(message.getRedeliveryCount()).toBe(count);
          consumer.negativeAcknowledge(message);
        }
        const [parked] = await take(dead, 1);
        expect(numberOf(parked)).toBe(7);
        expect(parked?.getPartitionKey()).toBe("k");
        expect({ ...parked?.getProperties() }).toMatchObject({ a: "b", REAL_TOPIC: topic });
      });
    });

    describe("deduplication", () => {
      it.each([undefined, 2])("drops what was sent before under the same name; partitions: %s", async (partitions) => {
        const topic = await transport.topic(partitions);
        const producerName = `p-${randomUUID()}`;
        const open = () => client.createProducer({ topic, producerName, batchingEnabled: false });
        const emit = (producer: TransportProducer, sequenceId: number) =>
          producer.send({ data: Buffer.from(String(sequenceId)), partitionKey: "k", sequenceId });
        const first = await open();
        for (const id of [1, 2, 5]) await emit(first, id);
        const dropped = await emit(first, 2);
        expect(dropped.toString()).toMatch(/^\(-1,-1,/);
        await first.close();
        const second = await eventually(open);
        await Promise.all([5, 6, 9].map((id) => emit(second, id)));
        const consumer = await subscribe(topic);
        expect((await take(consumer, 5)).map(numberOf)).toEqual([1, 2, 5, 6, 9]);
        await quiet(consumer);
      });
    });

    describe("access to a topic", () => {
      it("is refused to a second producer of the same name", async () => {
        const topic = await transport.topic();
        await client.createProducer({ topic, producerName: "one" });
        await fails(client.createProducer({ topic, producerName: "one" }), "ProducerBusy");
      });

      it("is for one alone, taken over, and waited for", async () => {
        const topic = await transport.topic();
        if (!transport.capabilities.exclusiveProducers) {
          const opening = client.createProducer({ topic, accessMode: "Exclusive" });
          await expect(opening).rejects.toThrow(UnsupportedByTransport);
          return;
        }
        const first = await client.createProducer({ topic, accessMode: "Exclusive" });
        await fails(client.createProducer({ topic, accessMode: "Exclusive" }), "ProducerFenced");
        await fails(client.createProducer({ topic }), "ProducerBusy");
        const second = await client.createProducer({ topic, accessMode: "ExclusiveWithFencing" });
        await fails(first.send({ data: Buffer.from("x") }), "ProducerFenced");
        const waiting = client.createProducer({ topic, accessMode: "WaitForExclusive" });
        await second.send({ data: Buffer.from("y") });
        await second.close();
        await send(await waiting, 0, 1);
      });
    });

    describe("schemas", () => {
      const schema = (...fields: string[]) => ({
        schemaType: "Avro" as const,
        name: "T",
        schema: JSON.stringify({
          type: "record",
          name: "T",
          fields: fields.map((field) => ({ name: field, type: "int" })),
        }),
      });
      it("that do not fit are refused with the reason", async () => {
        const topic = await transport.topic();
        if (!transport.capabilities.schemas) {
          await expect(client.createProducer({ topic, schema: schema("a") })).rejects.toThrow(UnsupportedByTransport);
          await expect(subscribe(topic, { schema: schema("a") })).rejects.toThrow(UnsupportedByTransport);
          return;
        }
        await client.createProducer({ topic, schema: schema("a") });
        const failure = await fails(client.createProducer({ topic, schema: schema("b") }), "IncompatibleSchema");
        expect(failure.reason?.length).toBeGreaterThan(10);
        expect((await client.registeredSchema?.(topic))?.schema ?? schema("a").schema).toBe(schema("a").schema);
      });
    });

    describe("readers", () => {
      it("read from the start, from after a message, and from now on", async () => {
        const topic = await transport.topic();
        const producer = await client.createProducer({ topic });
        const ids = await send(producer, 0, 3);
        const earliest = await client.createReader({ topic, startMessageId: PulsarMessageId.earliest() });
        expect(await readAll(earliest)).toEqual([0, 1, 2]);
        const startMessageId = ids[1] ?? PulsarMessageId.latest();
        const middle = await client.createReader({ topic, startMessageId });
        const latest = await client.createReader({ topic, startMessageId: PulsarMessageId.latest() });
        expect(await latest.hasNext()).toBe(false);
        await fails(latest.readNext(50), "TimeOut");
        await send(producer, 3, 5);
        expect(await readAll(middle)).toEqual([2, 3, 4]);
        expect(await readAll(latest)).toEqual([3, 4]);
        expect(await readAll(earliest)).toEqual([3, 4]);
        await earliest.close();
        await fails(earliest.readNext(), "AlreadyClosed");
      });

      it("read all partitions, and find out that nothing is there", async () => {
        const topic = await transport.topic(3);
        const producer = await client.createProducer({ topic });
        const empty = await client.createReader({ topic, startMessageId: PulsarMessageId.earliest() });
        expect(await empty.hasNext()).toBe(false);
        for (const key of numbers(30)) await producer.send({ data: Buffer.from(String(key)), partitionKey: `k${key}` });
        const reader = await client.createReader({ topic, startMessageId: PulsarMessageId.earliest() });
        expect(ascending(await readAll(reader))).toEqual(numbers(30));
      });

      it("read more than fits into a queue", async () => {
        const topic = await transport.topic();
        const producer = await client.createProducer({ topic, maxPendingMessages: 3000 });
        await Promise.all(numbers(2500).map((number) => producer.send({ data: Buffer.from(String(number)) })));
        const reader = await client.createReader({ topic, startMessageId: PulsarMessageId.earliest() });
        expect(await readAll(reader)).toEqual(numbers(2500));
      });
    });

    describe("seek", () => {
      it("goes back to the start, to after a message, to a time, and to the end", async () => {
        const topic = await transport.topic();
        const producer = await client.createProducer({ topic, batchingEnabled: false });
        const ids = await send(producer, 0, 2);
        const consumer = await subscribe(topic);
        if (!transport.capabilities.seek) {
          await expect(async () => consumer.seekTimestamp(0)).rejects.toThrow(UnsupportedByTransport);
          return;
        }
        for (const message of await take(consumer, 2)) await consumer.acknowledge(message);
        await new Promise((resolve) => setTimeout(resolve, 20));
        const time = Date.now();
        await send(producer, 2, 4);
        await consumer.seek(PulsarMessageId.earliest());
        expect((await take(consumer, 4)).map(numberOf)).toEqual([0, 1, 2, 3]);
        await consumer.seek(ids[0] as PulsarMessageId);
        expect((await take(consumer, 3)).map(numberOf)).toEqual([1, 2, 3]);
        await consumer.seekTimestamp(time);
        expect((await take(consumer, 2)).map(numberOf)).toEqual([2, 3]);
        await consumer.seek(PulsarMessageId.latest());
        await send(producer, 4, 5);
        expect((await take(consumer, 1)).map(numberOf)).toEqual([4]);
      });
    });

    describe("closing", () => {
      it("of a producer stores what was sent before; afterwards nothing goes on", async () => {
        const topic = await transport.topic();
        const producer = await client.createProducer({ topic });
        const sends = numbers(20).map((number) => producer.send({ data: Buffer.from(String(number)) }));
        await producer.flush();
        await producer.close();
        await Promise.all(sends);
        await fails(producer.send({ data: Buffer.from("x") }), "AlreadyClosed");
        await fails(producer.flush(), "AlreadyClosed");
        await fails(producer.close(), "AlreadyClosed");
        expect(producer.isConnected()).toBe(false);
        expect((await take(await subscribe(topic), 20)).map(numberOf)).toEqual(numbers(20));
      });

      it("of a consumer ends those who wait", async () => {
        const topic = await transport.topic();
        const consumer = await subscribe(topic);
        const receiving = [consumer.receive(), consumer.receive()];
        const ended = Promise.all(receiving.map((one) => fails(one, "AlreadyClosed")));
        await consumer.close();
        await ended;
        await fails(consumer.receive(), "AlreadyClosed");
        await fails(consumer.close(), "AlreadyClosed");
        expect(consumer.isConnected()).toBe(false);
      });

      it("of a client closes all that it has opened", async () => {
        const topic = await transport.topic();
        const own = transport.client();
        const producer = await own.createProducer({ topic });
        const consumer = await own.subscribe({ topic, subscription: "s" });
        const receiving = fails(consumer.receive(), "AlreadyClosed");
        await own.close();
        await receiving;
        expect([producer.isConnected(), consumer.isConnected()]).toEqual([false, false]);
        await fails(own.createProducer({ topic }), "AlreadyClosed");
        await fails(own.close(), "AlreadyClosed");
        await eventually(() => subscribe(topic));
      });
    });

    describe("a configuration that Pulsar would take for another", () => {
      it("is refused", async () => {
        const topic = await transport.topic();
        const wrong = [
          { subscriptionType: "Key_Shared" },
          { subscriptionInitialPosition: "earliest" },
          { ackTimeoutMs: 1000 },
          { deadLetterPolicy: { deadLetterTopic: "d" } },
          { subscriptionType: "Shared", deadLetterPolicy: { deadLetterTopic: "d", maxRedeliverCount: 0 } },
        ];
        for (const one of wrong) await fails(subscribe(topic, one as never), "InvalidConfiguration");
        await fails(client.createProducer({ topic, accessMode: "exclusive" as never }), "InvalidConfiguration");
      });
    });
  });
};

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const ascending = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);
const numberOf = (message: Message | undefined): number => Number(message?.getData().toString());

const send = async (producer: TransportProducer, from: number, to: number): Promise<readonly PulsarMessageId[]> => {
  const ids: PulsarMessageId[] = [];
  for (let number = from; number < to; number++) {
    ids.push(PulsarMessageId.from(await producer.send({ data: Buffer.from(String(number)) })));
  }
  return ids;
};

const take = async (consumer: TransportConsumer, count: number): Promise<readonly Message[]> => {
  const messages: Message[] = [];
  while (messages.length < count) messages.push(await consumer.receive(20_000));
  return messages;
};

/** Nothing more comes: as sure as a quarter of a second can make it. */
const quiet = (consumer: TransportConsumer): Promise<unknown> => fails(consumer.receive(250), "TimeOut");

const readAll = async (reader: Awaited<ReturnType<TransportClient["createReader"]>>): Promise<readonly number[]> => {
  const found: number[] = [];
  while (await reader.hasNext()) found.push(numberOf(await reader.readNext()));
  return found;
};

const fails = async (action: Promise<unknown>, code: FailureCode): Promise<TransportFailed> => {
  const error = await action.then(
    () => undefined,
    (one: unknown) => one,
  );
  expect(error).toBeInstanceOf(TransportFailed);
  expect((error as TransportFailed).code).toBe(code);
  return error as TransportFailed;
};

/** A broker learns of a close a moment after it. */
const eventually = async <T>(action: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25 * attempt));
    }
  }
};
