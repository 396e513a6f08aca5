/** Functions that a model asks for with `by:` must be given, and be right. Compiled, never run. */
import { type ConsumerClient, createMemoryStore, type EventHeader } from "evgen/runtime";
import {
  createCloserConsumer,
  createMailerConsumer,
  createOrderConsumer,
  type LastOrderFunctions,
  type MailerHandlers,
  type OrderFunctions,
  type OrderHandlers,
  type RevenueFunctions,
  runInvoices,
  runLastOrder,
  runRevenue,
} from "../golden/typescript-functions/expected/typescript/index.js";

declare const client: ConsumerClient;
declare const handlers: OrderHandlers;
declare const mailer: MailerHandlers;

const guessing: Pick<OrderFunctions, "guessMoney" | "guessChannel"> = {
  guessMoney: (source) => ({ amount: source.total.toFixed(2), currency: "EUR" }),
  guessChannel: (source, event: EventHeader) => (source.customer === event.aggregateId ? "web" : "app"),
};
const functions: OrderFunctions = {
  ...guessing,
  readPayment: ({ text }) => ({ amount: { amount: "1.00", currency: "EUR" }, details: { reference: text } }),
};
const counting: RevenueFunctions = {
  countOrder: (row, event) => ({ orders: (row?.orders ?? 0) + 1, best: row?.best ?? event.data.total }),
};
const labelling: LastOrderFunctions = { labelOf: (source) => source.placedAt };

// @ts-expect-error the wrong result
export const wrongResult: OrderFunctions = { ...functions, guessChannel: () => "store" };
const ofAnother = (source: { channel: "web" }): "web" => source.channel;
// @ts-expect-error made for another version
export const wrongSource: OrderFunctions = { ...functions, guessChannel: ofAnother };

export const consumes = async (): Promise<void> => {
  await createOrderConsumer(client, { subscription: "mine", handlers, functions });
  // @ts-expect-error no functions
  await createOrderConsumer(client, { subscription: "mine", handlers });
  // @ts-expect-error readPayment is missing
  await createOrderConsumer(client, { subscription: "mine", handlers, functions: guessing });
  await createMailerConsumer(client, { handlers: mailer, functions: guessing });
  // @ts-expect-error guessMoney is missing
  await createMailerConsumer(client, { handlers: mailer, functions: { guessChannel: functions.guessChannel } });
  // OrderClosed is read without any.
  await createCloserConsumer(client, { handlers: { OrderClosed: () => {} } });
};

export const projects = async (): Promise<void> => {
  const store = createMemoryStore();
  await runRevenue(client, store, { functions: { ...guessing, ...counting } });
  // @ts-expect-error countOrder is missing
  await runRevenue(client, store, { functions: guessing });
  // @ts-expect-error those of the upcasters are missing
  await runRevenue(client, store, { functions: counting });
  // @ts-expect-error no functions at all
  await runRevenue(client, store);
  await runLastOrder(client, store, { functions: { ...guessing, ...labelling } });
  await runInvoices(client, store);
};
