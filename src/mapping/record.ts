import type { Place } from "../diagnostics/diagnostic.js";
import { keyOf, under } from "../diagnostics/diagnostic.js";
import { suggest } from "../diagnostics/entry.js";
import type { Field, RecordType } from "../model/type.js";
import { dereference } from "../model/type.js";
import { copy, orElse, recordOf } from "./copy.js";
import { listed, typeText } from "./describe.js";
import type { Build, Expression } from "./expression.js";
import { dollar, exampleText, yamlText } from "./help.js";
import type { Drop, Fields, Mapping } from "./parse.js";
import type { Found, Scope } from "./scope.js";
import { fieldsOf, stepInto } from "./scope.js";
import type { Session, Target } from "./session.js";

/** Builds a record field by field; fields without a mapping are copied from the source record at the same place. */
export const checkFields = (
  fields: Fields,
  place: Place,
  record: RecordType,
  target: Target,
  scope: Scope,
  session: Session,
  drop: readonly Drop[] = [],
): Expression | undefined => {
  reportUnknown(fields, place, record, target, session);
  const here = target.here !== undefined && recordOf(target.here.source.type) !== undefined ? target.here : undefined;
  for (const one of drop) {
    if (here !== undefined) session.drops.push({ drop: one, from: here });
    else
      session.report(
        "mapping-form",
        { problem: "there is no source record at this place to drop a field of" },
        one.place,
      );
  }
  const built: { field: Field; value: Expression }[] = [];
  const at = keyOf(place);
  let isWhole = true;
  for (const field of record.fields) {
    const inner = fieldTarget(field, target, here);
    const value = Object.hasOwn(fields, field.name)
      ? session.check({ value: fields[field.name] ?? null, place: under(place, field.name) }, inner, scope)
      : copyByName(field, inner, here, scope, at, session);
    if (value !== undefined && value !== "none") built.push({ field, value });
    else if (value === undefined) isWhole = false;
  }
  return isWhole ? { kind: "build", type: target.type, record, fields: built } : undefined;
};

/** `{ oneOf: Card, fields: { … } }`. */
export const checkMember = (
  mapping: Mapping & { kind: "oneOf" },
  target: Target,
  scope: Scope,
  session: Session,
): Expression | undefined => {
  const union = dereference(target.type);
  if (union.kind !== "union") {
    const problem = `\`oneOf\` builds a member of a union, and ${target.label || "the target"} is ${typeText(target.type)}`;
    session.report("mapping-form", { problem }, keyOf(under(mapping.place, "oneOf")));
    return undefined;
  }
  const member = union.members.find((one) => one.name === mapping.member);
  const record = member && recordOf(member.type);
  if (member === undefined || record === undefined) {
    const names = union.members.map((one) => one.name);
    const suggestion = suggest(mapping.member, names);
    const place = under(mapping.place, "oneOf");
    session.report("unknown-union-member", { name: mapping.member, has: listed(names), suggestion }, place);
    return undefined;
  }
  const place = under(mapping.place, "fields");
  const built = checkFields(mapping.fields, place, record, target, scope, session, mapping.drop);
  return built && { ...(built as Build), member: member.name };
};

/** The field of the source record that stands at the same place as one of the target. */
export const hereAt = (here: Found, name: string): Found | undefined => {
  const record = recordOf(here.source.type);
  const field = record && fieldsOf(record).get(name);
  return field && stepInto(here, field);
};

const fieldTarget = (field: Field, target: Target, here: Found | undefined): Target => {
  const inner = here && hereAt(here, field.name);
  return {
    type: field.type,
    optional: field.optional,
    label: target.label === "" ? field.name : `${target.label}.${field.name}`,
    ...(inner === undefined ? {} : { here: inner }),
  };
};

/** "none": an optional field without a source is left out. `place` is the key of the mapping. */
const copyByName = (
  field: Field,
  target: Target,
  here: Found | undefined,
  scope: Scope,
  place: Place,
  session: Session,
): Expression | "none" | undefined => {
  const found = target.here;
  if (found !== undefined) {
    const copied = copy(found, target, place, session);
    const named = { label: found.label, written: `from: ${dollar(found)}?` };
    return copied && orElse(copied, undefined, named, target, scope, place, session);
  }
  if (field.optional) return "none";
  const { sourceName, targetName } = session.context;
  const near = here && suggest(field.name, fieldsOf(recordOf(here.source.type) as RecordType).keys());
  const nested = recordOf(field.type) !== undefined;
  const value =
    near !== undefined && here !== undefined
      ? `${dollar(here)}${here.source.steps.length > 0 ? "." : ""}${near}`
      : nested
        ? "{ fields: { … } }"
        : exampleText(field.type);
  const help = `Write ${yamlText(field.name)}: ${value}, or another source.`;
  const source = here === undefined || here.label === "" ? sourceName : `${here.label} of ${sourceName}`;
  session.report("missing-source", { target: target.label, targetName, sourceName: source }, place, { help });
  return undefined;
};

const reportUnknown = (fields: Fields, place: Place, record: RecordType, target: Target, session: Session): void => {
  const known = fieldsOf(record);
  for (const name of Object.keys(fields)) {
    if (known.has(name)) continue;
    const names = record.fields.map((field) => field.name);
    const bare = name.replace(/\?$/, "");
    const suggestion = known.has(bare) ? bare : suggest(name, names);
    const targetName = target.label === "" ? session.context.targetName : target.label;
    const has = names.length === 0 ? "none" : listed(names);
    session.report("unknown-target-field", { field: name, targetName, has, suggestion }, keyOf(under(place, name)));
  }
};
