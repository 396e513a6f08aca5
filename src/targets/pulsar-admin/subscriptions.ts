import type { Model, Subscription } from "../../model/model.js";

/** The subscriptions of the model: of its projections, then of its consumers. */
export const subscriptionsOf = (model: Model): readonly Subscription[] =>
  [...model.projections, ...model.consumers].map((reader) => reader.subscription);
