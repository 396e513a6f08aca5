/** Retired and deprecated events can be read, not emitted. Compiled, never run. */
import type { ConsumerClient, Uuid } from "evgen/runtime";
import {
  type CustomerHandlers,
  createCustomerProducer,
} from "../golden/typescript-retired/expected/typescript/index.js";

declare const client: ConsumerClient;
declare const customerId: Uuid;

export const emits = async (): Promise<void> => {
  const customers = await createCustomerProducer(client);
  await customers.customerRenamed(customerId, { name: "Ada" });
  // @ts-expect-error it is retired
  await customers.customerChanged(customerId, { name: "Ada", street: "x", city: "y" });
  // @ts-expect-error it is deprecated
  await customers.customerTagged(customerId, { tag: "x" });
};

export const handlers: CustomerHandlers = {
  CustomerMoved: () => {},
  CustomerRenamed: () => {},
  CustomerTagged: (event) => console.log(event.data.tag),
};

export const tooMany: CustomerHandlers = {
  ...handlers,
  // @ts-expect-error stored ones arrive as CustomerRenamed and CustomerMoved
  CustomerChanged: () => {},
};
