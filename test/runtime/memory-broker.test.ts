import { describe, expect, it } from "vitest";
import {
  createManualClock,
  createMemoryBroker,
  type MemoryBrokerOptions,
  type MemoryClient,
  MemoryMessageId,
  type Message,
  type SubscriptionType,
  type TransportConsumer,
  type TransportConsumerConfig,
} from "../../src/runtime/index.js";
import { partitionOf } from "../../src/runtime/murmur.js";

const topic = "persistent://shop/sales/t";

const start = (options: MemoryBrokerOptions = {}, partitions = 0) => {
  const broker = createMemoryBroker({ topics: [{ url: topic, partitions }], ...options });
  return { broker, client: broker.client() };
};

const publish = async (client: MemoryClient, messages: readonly (readonly [key: string, text: string])[]) => {
  const producer = await client.createProducer({ topic });
  for (const [partitionKey, text] of messages) await producer.send({ data: Buffer.from(text), partitionKey });
  await producer.close();
};

const numbered = (count: number, keys: number) =>
  Array.from({ length: count }, (_, i) => [`k${i % keys}`, String(i)] as const);

const subscribe = (
  client: MemoryClient,
  subscriptionType: SubscriptionType,
  more: Partial<TransportConsumerConfig> = {},
) => client.subscribe({ topic, subscription: "s", subscriptionType, subscriptionInitialPosition: "Earliest", ...more });

const textOf = (message: Message) => message.getData().toString();

/** A receive that found nothing goes on waiting, and gets the next message: so it is kept for the next one who asks. */
const pending = new WeakMap<TransportConsumer, Promise<Message>>();

const next = async (consumer: TransportConsumer): Promise<Message> => {
  const receiving = pending.get(consumer) ?? consumer.receive();
  pending.set(consumer, receiving);
  const message = await receiving;
  pending.delete(consumer);
  return message;
};

const take = async (consumer: TransportConsumer, count: number): Promise<Message[]> => {
  const messages: Message[] = [];
  while (messages.length < count) messages.push(await next(consumer));
  return messages;
};

/** What is there at once. */
const drain = async (consumer: TransportConsumer): Promise<Message[]> => {
  const messages: Message[] = [];
  for (;;) {
    const receiving = pending.get(consumer) ?? consumer.receive();
    pending.set(consumer, receiving);
    receiving.catch(() => {});
    const message = await Promise.race([receiving, new Promise<null>((go) => setImmediate(() => go(null)))]);
    if (message === null) return messages;
    pending.delete(consumer);
    messages.push(message);
  }
};

describe("routing", () => {
  it("hashes keys as Pulsar does", () => {
    expect(["o1", "o2", "o3", "order-12345", "é"].map((key) => partitionOf(key, 4))).toEqual([1, 1, 0, 2, 3]);
  });

  it("keeps the order of a key in its partition", async () => {
    const { client } = start({}, 4);
    await publish(client, numbered(40, 5));
    const messages = await take(await subscribe(client, "Exclusive"), 40);
    for (let key = 0; key < 5; key++) {
      const own = messages.filter((message) => message.getPartitionKey() === `k${key}`);
      expect(own.map(textOf).map(Number)).toEqual(
        own
          .map(textOf)
          .map(Number)
          .toSorted((a, b) => a - b),
      );
      expect(new Set(own.map((message) => message.getTopicName())).size).toBe(1);
    }
  });
});

