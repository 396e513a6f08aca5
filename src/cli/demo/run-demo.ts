import type { AggregateDefinition, Consumer, EventDefinition, MemoryBroker, MemoryStore } from "evgen/runtime";
import {
  createMemoryBroker,
  createMemoryStore,
  createProducer,
  isMark,
  MemoryMessageId,
  parkingProperties,
  runProjection,
  schemaOf,
  uuid,
} from "evgen/runtime";
import type { OrderEvent, OrderPlaced, OrderPlacedV1 } from "./generated/index.js";
import {
  createOrderProducer,
  createWarehouseConsumer,
  customerSpend,
  order,
  orderPlaced,
  orderSummary,
  ordersTopic,
  warehouse,
} from "./generated/index.js";
import type { Screen } from "./screen.js";
import { createScreen, table } from "./screen.js";

/**
 * Tells what happens to the events of model.example.yaml, on a broker in memory with the code that evgen generates
 * from it. Everything that is shown has happened: it is read back from the broker and the store.
 */
export const runDemo = async (options: {
  readonly print: (text: string) => void;
  readonly colour: boolean;
  /** Milliseconds between two steps. */
  readonly pause: number;
}): Promise<void> => {
  const screen = createScreen(options);
  screen.title("The web shop of model.example.yaml, on a broker in memory. Nothing else is needed or touched.");

  const broker = await provision(screen);
  await anOldProgram(screen, broker);
  await placeOrders(screen, broker);

  const store = createMemoryStore();
  const readers = await readAll(screen, broker, store);
  await poison(screen, broker, readers);
  await restart(screen, broker, store, readers);

  screen.title("That was all of it: a model, `evgen build`, and your handlers. To begin one of your own: evgen init");
};

const [first, second, third, fourth] = ["1", "2", "3", "4"].map((digit) =>
  uuid(`00000000-0000-4000-8000-00000000000${digit}`),
) as [OrderId, OrderId, OrderId, OrderId];

type OrderId = OrderEvent["aggregateId"];

const subscriptions = [orderSummary, customerSpend, warehouse].map(({ subscription }) => subscription);

const provision = async (screen: Screen): Promise<MemoryBroker> => {
  await screen.step("Provision what the model says (on a real broker: generated/pulsar-admin/provision.sh)");
  const broker = createMemoryBroker({ topics: [ordersTopic], autoCreateTopics: false, autoUpdateSchema: false });
  broker.registerSchema(ordersTopic.url, schemaOf(ordersTopic));
  screen.line(
    `topic         ${ordersTopic.url}, ${ordersTopic.partitions} partitions, schema ${schemaOf(ordersTopic).name}`,
  );
  for (const { name, type, deadLetterTopic } of subscriptions) {
    broker.createSubscription(ordersTopic.url, name);
    broker.createTopic(deadLetterTopic, 0);
    broker.registerSchema(deadLetterTopic, schemaOf(ordersTopic));
    broker.createSubscription(deadLetterTopic, "evgen-dlq");
    screen.line(`subscription  ${name}, ${type}; parks in ${deadLetterTopic.replace(/^.*\//, "")}`);
  }
  return broker;
};

/** What was deployed when the model had only version 1 of OrderPlaced. */
const anOldProgram = async (screen: Screen, broker: MemoryBroker): Promise<void> => {
  await screen.step("Last year: a program that knows only version 1 of OrderPlaced stores an event");
  const oldOrderPlaced: EventDefinition<"OrderPlaced", OrderPlacedV1> = {
    type: "OrderPlaced",
    versions: orderPlaced.versions.slice(0, 1),
  };
  const oldOrder: AggregateDefinition = { ...order, events: [oldOrderPlaced] };
  const client = broker.client();
  const orders = await createProducer(client, oldOrder, { orderPlaced: oldOrderPlaced });
  const data: OrderPlacedV1 = { customer: "ada", total: 25.5, items: [] };
  await orders.orderPlaced(first, data, { time: "2025-03-01T09:00:00.000Z" });
  screen.line(`OrderPlaced version 1  ${JSON.stringify(data)}`);
  await orders.close();
  await client.close();
};

const placed = (customerId: string, amount: string, quantity = 1): OrderPlaced => ({
  customerId,
  total: { amount, currency: "EUR" },
  channel: "web",
  items: [{ sku: "ABC-1", quantity, unitPrice: { amount, currency: "EUR" } }],
});

const placeOrders = async (screen: Screen, broker: MemoryBroker): Promise<void> => {
  await screen.step("Today: orders are placed, paid and shipped with the generated producer");
  const client = broker.client();
  const orders = await createOrderProducer(client);
  await orders.orderPlaced(second, placed("grace", "99.90"));
  await orders.orderPlaced(third, placed("ada", "10.00"));
  await orders.paymentReceived(second, { amount: { amount: "99.90", currency: "EUR" }, reference: "R-7" });
  await orders.orderShipped(second, { carrier: "DHL", trackingCode: "X1", shippedAt: "2026-01-05T10:00:00.000Z" });
  const refused = await orders
    .orderPlaced(fourth, placed("eve", "1.00", 0))
    .then(() => "stored")
    .catch((error: Error) => error.message);
  screen.line("OrderPlaced grace 99.90, OrderPlaced ada 10.00, PaymentReceived, OrderShipped");
  screen.line(`OrderPlaced eve 1.00 is refused before it is sent: ${refused}`);
  screen.line(`the topic holds ${broker.stored(ordersTopic.url)} events`);
  await orders.close();
  await client.close();
};

