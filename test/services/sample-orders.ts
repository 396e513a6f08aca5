import { orderCancelled } from "../../generated/typescript/order/order-cancelled.js";
import { orderPlaced } from "../../generated/typescript/order/order-placed.js";
import { orderShipped } from "../../generated/typescript/order/order-shipped.js";
import { paymentReceived } from "../../generated/typescript/order/payment-received.js";
import type { EventDefinition, EventHeader } from "../../src/runtime/index.js";

/** A header with what must be there. */
export const header = (type: string, version: number, more: Partial<EventHeader> = {}): EventHeader => ({
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  type,
  version,
  aggregateId: "2f1c9a4e-0d0f-4a53-9c58-0d7c2f4b6a11",
  time: "2026-01-05T10:00:00.123Z",
  metadata: {},
  ...more,
});

const full = { sequence: 2 ** 40, correlationId: "é 日本 😀", causationId: "", metadata: { actor: "a", "": "\u0000" } };
const placed = {
  customerId: "c1",
  total: { amount: "-12345.60", currency: "EUR" },
  channel: "store",
  items: [{ sku: "ABC-1", quantity: 2_147_483_647, unitPrice: { amount: "0.00", currency: "GBP" } }],
} as const;
/** Events of the example, with what a field can hold at its ends. */
export const events: readonly (readonly [EventDefinition, EventHeader, unknown])[] = [
  [orderPlaced, header("OrderPlaced", 2, full), { ...placed, note: "to the ‘back’ door" }],
  [orderPlaced, header("OrderPlaced", 2), { ...placed, items: [] }],
  [
    paymentReceived,
    header("PaymentReceived", 1),
    { amount: { amount: "9999999999.99", currency: "USD" }, reference: "" },
  ],
  [
    orderShipped,
    header("OrderShipped", 1),
    { carrier: "DHL", trackingCode: "X", shippedAt: "1969-12-31T23:59:59.999Z" },
  ],
  [orderCancelled, header("OrderCancelled", 1), { reason: "fraud" }],
];

/** As python/wire.py prints what it reads. */
const money = (text: string, currency: string) => ({ amount: { $decimal: text }, currency });
const read = (definition: EventHeader, data: unknown) => ({
  id: definition.id,
  type: definition.type,
  version: definition.version,
  aggregateId: definition.aggregateId,
  sequence: definition.sequence ?? null,
  time: { $millis: Date.parse(definition.time) },
  correlationId: definition.correlationId ?? null,
  causationId: definition.causationId ?? null,
  metadata: definition.metadata,
  data,
});
const items = [{ sku: "ABC-1", quantity: 2_147_483_647, unitPrice: money("0.00", "GBP") }];
const datas = [
  { customerId: "c1", total: money("-12345.60", "EUR"), channel: "store", items, note: "to the ‘back’ door" },
  { customerId: "c1", total: money("-12345.60", "EUR"), channel: "store", items: [], note: null },
  { amount: money("9999999999.99", "USD"), reference: "" },
  { carrier: "DHL", trackingCode: "X", shippedAt: { $millis: -1 } },
  { reason: "fraud" },
];
/** What others read; the branch of the union is what Python's Avro schema hides. */
export const asRead = (withBranch: boolean) =>
  events.map(([, one], index) =>
    read(one, withBranch ? [`shop.sales.${one.type}V${one.version}`, datas[index]] : datas[index]),
  );
