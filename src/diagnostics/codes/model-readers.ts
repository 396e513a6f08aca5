import { entry } from "../entry.js";

/** Of consumers and projections. */
export const readerCodes = {
  "event-unhandled": entry(
    "error",
    (p: { readonly projection: string; readonly events: readonly string[] }) =>
      `${p.projection} does not say what ${listed(p.events)} ${p.events.length === 1 ? "does" : "do"} to it.`,
    `\`on\` has a line for every event of its aggregates that is not retired, so that a new event is not forgotten in a
projection. An event that changes nothing is written \`OrderShipped: ignore\`.`,
  ),
  "projection-key": entry(
    "error",
    (p: { readonly problem: string }) => p.problem,
    `A row is found by its key. A projection of one aggregate has that aggregate's key if it does not say otherwise, and each
event goes to the row of its own aggregate. A projection with a \`key\` of its own says for each event which row it is about:

    key: { customerId: string }
    on:
      OrderPlaced: { key: $customerId, increment: { orders: 1 } }

Its fields are uuid, string, int, long, decimal, boolean, date, timestamp or enum, and never optional.`,
  ),
  "projection-index": entry(
    "error",
    (p: { readonly field: string; readonly type: string }) =>
      `${p.field} is of the type ${p.type}, which has no order that an index could have.`,
    `Rows are found by the fields of an index, and read in their order, a page at a time. A field of an index is one value:
uuid, string, int, long, float, double, decimal, boolean, date, timestamp or enum. For what is inside of a record, give
the row a field of its own:

    fields: { total: Money, currency: Currency }
    indexes: [[currency]]
    on:
      OrderPlaced: { set: { total: $total, currency: $total.currency } }`,
  ),
  "reaction-empty": entry(
    "error",
    (p: { readonly event: string }) =>
      `${p.event} changes nothing here; if that is meant, write \`${p.event}: ignore\`.`,
    "A reaction names at least one field in `set`, `increment`, `append` or `remove`, or it is `ignore`, `delete` or `by`.",
  ),
  "reaction-conflict": entry(
    "error",
    (p: { readonly field: string; readonly first: string; readonly second: string }) =>
      `The field ${p.field} cannot be in \`${p.first}\` and in \`${p.second}\` of one event: the result would depend on which comes first.`,
    "An event does one thing to a field. Where two are needed, say the whole change in a function: `{ by: functionName }`.",
  ),
  "operation-type": entry(
    "error",
    (p: { readonly operation: string; readonly field: string; readonly type: string; readonly to: string }) =>
      `\`${p.operation}\` is for ${p.to}, and ${p.field} is ${p.type}.`,
    "`increment` adds to a number or a decimal; `append` and `remove` are for arrays, and name one item at a time. `increment` may be negative. `set` is for everything.",
  ),
  "row-never-created": entry(
    "error",
    (p: { readonly projection: string; readonly missing: readonly string[] }) =>
      p.missing.length === 0
        ? `No event changes ${p.projection}, so it never has a row.`
        : `No event creates a row of ${p.projection}: none sets all the fields that a row must have. Nearest is one without ${listed(p.missing)}.`,
    `The first event of a key creates its row. So at least one event has to \`set\` every field that is not optional, apart from
fields that are incremented or appended to somewhere, which start at zero or empty. Make the others optional (\`name?:\`).`,
  ),
  "order-across-aggregates": entry(
    "warning",
    (p: { readonly projection: string; readonly event: string; readonly operations: readonly string[] }) =>
      `What ${p.event} does to ${p.projection} with ${listed(p.operations.map((one) => `\`${one}\``))} depends on the order of events of different aggregates, which is not fixed.`,
    `Events are in order per aggregate only. Where a row collects events of several aggregates, the order in which they arrive
can differ from one rebuild to the next. \`increment\` gives the same sum in any order; \`set\`, \`append\`, \`remove\`,
\`delete\` and \`by\` do not. Key the projection by the aggregate, or make sure that the order does not matter.`,
  ),
  "store-not-once": entry(
    "error",
    (p: { readonly projection: string; readonly event: string; readonly operation: string; readonly store: string }) =>
      `\`${p.operation}\` on ${p.event} could be applied twice to a row of ${p.projection} in ${p.store}, since the row collects events of several aggregates.`,
    `Events can be delivered twice. In Elasticsearch each row is a document of its own, which remembers the last event that it
has seen; that makes a repetition harmless as long as the row is keyed by the aggregate. For rows that collect several
aggregates only an operation that can be repeated (\`set\`, \`remove\`, \`delete\`) is safe there. Use \`store: postgres\` or
\`store: redis\`, which write rows and positions in one step, or key the projection by the aggregate.`,
  ),
  "subscription-order": entry(
    "error",
    (p: { readonly projection: string }) =>
      `${p.projection} needs its events in order, and a shared subscription has none: use failover, exclusive or key_shared.`,
    "A shared subscription hands events to any consumer in any order. A projection applies the events of a key one after the other.",
  ),
};

const listed = (names: readonly string[]): string => {
  const shown = names.length > 5 ? [...names.slice(0, 4), `${names.length - 4} others`] : names;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown[shown.length - 1]}`;
};