interface Readers {
  /** Ends them without a word, as when a process is killed. */
  readonly crash: () => void;
  readonly caughtUp: () => Promise<void>;
  readonly all: readonly Consumer[];
  readonly packed: readonly string[];
  readonly parked: readonly string[];
}

const readAll = async (screen: Screen, broker: MemoryBroker, store: MemoryStore): Promise<Readers> => {
  await screen.step("Two projections and a consumer read everything from the start");
  const readers = await startReaders(broker, store);
  await readers.caughtUp();
  screen.line("The warehouse was told, with every event in its current version:");
  for (const line of sorted(readers.packed, String)) screen.line(`  ${line}`);
  screen.line("The event of version 1 came as version 2: upcast on the way, the stored one stays as it is.");
  showRows(screen, store);
  return readers;
};

const startReaders = async (broker: MemoryBroker, store: MemoryStore): Promise<Readers> => {
  const client = broker.client();
  const packed: string[] = [];
  const parked: string[] = [];
  const all = [
    await runProjection(client, store, orderSummary),
    await runProjection(client, store, customerSpend),
    await createWarehouseConsumer(client, {
      handlers: {
        OrderPlaced: ({ version, data }) => {
          packed.push(`OrderPlaced, stored in version ${version}: ${JSON.stringify(data)}`);
        },
        OrderCancelled: ({ data }) => {
          packed.push(`OrderCancelled: ${JSON.stringify(data)}`);
        },
      },
      onNotice: (notice) => {
        if (notice.kind === "parked") parked.push(`${notice.reason}: ${notice.error}`);
      },
    }),
  ];
  return {
    crash: () => client.crash(),
    caughtUp: async () => {
      for (const reader of all) await reader.whenCaughtUp();
    },
    all,
    packed,
    parked,
  };
};

/** Partitions are read side by side; what is shown is in an order that is always the same. */
const sorted = <T>(items: readonly T[], key: (item: T) => string): readonly T[] =>
  [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));

const showRows = (screen: Screen, store: MemoryStore): void => {
  const orders = sorted(store.all(orderSummary), ({ key }) => key.orderId).map(({ key, row }) => [
    key.orderId.slice(-4),
    row.customerId,
    row.status,
    row.total.amount,
  ]);
  screen.lines(table("OrderSummary", ["order", "customer", "status", "total"], orders));
  const customers = sorted(store.all(customerSpend), ({ key }) => key.customerId).map(({ key, row }) => [
    key.customerId,
    String(row.orders),
    row.spent,
  ]);
  screen.lines(table("CustomerSpend", ["customer", "orders", "spent"], customers));
};

const poison = async (screen: Screen, broker: MemoryBroker, readers: Readers): Promise<void> => {
  await screen.step("Something that nobody can read arrives in the topic");
  const client = broker.client();
  const producer = await client.createProducer({ topic: ordersTopic.url, schema: schemaOf(ordersTopic) });
  await producer.send({ data: Buffer.from("not an event"), partitionKey: third });
  await readers.caughtUp();
  const parkedIn = warehouse.subscription.deadLetterTopic;
  const parking = await client.createReader({ topic: parkedIn, startMessageId: MemoryMessageId.earliest() });
  let message = await parking.readNext();
  while (isMark(message)) message = await parking.readNext();
  const properties = message.getProperties();
  screen.line(`It is parked, with the reason, and blocks nobody else: ${parkedIn.replace(/^.*\//, "")} holds`);
  screen.line(
    `  ${JSON.stringify(message.getData().toString("utf8"))}, ${properties[parkingProperties.reason]}: ${properties[parkingProperties.error]}`,
  );
  await parking.close();
  await producer.close();
  await client.close();
};

const restart = async (screen: Screen, broker: MemoryBroker, store: MemoryStore, readers: Readers): Promise<void> => {
  await screen.step("The readers are killed. Meanwhile the shop goes on. Then they start again");
  readers.crash();
  const client = broker.client();
  const orders = await createOrderProducer(client);
  await orders.orderPlaced(fourth, placed("grace", "5.10"));
  await orders.orderCancelled(second, { reason: "customer" });
  const backlog = broker.backlog(ordersTopic.url, orderSummary.subscription.name);
  screen.line(`while they are gone: ${backlog} events wait for ${orderSummary.name}`);
  const again = await startReaders(broker, store);
  await again.caughtUp();
  const handled = again.all[0]?.counts.handled ?? 0;
  screen.line(`after the start: it has caught up with ${handled}, nothing is lost and nothing counted twice`);
  showRows(screen, store);
  for (const reader of again.all) await reader.close();
  await orders.close();
  await client.close();
};
