import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { RecordType, Type } from "../../model/type.js";
import { dereference } from "../../model/type.js";
import type { Subjects } from "../fields.js";
import { valueType } from "../fields.js";
import { looksPersonal } from "../personal-names.js";
import type { Report } from "../report.js";

/** Personal data that nobody marked. */
export const checkPrivacy = ({ model, fields }: Subjects, report: Report): void => {
  for (const one of fields) {
    if (one.marked || !canBePersonal(one.field.type) || !looksPersonal(one.field.name, one.owner)) continue;
    report("pii-unmarked", { field: one.name }, one, { help: helpOf(one.field.type) });
  }
  for (const { name, key, place } of model.aggregates) {
    if (key.type.kind === "uuid" || !looksPersonal(key.name, name)) continue;
    const at = keyOf(under(place, "key", key.name));
    report("pii-key", { key: key.name, aggregate: name }, { place: at, subject: [name, key.name] });
  }
};

const helpOf = (type: Type): string =>
  type.kind === "string"
    ? "Write { type: string, pii: true }, or why it is not about a person: suppress: { pii-unmarked: … }"
    : "Add pii: true, or why it is not about a person: suppress: { pii-unmarked: … }";

/** Texts, dates and numbers of phones; records whose fields say nothing themselves. */
const canBePersonal = (type: Type): boolean => {
  const plain = valueType(type);
  switch (plain.kind) {
    case "string":
    case "date":
    case "timestamp":
    case "long":
    case "json":
      return true;
    case "record":
      return !hasPersonal(plain, new Set());
    case "union":
      return !plain.members.some(({ type: member }) => member.kind === "record" && hasPersonal(member, new Set()));
    default:
      return false;
  }
};

/** Whether a record says itself which of its fields are personal, or is asked about them one by one. */
const hasPersonal = (record: RecordType, seen: Set<RecordType>): boolean => {
  if (seen.has(record)) return false;
  seen.add(record);
  return record.fields.some((field) => {
    const inner = dereference(field.type);
    return field.pii || looksPersonal(field.name, record.name) || (inner.kind === "record" && hasPersonal(inner, seen));
  });
};