describe("subscriptions", () => {
  it("refuses a second exclusive consumer, and another type", async () => {
    const { client } = start();
    const first = await subscribe(client, "Exclusive");
    await expect(subscribe(client, "Exclusive")).rejects.toThrow("ConsumerBusy");
    await expect(subscribe(client, "Shared")).rejects.toThrow("ConsumerBusy");
    await first.close();
    await expect(subscribe(client, "Shared")).resolves.toBeDefined();
  });

  it.each(["Exclusive", "Failover", "Shared", "KeyShared"] as const)(
    "%s: remembers what was acknowledged, one by one, and gives the rest to the next",
    async (type) => {
      const { broker, client } = start();
      await publish(client, numbered(6, 3));
      const first = await subscribe(client, type);
      const messages = await take(first, 6);
      for (const message of messages.filter((one) => ["1", "2", "4"].includes(textOf(one))))
        await first.acknowledge(message);
      expect(broker.backlog(topic, "s")).toBe(3);
      await first.close();
      const second = await subscribe(client, type);
      expect((await take(second, 3)).map(textOf).toSorted()).toEqual(["0", "3", "5"]);
      expect(await drain(second)).toEqual([]);
    },
  );

  it("failover: one consumer a partition, the next takes over", async () => {
    const { client } = start({}, 2);
    const a = await subscribe(client, "Failover", { consumerName: "a" });
    const b = await subscribe(client, "Failover", { consumerName: "b" });
    await publish(client, numbered(20, 10));
    const [ofA, ofB] = [await drain(a), await drain(b)];
    expect(ofA.length + ofB.length).toBe(20);
    expect(new Set(ofA.map((one) => one.getTopicName()))).toEqual(new Set([`${topic}-partition-0`]));
    expect(new Set(ofB.map((one) => one.getTopicName()))).toEqual(new Set([`${topic}-partition-1`]));
    await a.close();
    expect((await drain(b)).map(textOf).toSorted()).toEqual(ofA.map(textOf).toSorted());
  });

  it("shared: in turn", async () => {
    const { client } = start();
    const [a, b] = [await subscribe(client, "Shared"), await subscribe(client, "Shared")];
    await publish(client, numbered(10, 10));
    expect((await drain(a)).length).toBe(5);
    expect((await drain(b)).length).toBe(5);
  });

  it("key shared: a key has one consumer, in order, also while consumers come and go", async () => {
    const { client } = start({}, 2);
    const seen = new Map<string, number[]>();
    const owners = new Map<string, Set<string>>();
    const consumers: TransportConsumer[] = [];
    const work = async (name: string, consumer: TransportConsumer) => {
      for (;;) {
        const message = await consumer.receive().catch(() => undefined);
        if (message === undefined) return;
        const key = message.getPartitionKey();
        const busy = owners.get(key) ?? new Set();
        owners.set(key, busy.add(name));
        expect(busy.size).toBe(1);
        await new Promise((go) => setImmediate(go));
        seen.set(key, [...(seen.get(key) ?? []), Number(textOf(message))]);
        busy.delete(name);
        if (!consumer.isConnected()) return;
        await consumer.acknowledge(message);
      }
    };
    const join = async (name: string) => {
      const consumer = await subscribe(client, "KeyShared", { consumerName: name, receiverQueueSize: 5 });
      consumers.push(consumer);
      void work(name, consumer);
    };
    await join("a");
    const publishing = publish(client, numbered(600, 20));
    await join("b");
    await join("c");
    await publishing;
    await consumers[0]?.close();
    await join("d");
    await consumers[1]?.whenDrained?.();
    expect(
      [...seen.values()]
        .flat()
        .toSorted((a, b) => a - b)
        .filter((n, i, all) => n !== all[i - 1]),
    ).toHaveLength(600);
    for (const [, numbers] of seen) {
      // What the first consumer had in hand when it left may come twice, but nothing overtakes.
      const fresh = numbers.filter((n, i) => numbers.indexOf(n) === i);
      expect(fresh).toEqual(fresh.toSorted((a, b) => a - b));
    }
  });

  it("starts at the earliest or the latest", async () => {
    const { client } = start();
    await publish(client, [["k", "old"]]);
    const latest = await client.subscribe({ topic, subscription: "new", subscriptionType: "Shared" });
    await publish(client, [["k", "new"]]);
    expect((await drain(latest)).map(textOf)).toEqual(["new"]);
  });

  it("rejects a pending receive when it is closed", async () => {
    const { client } = start();
    const consumer = await subscribe(client, "Exclusive");
    const pending = consumer.receive();
    await consumer.close();
    await expect(pending).rejects.toThrow("Failed to receive message: AlreadyClosed");
    await expect(consumer.close()).rejects.toThrow("AlreadyClosed");
    await expect(consumer.receive()).rejects.toThrow("AlreadyClosed");
  });

  it("ends a receive with a time limit, on the clock", async () => {
    const clock = createManualClock();
    const { client } = start({ clock });
    const consumer = await subscribe(client, "Exclusive");
    const pending = consumer.receive(500);
    const failure = expect(pending).rejects.toThrow("TimeOut");
    await clock.advance(500);
    await failure;
    await publish(client, [["k", "x"]]);
    expect(textOf(await consumer.receive())).toBe("x");
  });
});

