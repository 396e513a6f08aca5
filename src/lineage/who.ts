import { suggest } from "../diagnostics/entry.js";
import type { Released } from "../evolution/released.js";
import type { Aggregate, Consumer, Event, Model, Projection } from "../model/model.js";
import type { NamedType } from "../model/type.js";
import type { FieldLineage } from "./field-lineage.js";
import { lineageOf } from "./field-lineage.js";

/** What a name of a model means. */
export type Who =
  | { readonly kind: "event"; readonly event: Event; readonly fields: readonly FieldLineage[] }
  | {
      readonly kind: "field";
      readonly event: Event;
      readonly path: string;
      readonly fields: readonly FieldLineage[];
    }
  | { readonly kind: "aggregate"; readonly aggregate: Aggregate }
  | { readonly kind: "projection"; readonly projection: Projection; readonly column?: string }
  | { readonly kind: "consumer"; readonly consumer: Consumer }
  | { readonly kind: "type"; readonly type: NamedType };

export type Found =
  | { readonly kind: "known"; readonly whos: readonly Who[] }
  | { readonly kind: "unknown"; readonly what: string; readonly suggestion: string | undefined };

/** Everything of that name: an event, an aggregate, a reader or a type; or a field of an event, a column of a projection. */
export const findWho = (model: Model, query: string): Found => {
  const [name = "", ...steps] = query.split(".");
  const events = model.aggregates.flatMap((one) => one.events);
  const named = <T extends { readonly name: string }>(all: readonly T[]): readonly T[] =>
    all.filter((one) => one.name === name);
  const path = steps.join(".");
  if (steps.length > 0) return findPart(model, events, name, path);
  const whos: readonly Who[] = [
    ...named(events).map((event) => ({ kind: "event" as const, event, fields: lineageOf(event, model.projections) })),
    ...named(model.aggregates).map((aggregate) => ({ kind: "aggregate" as const, aggregate })),
    ...named(model.projections).map((projection) => ({ kind: "projection" as const, projection })),
    ...named(model.consumers).map((consumer) => ({ kind: "consumer" as const, consumer })),
    ...named(model.types).map((type) => ({ kind: "type" as const, type })),
  ];
  if (whos.length > 0) return { kind: "known", whos };
  const known = [...events, ...model.aggregates, ...model.projections, ...model.consumers, ...model.types];
  const suggestion = suggest(
    name,
    known.map((one) => one.name),
  );
  return { kind: "unknown", what: `event, aggregate, projection, consumer or type called "${name}"`, suggestion };
};

const findPart = (model: Model, events: readonly Event[], name: string, path: string): Found => {
  const event = events.find((one) => one.name === name);
  if (event !== undefined) {
    const all = lineageOf(event, model.projections);
    const fields = all.filter((one) => isPathOf(pathText(one.path), path));
    if (fields.length > 0) return { kind: "known", whos: [{ kind: "field", event, path, fields }] };
    const suggestion = suggest(path, partsOf(all));
    return {
      kind: "unknown",
      what: `field "${path}" in version ${event.current.number} of ${name}`,
      suggestion: suggestion && `${name}.${suggestion}`,
    };
  }
  const projection = model.projections.find((one) => one.name === name);
  if (projection !== undefined) {
    const columns = [...projection.key.fields, ...projection.row.fields].map((one) => one.name);
    if (columns.includes(path)) return { kind: "known", whos: [{ kind: "projection", projection, column: path }] };
    const suggestion = suggest(path, columns);
    return {
      kind: "unknown",
      what: `column "${path}" in ${name}`,
      suggestion: suggestion && `${name}.${suggestion}`,
    };
  }
  const owners = [...events, ...model.projections].map((one) => one.name);
  const suggestion = suggest(name, owners);
  return {
    kind: "unknown",
    what: `event or projection called "${name}"`,
    suggestion: suggestion && `${suggestion}.${path}`,
  };
};

/** total.amount, lines[].sku */
export const pathText = (path: readonly string[]): string => path.join(".").replaceAll(".[]", "[]");

/** Whether it is the field, or below it; the brackets of lists may be left out. */
const isPathOf = (field: string, asked: string): boolean => {
  const [plain, wanted] = [field, asked].map((one) => one.replaceAll("[]", ""));
  return plain === wanted || plain?.startsWith(`${wanted}.`) === true;
};

const partsOf = (fields: readonly FieldLineage[]): readonly string[] => [
  ...new Set(fields.flatMap(({ path }) => path.map((_, end) => pathText(path.slice(0, end + 1))))),
];

/** Whether a version is in the lock, by its name. */
export const isReleased = (released: Released | undefined): ((version: string) => boolean) => {
  const names = new Set([...(released?.branches.values() ?? [])].flat());
  return (version) => names.has(version);
};
