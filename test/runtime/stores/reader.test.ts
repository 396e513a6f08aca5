import { createMemoryBroker, createMemoryStore, NotApplied, newId, runProjection, uuid } from "evgen/runtime";
import { describe, expect, it } from "vitest";
import {
  createOrderProducer,
  customerSpend,
  ordersTopic,
  readCustomerSpend,
  readOrderSummary,
  runCustomerSpend,
  runOrderSummary,
} from "../../../generated/typescript/index.js";

const place = async () => {
  const broker = createMemoryBroker({ topics: [ordersTopic] });
  const client = broker.client();
  const store = createMemoryStore();
  return { client, store, orders: await createOrderProducer(client) };
};

const placed = (customerId: string, amount: string) => ({
  ...{ customerId, channel: "web" as const, items: [] },
  total: { amount, currency: "EUR" as const },
});
const orderId = (at: number) => uuid(`00000000-0000-4000-8000-${String(at).padStart(12, "0")}`);

describe("a reader", () => {
  it("finds rows by key, by the first fields of an index, and page by page", async () => {
    const { client, store, orders } = await place();
    const projection = await runOrderSummary(client, store);
    const reader = await readOrderSummary(store);
    for (let at = 0; at < 9; at++) await orders.orderPlaced(orderId(at), placed(at % 3 === 0 ? "ada" : "bob", "1.00"));
    for (let at = 0; at < 5; at++)
      await orders.paymentReceived(orderId(at), { amount: { amount: "1.00", currency: "EUR" }, reference: "R" });
    await projection.whenCaughtUp();

    expect(await reader.get({ orderId: orderId(3) })).toMatchObject({ customerId: "ada", status: "paid" });
    expect(await reader.get({ orderId: orderId(99) })).toBeUndefined();
    const ids = (page: Awaited<ReturnType<typeof reader.all>>) =>
      page.rows.map(({ key }) => Number(key.orderId.slice(-2)));
    expect(ids(await reader.where({ customerId: "ada" }))).toEqual([0, 3, 6]);
    expect(ids(await reader.where({ customerId: "bob", status: "paid" }))).toEqual([1, 2, 4]);
    const first = await reader.where({ customerId: "bob" }, { limit: 4 });
    const second = await reader.where({ customerId: "bob" }, { limit: 4, after: first.next });
    expect([...ids(first), ...ids(second)].sort()).toEqual([1, 2, 4, 5, 7, 8]);
    expect(second.next).toBeUndefined();
    expect(ids(await reader.all({ limit: 5 }))).toEqual([0, 1, 2, 3, 4]);
    // @ts-expect-error: no index begins with it
    await expect(reader.where({ status: "paid" })).rejects.toThrow("OrderSummary has no index that begins with status");
    // @ts-expect-error: nothing is said
    await expect(reader.where({})).rejects.toThrow("OrderSummary has no index that begins with nothing");
    const spent = await readCustomerSpend(store);
    // @ts-expect-error: there is no index at all
    await expect(spent.where({ orders: 1 })).rejects.toThrow("CustomerSpend has no index");
    await projection.close();
  });

  it("waits until the rows hold an event, by its id or its sequence", async () => {
    const { client, store, orders } = await place();
    const reader = await readOrderSummary(store);
    const [id, aggregateId] = [newId(), orderId(1)];
    const waiting = reader.whenApplied({ type: "OrderPlaced", aggregateId, id });
    await orders.orderPlaced(aggregateId, placed("ada", "1.00"), { id });
    const projection = await runOrderSummary(client, store);
    await waiting;
    expect(await reader.get({ orderId: aggregateId })).toMatchObject({ status: "placed" });

    const next = reader.whenApplied({ type: "OrderCancelled", aggregateId, id: "", sequence: 7 });
    await orders.orderCancelled(aggregateId, { reason: "stock" }, { sequence: 7 });
    await next;
    expect(await reader.get({ orderId: aggregateId })).toMatchObject({ status: "cancelled" });
    await projection.close();
  });

  it("gives up after a time, or when it is told to, and does not wait for what does nothing", async () => {
    const { client, store } = await place();
    const projection = await runCustomerSpend(client, store);
    const reader = await readCustomerSpend(store);
    const event = { type: "OrderPlaced", aggregateId: orderId(1), id: newId() };
    const late = reader.whenApplied(event, { timeout: 20 });
    await expect(late).rejects.toThrow(NotApplied);
    await expect(late).rejects.toThrow("CustomerSpend does not hold OrderPlaced");
    const abort = new AbortController();
    const waiting = reader.whenApplied(event, { signal: abort.signal });
    abort.abort(new Error("the user has left"));
    await expect(waiting).rejects.toThrow("the user has left");
    await reader.whenApplied({ ...event, type: "OrderShipped" });
    await expect(reader.whenApplied({ ...event, type: "Strange" })).rejects.toThrow("is not made of Strange");
    await projection.close();
  });

  it("reads the rows of its version, or another copy of them", async () => {
    const { client, store, orders } = await place();
    await orders.orderPlaced(orderId(1), placed("ada", "1.00"));
    const subscription = { ...customerSpend.subscription, name: "customer-spend-v2" };
    const second: typeof customerSpend = { ...customerSpend, version: 2, subscription };
    const projections = [await runCustomerSpend(client, store), await runProjection(client, store, second)];
    await orders.orderPlaced(orderId(2), placed("ada", "2.00"));
    for (const projection of projections) await projection.whenCaughtUp();
    for (const target of [undefined, "customer_spend_v2"]) {
      const reader = await readCustomerSpend(store, target);
      expect(reader.rows.target).toBe(target ?? "customer_spend_v1");
      expect(await reader.get({ customerId: "ada" })).toEqual({ orders: 2, spent: "3.00" });
    }
    for (const projection of projections) await projection.close();
  });
});