describe("redelivery", () => {
  it("shared: after a negative acknowledgement, counted, and then to the dead letters", async () => {
    const clock = createManualClock();
    const { broker, client } = start({ clock });
    await publish(client, [["k", "poison"]]);
    const consumer = await subscribe(client, "Shared", {
      nAckRedeliverTimeoutMs: 300,
      deadLetterPolicy: { deadLetterTopic: "persistent://shop/sales/dlq", maxRedeliverCount: 3 },
    });
    const counts: number[] = [];
    for (let i = 0; i < 4; i++) {
      const message = await consumer.receive();
      counts.push(message.getRedeliveryCount());
      consumer.negativeAcknowledge(message);
      await clock.advance(300);
    }
    expect(counts).toEqual([0, 1, 2, 3]);
    expect(broker.backlog(topic, "s")).toBe(0);
    const reader = await client.createReader({
      topic: "persistent://shop/sales/dlq",
      startMessageId: MemoryMessageId.earliest(),
    });
    const dead = await reader.readNext();
    expect(textOf(dead)).toBe("poison");
    expect(dead.getEventTimestamp()).toBe(0);
    expect(dead.getProperties()).toMatchObject({ REAL_TOPIC: topic, ORIGIN_MESSAGE_ID: "(1,0,-1,-1)" });
  });

  it("exclusive: all that is not acknowledged, in order, never counted", async () => {
    const clock = createManualClock();
    const { client } = start({ clock });
    await publish(client, numbered(4, 1));
    const consumer = await subscribe(client, "Exclusive", { nAckRedeliverTimeoutMs: 300 });
    const [first, second] = await take(consumer, 4);
    await consumer.acknowledge(first as Message);
    consumer.negativeAcknowledge(second as Message);
    await clock.advance(300);
    const again = await take(consumer, 3);
    expect(again.map(textOf)).toEqual(["1", "2", "3"]);
    expect(again.map((one) => one.getRedeliveryCount())).toEqual([0, 0, 0]);
  });

  it("after the acknowledgement timeout, which has a minimum", async () => {
    const clock = createManualClock();
    const { client } = start({ clock });
    await expect(subscribe(client, "Shared", { ackTimeoutMs: 5 })).rejects.toThrow("InvalidConfiguration");
    await publish(client, numbered(2, 2));
    const consumer = await subscribe(client, "Shared", { ackTimeoutMs: 10_000 });
    const [first] = await take(consumer, 2);
    await consumer.acknowledge(first as Message);
    await clock.advance(10_000);
    const [again] = await take(consumer, 1);
    expect([textOf(again as Message), again?.getRedeliveryCount()]).toEqual(["1", 1]);
  });

  it("when a client dies", async () => {
    const { broker, client } = start();
    const dying = broker.client();
    await publish(client, numbered(3, 3));
    await take(await subscribe(dying, "KeyShared"), 3);
    dying.crash();
    expect((await take(await subscribe(client, "KeyShared"), 3)).map(textOf).toSorted()).toEqual(["0", "1", "2"]);
  });
});

