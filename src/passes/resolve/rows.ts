import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Reaction } from "../../model/model.js";
import type { Context } from "./context.js";
import type { Target } from "./reactions.js";

/** Checks that rows can come to be, and that the store and the order of events make them what they should be. */
export const checkRows = (projection: Target, on: readonly Reaction[], context: Context): void => {
  checkCreation(projection, on, context);
  const perAggregate = projection.key.aggregateId || isKeyedByAggregate(projection, on);
  if (perAggregate) return;
  for (const reaction of on) {
    checkOrder(projection, reaction, context);
    checkStore(projection, reaction, context);
  }
};

type Change = Extract<Reaction, { kind: "change" }>;

/** A row has to have all that is not optional; what is counted or collected somewhere starts at zero or empty. */
const checkCreation = (projection: Target, on: readonly Reaction[], context: Context): void => {
  const changes = on.filter((one): one is Change => one.kind === "change");
  if (on.some((one) => one.kind === "by")) return;
  const starting = new Set(
    changes.flatMap((one) => [...one.increment, ...one.append, ...one.remove]).map(({ field }) => field.name),
  );
  const required = projection.row.fields.filter((field) => !field.optional && !starting.has(field.name));
  const lacking = changes.map((change) => {
    const set = new Set(change.set.map(({ field }) => field.name));
    return required.map((field) => field.name).filter((name) => !set.has(name));
  });
  const [missing, ...others] = lacking;
  if (missing === undefined) {
    context.report(
      "row-never-created",
      { projection: projection.name, missing: [] },
      keyOf(under(projection.place, "on")),
    );
    return;
  }
  const nearest = others.reduce((best, one) => (one.length < best.length ? one : best), missing);
  if (nearest.length === 0) return;
  const at = keyOf(under(projection.place, "on"));
  context.report("row-never-created", { projection: projection.name, missing: nearest }, at);
};

/** A key of its own that is the aggregate's id after all: `key: { envelope: aggregateId }`. */
const isKeyedByAggregate = (projection: Target, on: readonly Reaction[]): boolean =>
  projection.aggregates.length === 1 &&
  on.every(
    (one) =>
      one.kind === "ignore" || one.key.some(({ value }) => value.kind === "envelope" && value.field === "aggregateId"),
  );

const checkOrder = (projection: Target, reaction: Reaction, context: Context): void => {
  const operations = operationsOf(reaction).filter((one) => one !== "increment");
  if (operations.length === 0) return;
  const parameters = { projection: projection.name, event: reaction.event.name, operations };
  context.report("order-across-aggregates", parameters, keyOf(reaction.place));
};

const checkStore = ({ name, store }: Target, reaction: Reaction, context: Context): void => {
  if (store !== "elasticsearch") return;
  for (const operation of operationsOf(reaction)) {
    if (operation !== "increment" && operation !== "append" && operation !== "by") continue;
    const parameters = { projection: name, event: reaction.event.name, operation, store };
    context.report("store-not-once", parameters, keyOf(under(reaction.place, operation)), {
      help: "Write `store: postgres` or `store: redis`, or key the projection by the aggregate.",
    });
  }
};

const operationsOf = (reaction: Reaction): readonly string[] => {
  switch (reaction.kind) {
    case "ignore":
      return [];
    case "delete":
    case "by":
      return [reaction.kind];
    case "change":
      return (["set", "increment", "append", "remove"] as const).filter((operation) => reaction[operation].length > 0);
  }
};
