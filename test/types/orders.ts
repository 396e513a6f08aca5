/** What users of the example's code may and may not write. Compiled, never run. */
import type { ConsumerClient, Uuid } from "evgen/runtime";
import {
  createOrderConsumer,
  createOrderProducer,
  createWarehouseConsumer,
  type OrderEvent,
  type OrderHandlers,
  type OrderPlaced,
  type OrderPlacedV1,
  type StoredOrderPlaced,
  type WarehouseHandlers,
} from "../../generated/typescript/index.js";

declare const client: ConsumerClient;
declare const orderId: Uuid;
declare const current: OrderPlaced;
declare const old: OrderPlacedV1;

const handlers: OrderHandlers = {
  OrderPlaced: (event) => console.log(event.data.customerId, event.data.note?.length),
  PaymentReceived: (event) => console.log(event.data.amount.currency, event.aggregateId satisfies Uuid),
  OrderShipped: async (event, { signal, attempt }) => console.log(event.data.shippedAt, signal.aborted, attempt),
  OrderCancelled: ({ data: { reason } }) => console.log(reason satisfies "customer" | "fraud" | "stock"),
};

export const emits = async (): Promise<void> => {
  const orders = await createOrderProducer(client);
  await orders.orderPlaced(orderId, current);
  await orders.orderCancelled(orderId, { reason: "fraud" }, { correlationId: "c1" });
  // @ts-expect-error an event that the model does not have
  await orders.orderReturned(orderId, current);
  // @ts-expect-error an old version
  await orders.orderPlaced(orderId, old);
  // @ts-expect-error any text is not an id
  await orders.orderCancelled("o-1", { reason: "fraud" });
  // @ts-expect-error a member that the enum does not have
  await orders.orderCancelled(orderId, { reason: "boredom" });
  // @ts-expect-error a missing field
  await orders.paymentReceived(orderId, { reference: "r" });
  // @ts-expect-error a field that the event does not have
  await orders.orderCancelled(orderId, { reason: "fraud", because: "x" });
  await orders.flush();
  await orders.close();
};

export const consumes = async (): Promise<void> => {
  await createOrderConsumer(client, { subscription: "mine", handlers });
  const { OrderCancelled: _, ...incomplete } = handlers;
  // @ts-expect-error no handler for OrderCancelled
  await createOrderConsumer(client, { subscription: "mine", handlers: incomplete });
  // @ts-expect-error a handler for an event that was renamed
  await createOrderConsumer(client, { subscription: "mine", handlers: { ...handlers, OrderCanceled: () => {} } });
  // @ts-expect-error no subscription
  await createOrderConsumer(client, { handlers });
  const own: WarehouseHandlers = { OrderPlaced: handlers.OrderPlaced, OrderCancelled: handlers.OrderCancelled };
  await createWarehouseConsumer(client, { handlers: own });
  // @ts-expect-error no handler for OrderCancelled
  await createWarehouseConsumer(client, { handlers: { OrderPlaced: handlers.OrderPlaced } });
};

/** The compiler knows when all events are dealt with. */
export const describe = (event: OrderEvent): string => {
  switch (event.type) {
    case "OrderPlaced":
      return event.data.channel;
    case "PaymentReceived":
      return event.data.reference;
    case "OrderShipped":
      return event.data.carrier;
    case "OrderCancelled":
      return event.data.reason;
  }
};

export const either = (stored: StoredOrderPlaced): string =>
  "customer" in stored ? stored.customer : stored.customerId;

// @ts-expect-error data of an event cannot be taken for that of its old version
export const older: OrderPlacedV1 = current;
