import type { Finding } from "../evolution/finding.js";
import type { Event, Model } from "../model/model.js";

/** Who reads the event, or what it has become. */
export const affectedBy = (event: Event, model: Model): Finding["affected"] => {
  const read = readAs(event);
  return {
    projections: model.projections
      .filter((one) => one.on.some((reaction) => reaction.kind !== "ignore" && read.has(reaction.event)))
      .map((one) => one.name),
    consumers: model.consumers.filter((one) => one.events.some((each) => read.has(each))).map((one) => one.name),
  };
};

const readAs = (event: Event): ReadonlySet<Event> => {
  const seen = new Set([event]);
  for (const one of seen) for (const { version } of one.becomes ?? []) seen.add(version.event);
  return seen;
};
