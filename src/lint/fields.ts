import { keyOf } from "../diagnostics/diagnostic.js";
import type { Event, Model } from "../model/model.js";
import type { Field, NamedType, RecordType, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import type { Element } from "./report.js";

/** A field that is in the data of new events. */
export interface EventField extends Element {
  readonly field: Field;
  /** OrderPlaced.total.amount, or Money.amount for one of a named type. */
  readonly name: string;
  /** The record that it is in: OrderPlaced or Money. */
  readonly owner: string;
  /** Whether it, or a field that it is below of, is marked as personal data on every way to it. */
  readonly marked: boolean;
  /** The event that it is a field of, and not further below. */
  readonly event?: Event;
}

/** What rules look at: the model, and what of it can still be changed. */
export interface Subjects {
  readonly model: Model;
  /** Events that are still emitted, whose next version can be another. */
  readonly events: readonly Event[];
  /** Each field of their current versions, and of the named types that these use, once. */
  readonly fields: readonly EventField[];
}

export const subjectsOf = (model: Model): Subjects => {
  const events = liveEvents(model);
  return { model, events, fields: eventFields(events) };
};

const liveEvents = (model: Model): readonly Event[] =>
  model.aggregates
    .flatMap((one) => one.events)
    .filter((one) => one.becomes === undefined && one.deprecated === undefined);

const eventFields = (events: readonly Event[]): readonly EventField[] => {
  const found = new Map<Field, EventField>();
  const done = new Set<string>();
  const visit = (record: RecordType, from: Owner): void => {
    for (const field of record.fields) {
      const marked = from.marked || field.pii;
      const known = found.get(field);
      found.set(field, {
        field,
        marked: marked && (known?.marked ?? true),
        name: [from.name, ...from.path, field.name].join("."),
        owner: from.name,
        place: keyOf(field.place),
        subject: [...from.subject, [...from.path, field.name].join(".")],
        within: from.within,
        ...(from.event === undefined || from.path.length > 0 ? {} : { event: from.event }),
      });
      inside(field.type, { ...from, path: [...from.path, field.name], marked });
    }
  };
  const inside = (type: Type, from: Owner): void => {
    switch (type.kind) {
      case "record":
        visit(type, from);
        break;
      case "array":
        inside(type.items, from);
        break;
      case "map":
        inside(type.values, from);
        break;
      case "reference":
        named(type.to, from.marked);
        break;
      case "union":
        for (const member of type.members) named(member, from.marked);
    }
  };
  const named = (type: NamedType, marked: boolean): void => {
    const key = `${type.name} ${marked}`;
    if (done.has(key)) return;
    done.add(key);
    inside(type.type, { name: type.name, path: [], subject: [type.name], within: [type.place], marked });
  };

  for (const event of events) {
    const { current, aggregate } = event;
    visit(current.type, {
      ...{ name: event.name, path: [], marked: false, event },
      subject: [aggregate.name, event.name, `v${current.number}`],
      within: [current.place, event.place, aggregate.place],
    });
  }
  return [...found.values()];
};

interface Owner {
  readonly name: string;
  readonly path: readonly string[];
  readonly subject: readonly string[];
  readonly within: readonly Element["place"][];
  readonly marked: boolean;
  readonly event?: Event;
}

/** The type of a field's values, or of the items or values of its lists and maps. */
export const valueType = (type: Type): ReturnType<typeof dereference> => {
  const plain = dereference(type);
  return plain.kind === "array" ? valueType(plain.items) : plain.kind === "map" ? valueType(plain.values) : plain;
};
