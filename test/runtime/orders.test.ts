import {
  createMemoryBroker,
  createMemoryStore,
  MemoryMessageId,
  newId,
  runProjection,
  type Uuid,
  uuid,
} from "evgen/runtime";
import { describe, expect, it } from "vitest";
import {
  createOrderProducer,
  createWarehouseConsumer,
  customerSpend,
  type OrderPlaced,
  orderSummary,
  ordersTopic,
} from "../../generated/typescript/index.js";

const placed = (amount = "10.00"): OrderPlaced => ({
  customerId: "c1",
  total: { amount, currency: "EUR" },
  channel: "web",
  items: [{ sku: "ABC-1", quantity: 2, unitPrice: { amount: "5.00", currency: "EUR" } }],
});

describe("the example, in memory", () => {
  it("carries events from producer to consumer and projections", async () => {
    const broker = createMemoryBroker({ topics: [ordersTopic] });
    const client = broker.client();
    const orders = await createOrderProducer(client);
    const packed: string[] = [];
    const warehouse = await createWarehouseConsumer(client, {
      handlers: {
        OrderPlaced: ({ aggregateId, data }) => void packed.push(`${aggregateId} ${data.items.length}`),
        OrderCancelled: () => {},
      },
    });
    const store = createMemoryStore();
    const projections = [
      await runProjection(client, store, orderSummary),
      await runProjection(client, store, customerSpend),
    ];
    const ids: readonly Uuid[] = Array.from({ length: 20 }, () => newId());
    for (const id of ids) {
      await orders.orderPlaced(id, placed());
      await orders.paymentReceived(id, { amount: { amount: "10.00", currency: "EUR" }, reference: "r" });
    }
    await Promise.all([warehouse.whenCaughtUp(), ...projections.map((one) => one.whenCaughtUp())]);
    expect(packed.toSorted()).toEqual(ids.map((id) => `${id} 1`).toSorted());
    expect(store.read(customerSpend, { customerId: "c1" })).toEqual({ orders: 20, spent: "200.00" });
    expect(store.read(orderSummary, { orderId: ids[0] as Uuid })).toMatchObject({ status: "paid" });
    expect(store.all(orderSummary)).toHaveLength(20);
    await Promise.all([warehouse.close(), ...projections.map((one) => one.close()), orders.close()]);
    await client.close();
  });

  it("repeats the header in the properties of the message", async () => {
    const broker = createMemoryBroker({ topics: [ordersTopic] });
    const client = broker.client();
    const orders = await createOrderProducer(client);
    const id = uuid("01943a5e-0000-7000-8000-000000000000");
    await orders.orderPlaced(id, placed(), { time: "2026-01-05T10:00:00.000Z", traceparent: "00-a-b-01", id: "e1" });
    const reader = await client.createReader({ topic: ordersTopic.url, startMessageId: MemoryMessageId.earliest() });
    const message = await reader.readNext();
    expect(message.getPartitionKey()).toBe(id);
    expect(message.getEventTimestamp()).toBe(Date.UTC(2026, 0, 5, 10));
    expect(message.getProperties()).toEqual({
      ce_specversion: "1.0",
      ce_id: "e1",
      ce_source: "shop.sales",
      ce_type: "shop.sales.OrderPlaced.v2",
      ce_subject: id,
      ce_time: "2026-01-05T10:00:00.000Z",
      ce_dataschema: "persistent://shop/sales/orders#OrderPlacedV2",
      traceparent: "00-a-b-01",
    });
    expect(broker.schemas(ordersTopic.url)).toMatchObject([{ schemaType: "Avro" }]);
    expect(reader.hasNext()).toBe(false);
  });
});
