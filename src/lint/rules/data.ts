import { under } from "../../diagnostics/diagnostic.js";
import type { Aggregate } from "../../model/model.js";
import type { Type } from "../../model/type.js";
import type { EventField, Subjects } from "../fields.js";
import { valueType } from "../fields.js";
import type { Report } from "../report.js";
import { endsWith, wordsOf } from "../words.js";

/** Types that hold less than they should, and data that says things twice. */
export const checkData = ({ model, events, fields }: Subjects, report: Report): void => {
  const keys = new Map(model.aggregates.map((one) => [one.key.name as string, one]));
  for (const one of fields) {
    checkMoney(one, report);
    checkTime(one, report);
    checkReference(one, keys, report);
    checkRepetition(one, report);
    const { type, deprecated, optional } = one.field;
    const kind = valueType(type);
    if (kind.kind === "json") report("json-field", { field: one.name }, one);
    if (kind.kind === "enum" && kind.values.length > 50)
      report("enum-large", { field: one.name, count: kind.values.length }, one);
    if (deprecated !== undefined && !optional) report("deprecated-required", { field: one.name }, one);
  }
  for (const { name, aggregate, current, place } of events) {
    const { fields } = current.type;
    if (fields.length < 3 || !fields.every((field) => field.optional)) continue;
    const element = {
      place: { ...current.place, at: "key" as const },
      subject: [aggregate.name, name, `v${current.number}`],
    };
    report("event-all-optional", { event: name, count: fields.length }, { ...element, within: [place] });
  }
};

const checkMoney = (one: EventField, report: Report): void => {
  const { kind } = valueType(one.field.type);
  if (kind !== "float" && kind !== "double") return;
  if (!money.has((wordsOf(one.field.name).at(-1) ?? "").replace(/s$/, ""))) return;
  const help = "decimal(12, 2) holds money exactly.";
  report("money-float", { field: one.name, type: kind }, one, { help });
};

const money: ReadonlySet<string> = new Set([
  ...[
    "amount",
    "price",
    "cost",
    "total",
    "subtotal",
    "fee",
    "balance",
    "tax",
    "vat",
    "salary",
    "wage",
    "revenue",
    "refund",
  ],
  ...["payment", "payout", "budget", "deposit", "surcharge", "premium", "money", "turnover"],
]);

const checkTime = (one: EventField, report: Report): void => {
  const type = valueType(one.field.type);
  const better = timeOf(wordsOf(one.field.name));
  if (better === undefined || !isLoose(type)) return;
  const reading = type.kind === "string" ? `parse: ${better}, otherwise: …` : `as: ${better}, unit: milliseconds`;
  const help = `Make it a ${better}. A stored version is read with { from: $${one.field.name}, ${reading} }.`;
  report("time-type", { field: one.name, type: type.kind, better }, one, { help });
};

/** A text without a form, or a number whose unit nobody knows. */
const isLoose = (type: Type): boolean =>
  type.kind === "string" ? type.pattern === undefined : type.kind === "long" || type.kind === "int";

/** `placedAt`, `dueDate`, `birthday`; neither `format` nor `update`, nor `processingTime`, which may be a duration. */
const timeOf = (words: readonly string[]): "timestamp" | "date" | undefined => {
  const last = words.at(-1);
  if (words.length > 1 && last === "at" && !notTimes.has(words.at(-2) ?? "")) return "timestamp";
  if (last === "timestamp" || last === "datetime" || endsWith(words, ["date", "time"])) return "timestamp";
  return last === "date" || last === "birthday" || endsWith(words, ["date", "of", "birth"]) ? "date" : undefined;
};

const notTimes: ReadonlySet<string> = new Set(["look", "located", "works", "employed", "look", "stored", "studied"]);

/** A field that is named like the key of another aggregate, and is of another type. */
const checkReference = (one: EventField, keys: ReadonlyMap<string, Aggregate>, report: Report): void => {
  const aggregate = keys.get(one.field.name);
  // `id` and `number` are named like keys of anything.
  if (aggregate === undefined || wordsOf(one.field.name).length < 2) return;
  const { kind } = valueType(one.field.type);
  const key = aggregate.key.type.kind;
  if (kind === key || one.event?.aggregate === aggregate) return;
  report("id-type", { field: one.name, type: kind, aggregate: aggregate.name, key }, one, {
    related: [{ message: `The key of ${aggregate.name}.`, place: under(aggregate.place, "key", aggregate.key.name) }],
  });
};

const checkRepetition = (one: EventField, report: Report): void => {
  if (one.event === undefined) return;
  const { aggregate } = one.event;
  if (one.field.name === aggregate.key.name)
    report("event-repeats-key", { field: one.name, aggregate: aggregate.name }, one);
  const fact = facts.get(one.field.name);
  if (fact !== undefined) report("event-repeats-envelope", { field: one.name, fact }, one);
};

const facts: ReadonlyMap<string, string> = new Map([
  ["eventId", "id"],
  ["eventType", "type"],
  ["eventName", "type"],
  ["eventVersion", "version"],
  ["schemaVersion", "version"],
  ["eventTime", "time"],
  ["eventTimestamp", "time"],
  ["eventSequence", "sequence"],
  ["aggregateId", "aggregateId"],
]);
