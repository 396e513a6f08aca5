import { describe, expect, it } from "vitest";
import {
  createMemoryBroker,
  createNativeClient,
  type LogLine,
  PulsarMessageId,
  TransportFailed,
} from "../../../src/runtime/index.js";
import { describeTransport } from "./contract.js";
import { crashes, standIn } from "./stand-in.js";

const serviceUrl = "pulsar://localhost:6650";

describeTransport("the official client's interface, with its traps, over a broker in memory", async () => {
  const broker = createMemoryBroker();
  const pulsar = standIn(broker.client);
  let count = 0;
  return {
    capabilities: { schemas: true, seek: true, exclusiveProducers: true, confirmedAcknowledgements: false },
    client: () => createNativeClient(pulsar, { serviceUrl }),
    topic: async (partitions = 0) => {
      const url = `persistent://t/n/t${++count}`;
      broker.createTopic(url, partitions);
      return url;
    },
    largest: 5 * 1024 * 1024,
    anyProperty: false,
    producerNames: true,
  };
});

describe("a client of the official library", () => {
  const open = () => {
    const broker = createMemoryBroker();
    const lines: LogLine[] = [];
    const client = createNativeClient(standIn(broker.client), { serviceUrl, onLog: (line) => lines.push(line) });
    return { broker, client, lines };
  };

  it("keeps out of every trap that takes a process down or holds its threads", () => {
    // What the contract above has fallen into.
    expect(crashes).toEqual([]);
  });

  it("takes a frozen configuration, and leaves the given one as it is", () => {
    const config = Object.freeze({ serviceUrl });
    createNativeClient(standIn(createMemoryBroker().client), config);
    expect(config).toEqual({ serviceUrl });
  });

  it("says what is wrong with a configuration", () => {
    const create = () => createNativeClient(standIn(createMemoryBroker().client), {} as never);
    expect(create).toThrow(TransportFailed);
    expect(create).toThrow(/InvalidConfiguration: Service URL is required/);
  });

  it("finds the broker's reason in the log", async () => {
    const { client, lines } = open();
    await client.createProducer({ topic: "t", producerName: "one" });
    const schema = (name: string) => ({
      schemaType: "Avro" as const,
      name,
      schema: JSON.stringify({ type: "record", name, fields: [] }),
    });
    await client.createProducer({ topic: "s", schema: schema("A") });
    await expect(client.createProducer({ topic: "s", schema: schema("B") })).rejects.toMatchObject({
      code: "IncompatibleSchema",
      reason: "Schema not found and schema auto updating is disabled.",
    });
    expect(lines.map(({ level }) => level)).toEqual(["warn"]);
  });

  it("refuses to send what nobody could read", async () => {
    const { client } = open();
    const producer = await client.createProducer({ topic: "t" });
    const data = Buffer.from("x");
    await expect(producer.send({ data, properties: { length: "3" } })).rejects.toThrow('called "length"');
    await expect(producer.send({ data, properties: { a: 5 as never } })).rejects.toThrow(
      'the property "a" must be text',
    );
    await expect(producer.send({ data, partitionKey: 5 as never })).rejects.toThrow("partitionKey must be text");
  });

  it("reads a message whose properties cannot be read, and says so", async () => {
    const { broker, client, lines } = open();
    const producer = await broker.client().createProducer({ topic: "t" });
    await producer.send({ data: Buffer.from("x"), properties: { length: "abc" } });
    const consumer = await client.subscribe({ topic: "t", subscription: "s", subscriptionInitialPosition: "Earliest" });
    const message = await consumer.receive();
    expect(message.getProperties()).toEqual({});
    expect(message.getData().toString()).toBe("x");
    expect(lines.map(({ message: text }) => text).join()).toContain("cannot be read");
  });

  it("gives the message that came too late for one receive to the next", async () => {
    const { broker, client } = open();
    const consumer = await client.subscribe({ topic: "t", subscription: "s" });
    await expect(consumer.receive(10)).rejects.toThrow("TimeOut");
    const producer = await broker.client().createProducer({ topic: "t" });
    await producer.send({ data: Buffer.from("x") });
    expect((await consumer.receive(1000)).getData().toString()).toBe("x");
  });

  it("seeks one after the other, and only to times", async () => {
    const { client } = open();
    const consumer = await client.subscribe({ topic: "t", subscription: "s" });
    await expect(Promise.all([consumer.seekTimestamp(0), consumer.seekTimestamp(1)])).resolves.toEqual([null, null]);
    await expect(consumer.seekTimestamp("x" as never)).rejects.toThrow("InvalidConfiguration");
  });

  it("lets a read that waits end when the reader is closed", async () => {
    const { client } = open();

    const reader = await client.createReader({ topic: "t", startMessageId: PulsarMessageId.latest() });
    const reading = reader.readNext();
    const ended = expect(reading).rejects.toThrow("AlreadyClosed");
    await reader.close();
    await ended;
  });
});
