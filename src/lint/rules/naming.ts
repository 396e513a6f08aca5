import { keyOf } from "../../diagnostics/diagnostic.js";
import type { Subjects } from "../fields.js";

import { endsInParticiple, isPastTense } from "../past-tense.js";
import type { Report } from "../report.js";
import { wordsOf } from "../words.js";

/** What aggregates, events and commands are called. */
export const checkNaming = ({ model, events }: Subjects, report: Report): void => {
  for (const event of events) {
    const { name, aggregate } = event;
    const element = { place: keyOf(event.place), subject: [aggregate.name, name] };
    const version = /^(.*[a-z])(?:V|Version)(\d+)$/.exec(name);
    if (version !== null) {
      const help = `Make it version ${version[2]} of ${version[1]}, with an upcast.`;
      report("event-version-name", { event: name }, element, { help });
    } else if (isCrud(name, aggregate.name)) {
      report("event-crud", { event: name, aggregate: aggregate.name }, element);
    } else if (!isPastTense(name)) {
      report("event-past-tense", { event: name }, element);
    }
  }
  for (const aggregate of model.aggregates) {
    const element = { place: keyOf(aggregate.place), subject: [aggregate.name] };
    if (wordsOf(aggregate.name).length > 1 && endsInParticiple(aggregate.name))
      report("aggregate-event-name", { aggregate: aggregate.name }, element);
    // MarkAsShipped and SetEnabled are wishes; OrderShipped is none.
    for (const { name, place } of aggregate.commands)
      if (name.startsWith(aggregate.name) && endsInParticiple(name))
        report("command-event-name", { command: name }, { place: keyOf(place), subject: [aggregate.name, name] });
  }
};

const isCrud = (event: string, aggregate: string): boolean =>
  event.startsWith(aggregate) &&
  ["Updated", "Changed", "Modified", "Edited", "Saved"].includes(event.slice(aggregate.length));
