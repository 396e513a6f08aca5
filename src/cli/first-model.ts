/** The model that `evgen init` writes: small, sound, and explained. */
export const firstModel = (options: {
  readonly system: string;
  readonly out: string;
  readonly targets: readonly string[];
}): string => `# yaml-language-server: $schema=./node_modules/evgen/model.schema.json
#
# The events of ${options.system}. After a change: evgen build
evgen: 1
system: ${options.system}
description: What happens in ${options.system}.

pulsar:
  encoding: avro                  # or json: how events are written on the wire
  retention: forever              # a log of events is kept; { time: 30d, size: 50G } limits it

types:                            # named types, for every event of the model
  Money:
    fields:
      amount: decimal(12, 2)      # exact, as text: "10.00"
      currency: { enum: [EUR, USD] }

aggregates:
  Order:
    description: What a customer buys.
    key: { orderId: uuid }        # whose events these are: the stream, and the key of the messages

    events:
      OrderPlaced:
        description: A customer has confirmed an order.
        versions:
          # A released version never changes. To change the event, add version 2 beside it, with an \`upcast\` that says
          # how stored events of version 1 are read as version 2; a field that it does not name is copied:
          #
          #   2:
          #     fields: { customerId: string, total: Money, channel: { enum: [web, app] } }
          #     upcast: { channel: web }
          1:
            fields:
              customerId: string
              total: Money
      OrderShipped:
        description: The parcel has been handed over to the carrier.
        versions:
          1: { fields: { trackingCode: string, shippedAt: timestamp } }

projections:                      # rows that are kept up to date from the events
  OrderSummary:
    description: One row per order, for the order page.
    from: Order
    store: memory
    fields:
      customerId: string
      status: { enum: [placed, shipped] }
      total: Money
    on:                           # says for every event what it does to the row, or: ignore
      OrderPlaced: { set: { customerId: $customerId, status: placed, total: $total } }
      OrderShipped: { set: { status: shipped } }

consumers:                        # code of your own that is called for events
  Mailer:
    description: Tells the customer.
    from: Order
    events: [OrderShipped]
    retry: { attempts: 5, backoff: 1s..1m }

generate:
  out: ${quote(options.out)}
  targets: [${options.targets.join(", ")}]
`;

/** As YAML: plain where that is safe. */
const quote = (text: string): string => (/^[A-Za-z][A-Za-z0-9_/-]*$/.test(text) ? text : JSON.stringify(text));
