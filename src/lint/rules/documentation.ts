import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Subjects } from "../fields.js";

import type { Report } from "../report.js";

/** Descriptions, and reasons of what is deprecated. */
export const checkDocumentation = ({ model, events, fields }: Subjects, report: Report): void => {
  for (const { name, description, place } of model.aggregates)
    if (isEmpty(description))
      report("aggregate-description", { aggregate: name }, { place: keyOf(place), subject: [name] });
  for (const { name, aggregate, description, current, place } of events)
    if (isEmpty(description) && isEmpty(current.description))
      report("event-description", { event: name }, { place: keyOf(place), subject: [aggregate.name, name] });
  for (const one of fields) {
    if (isEmpty(one.field.description)) report("field-description", { field: one.name }, one);
    if (one.field.deprecated === true)
      report("deprecated-reason", { what: `The field ${one.name}` }, { ...one, place: deprecatedOf(one.field.place) });
  }
  for (const { name, description, place } of model.projections)
    if (isEmpty(description)) reader(`The projection ${name}`, name, place, report);
  for (const { name, description, place } of model.consumers)
    if (isEmpty(description)) reader(`The consumer ${name}`, name, place, report);
  for (const { name, aggregate, deprecated, place } of model.aggregates.flatMap((one) => one.events))
    if (deprecated === true) {
      const element = { place: deprecatedOf(place), subject: [aggregate.name, name] };
      report("deprecated-reason", { what: `The event ${name}` }, element);
    }
};

const isEmpty = (text: string | undefined): boolean => text === undefined || text.trim() === "";

const reader = (what: string, name: string, place: Place, report: Report): void =>
  report("reader-description", { reader: what }, { place: keyOf(place), subject: [name] });

const deprecatedOf = (place: Place): Place => keyOf(under(place, "deprecated"));
