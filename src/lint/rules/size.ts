import { dereference } from "../../model/type.js";
import type { Subjects } from "../fields.js";
import { valueType } from "../fields.js";
import type { Report } from "../report.js";

/** What may become too large. */
export const checkSize = ({ events, fields }: Subjects, report: Report): void => {
  for (const { name, aggregate, current, place } of events) {
    const count = current.type.fields.length;
    if (count <= 40) continue;
    const element = {
      place: { ...current.place, at: "key" as const },
      subject: [aggregate.name, name, `v${current.number}`],
    };
    report("event-wide", { event: name, count }, { ...element, within: [place] });
  }
  for (const one of fields) {
    const type = dereference(one.field.type);
    if ((type.kind === "array" || type.kind === "map") && type.maxItems === undefined)
      report("list-unbounded", { field: one.name }, one);
    const value = valueType(type);
    if (value.kind === "string" && value.maxLength === undefined && value.pattern === undefined)
      report("string-unbounded", { field: one.name }, one);
  }
};
