import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Aggregate, Event, Model } from "../../model/model.js";
import type { Subjects } from "../fields.js";

import type { Report } from "../report.js";

/** How events are emitted, kept and read. */
export const checkReading = ({ model, events }: Subjects, report: Report): void => {
  checkUnread(model, events, report);
  for (const aggregate of model.aggregates) checkCommands(aggregate, report);
  const { retention, place } = model.pulsar;
  if (retention !== "forever" && place !== undefined)
    report("retention-ends", {}, { place: under(place, "retention"), subject: ["pulsar"] });
  checkReaders(model, report);
  for (const { name, partitions, place: at, aggregates } of model.topics)
    if (partitions < 2) {
      const within = aggregates.map((one) => one.place);
      report("partitions-few", { topic: name, partitions }, { place: at, subject: [name], within });
    }
};

const checkUnread = (model: Model, events: readonly Event[], report: Report): void => {
  const read = new Set<Event>(model.consumers.flatMap((one) => one.events));
  for (const { event, kind } of model.projections.flatMap((one) => one.on)) if (kind !== "ignore") read.add(event);
  const known = new Set<Aggregate>([...read].map((event) => event.aggregate));
  for (const event of events) {
    if (read.has(event) || !known.has(event.aggregate)) continue;
    const element = { place: keyOf(event.place), subject: [event.aggregate.name, event.name] };
    report("event-unread", { event: event.name, aggregate: event.aggregate.name }, element);
  }
};

const checkCommands = ({ name: aggregate, commands, scenarios }: Aggregate, report: Report): void => {
  const shown = new Set(scenarios.map(({ when }) => when.command));
  for (const command of commands) {
    const element = { place: keyOf(command.place), subject: [aggregate, command.name] };
    if (scenarios.length > 0 && !shown.has(command))
      report("command-untested", { command: command.name, aggregate }, element);
    for (const event of command.emits) {
      if (event.deprecated === undefined) continue;
      const related = [{ message: "It is deprecated here.", place: keyOf(under(event.place, "deprecated")) }];
      report("deprecated-emitted", { event: event.name, command: command.name }, element, { related });
    }
  }
};

const checkReaders = (model: Model, report: Report): void => {
  for (const { name, place, subscription } of model.projections) {
    const element = (key: string) => ({ place: under(place, key), subject: [name] });
    if (subscription.position === "latest") report("projection-latest", { projection: name }, element("position"));
    if (subscription.newer === "skip") report("newer-skipped", { reader: `The projection ${name}` }, element("newer"));
  }
  for (const { name, place, subscription } of model.consumers)
    if (subscription.newer === "skip") {
      const at: Place = under(place, "newer");
      report("newer-skipped", { reader: `The consumer ${name}` }, { place: at, subject: [name] });
    }
};