describe("positions", () => {
  it("seeks by id, exclusively, and by publish time", async () => {
    const clock = createManualClock(1000);
    const { client } = start({ clock });
    for (let i = 0; i < 5; i++) {
      await publish(client, [["k", String(i)]]);
      await clock.advance(10);
    }
    const consumer = await subscribe(client, "Exclusive");
    const messages = await take(consumer, 5);
    for (const message of messages) await consumer.acknowledge(message);
    await consumer.seek((messages[2] as Message).getMessageId());
    expect((await drain(consumer)).map(textOf)).toEqual(["3", "4"]);
    await consumer.seekTimestamp(1010);
    expect((await take(consumer, 4)).map(textOf)).toEqual(["1", "2", "3", "4"]);
    await consumer.seek(MemoryMessageId.latest());
    await consumer.seek(MemoryMessageId.earliest());
    expect((await take(consumer, 5)).map(textOf)).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("reads without a subscription, from an id on", async () => {
    const { client } = start({}, 3);
    await publish(client, numbered(9, 9));
    const reader = await client.createReader({ topic, startMessageId: MemoryMessageId.earliest() });
    const texts: string[] = [];
    while (reader.hasNext()) texts.push(textOf(await reader.readNext()));
    expect(texts.toSorted()).toEqual(numbered(9, 9).map(([, text]) => text));
    const next = reader.readNext();
    await publish(client, [["k", "late"]]);
    expect(textOf(await next)).toBe("late");
    const pending = reader.readNext(0);
    await reader.close();
    await expect(pending).rejects.toThrow("AlreadyClosed");
    const latest = await client.createReader({ topic, startMessageId: MemoryMessageId.latest() });
    expect(latest.hasNext()).toBe(false);
  });

  it("knows an id again that was serialized", () => {
    const id = new MemoryMessageId(1, 5, 2);
    expect(MemoryMessageId.deserialize(id.serialize())).toEqual(id);
  });
});

describe("producers", () => {
  it("drops what was sent before under the same name, also after reopening", async () => {
    const { broker, client } = start();
    const open = () => client.createProducer({ topic, producerName: "relay" });
    const first = await open();
    const send = (producer: typeof first, sequenceId?: number) =>
      producer.send({ data: Buffer.from("x"), ...(sequenceId === undefined ? {} : { sequenceId }) });
    expect(String(await send(first, 0))).toBe("(1,0,-1,-1)");
    expect(String(await send(first, 7))).toBe("(1,1,-1,-1)");
    expect(String(await send(first, 7))).toBe("(-1,-1,-1,-1)");
    expect(String(await send(first, 3))).toBe("(-1,-1,-1,-1)");
    // As with Pulsar: explicit and automatic ids do not mix.
    expect(String(await send(first))).toBe("(-1,-1,-1,-1)");
    await first.close();
    const second = await open();
    expect(String(await send(second, 7))).toBe("(-1,-1,-1,-1)");
    expect(String(await send(second))).toBe("(1,2,-1,-1)");
    expect(broker.stored(topic)).toBe(3);
  });

  it("knows the access modes", async () => {
    const { client } = start();
    const exclusive = await client.createProducer({ topic, accessMode: "Exclusive", producerName: "a" });
    await expect(client.createProducer({ topic })).rejects.toThrow("ProducerBusy");
    await expect(client.createProducer({ topic, accessMode: "Exclusive" })).rejects.toThrow("ProducerFenced");
    const waiting = client.createProducer({ topic, accessMode: "WaitForExclusive", producerName: "b" });
    await exclusive.close();
    const waited = await waiting;
    expect(waited.getProducerName()).toBe("b");
    const fencing = await client.createProducer({ topic, accessMode: "ExclusiveWithFencing" });
    await expect(waited.send({ data: Buffer.from("x") })).rejects.toThrow("ProducerFenced");
    await expect(fencing.send({ data: Buffer.from("x") })).resolves.toBeDefined();
    expect([waited.isConnected(), fencing.isConnected()]).toEqual([false, true]);
  });

  it("refuses what is too large or no Buffer, and makes properties text", async () => {
    const { client } = start();
    const producer = await client.createProducer({ topic });
    await expect(producer.send({ data: "text" as unknown as Buffer })).rejects.toThrow(TypeError);
    await expect(producer.send({ data: Buffer.alloc(5 * 1024 * 1024 + 1) })).rejects.toThrow("MessageTooBig");
    const properties = { n: 5, length: 3, ["__proto__"]: "p" } as unknown as Record<string, string>;
    await producer.send({ data: Buffer.from("x"), properties });
    const consumer = await subscribe(client, "Exclusive");
    const [message] = await take(consumer, 1);
    expect(Object.entries(message?.getProperties() ?? {})).toEqual([
      ["n", "5"],
      ["length", "3"],
      ["__proto__", "p"],
    ]);
    await producer.close();
    await expect(producer.send({ data: Buffer.from("x") })).rejects.toThrow("AlreadyClosed");
  });

  it("holds producers to the registered schema", async () => {
    const schema = (name: string, fields: unknown[] = []) => ({
      schemaType: "Avro" as const,
      name,
      schema: JSON.stringify({ fields, type: "record", name: "E" }),
    });
    const { client } = start();
    await client.createProducer({ topic, schema: schema("one") });
    await client.createProducer({
      topic,
      schema: { ...schema("two"), schema: ' {"type":"record","name":"E","fields":[]}' },
    });
    await expect(client.createProducer({ topic, schema: schema("E", [{ name: "a", type: "int" }]) })).rejects.toThrow(
      "Failed to create producer: IncompatibleSchema",
    );
    await expect(client.createProducer({ topic, schema: { ...schema("E"), schemaType: "Json" } })).rejects.toThrow(
      "IncompatibleSchema",
    );
    await client.createProducer({ topic });

    const closed = start({ autoUpdateSchema: false, schemaValidationEnforced: true });
    await expect(closed.client.createProducer({ topic, schema: schema("E") })).rejects.toThrow("IncompatibleSchema");
    closed.broker.registerSchema(topic, schema("E"));
    await closed.client.createProducer({ topic, schema: schema("E") });
    await expect(closed.client.createProducer({ topic })).rejects.toThrow("IncompatibleSchema");
  });
});

describe("faults", () => {
  it("fails sends, with and without the message being stored", async () => {
    const { broker, client } = start();
    const producer = await client.createProducer({ topic });
    broker.faults.failSends(1);
    broker.faults.failSends(1, { stored: true });
    await expect(producer.send({ data: Buffer.from("a") })).rejects.toThrow("Failed to send message: TimeOut");
    await expect(producer.send({ data: Buffer.from("b") })).rejects.toThrow("TimeOut");
    await producer.send({ data: Buffer.from("c") });
    expect((await drain(await subscribe(client, "Exclusive"))).map(textOf)).toEqual(["b", "c"]);
  });

  it("loses acknowledgements, doubles, delays, shuffles and disconnects", async () => {
    const clock = createManualClock();
    const { broker, client } = start({ clock });
    const consumer = await subscribe(client, "KeyShared");
    broker.faults.duplicateDeliveries(1);
    await publish(client, numbered(2, 2));
    expect((await drain(consumer)).map(textOf)).toEqual(["0", "0", "1"]);
    broker.faults.disconnect();
    const again = await take(consumer, 2);
    broker.faults.dropAcknowledgements(1);
    for (const message of again) await consumer.acknowledge(message);
    expect(broker.backlog(topic, "s")).toBe(1);
    broker.faults.disconnect();
    for (const message of await take(consumer, 1)) await consumer.acknowledge(message);
    expect(broker.backlog(topic, "s")).toBe(0);

    broker.faults.delayDeliveries(50);
    await publish(client, [["k", "late"]]);
    await clock.advance(49);
    expect([await drain(consumer), broker.backlog(topic, "s")]).toEqual([[], 1]);
    await clock.advance(1);
    expect((await take(consumer, 1)).map(textOf)).toEqual(["late"]);
    broker.faults.delayDeliveries(0);

    broker.faults.shuffleKeys(7);
    await publish(client, numbered(100, 10));
    const shuffled = (await take(consumer, 100)).map((one) => [one.getPartitionKey(), Number(textOf(one))] as const);
    expect(shuffled.map(([, n]) => n)).not.toEqual(shuffled.map(([, n]) => n).toSorted((a, b) => a - b));
    for (let key = 0; key < 10; key++) {
      const own = shuffled.filter(([one]) => one === `k${key}`).map(([, n]) => n);
      expect(own).toEqual(own.toSorted((a, b) => a - b));
    }
  });
});

it("forgets what is acknowledged when retention is off", async () => {
  const { broker, client } = start({ retention: "none" }, 2);
  const consumer = await subscribe(client, "KeyShared");
  const producer = await client.createProducer({ topic });
  const data = Buffer.from("x");
  for (let i = 0; i < 50_000; i++) {
    await producer.send({ data, partitionKey: `k${i % 100}` });
    await consumer.acknowledge(await consumer.receive());
  }
  expect(broker.stored(topic)).toBe(0);
  expect(broker.backlog(topic, "s")).toBe(0);
});
