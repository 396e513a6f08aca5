import type { Place } from "../diagnostics/diagnostic.js";
import { suggest } from "../diagnostics/entry.js";
import type { Field, RecordType, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { listed, typeText } from "./describe.js";
import type { Source } from "./expression.js";
import type { Path } from "./path.js";
import { pathOf } from "./path.js";
import type { Session } from "./session.js";

/** What `$` is at some point of a mapping. */
export interface Scope {
  readonly type: Type;
  readonly usage: Usage;
  /** How messages call `$`: empty for the source as a whole, `items[]` for an element. */
  readonly label: string;
}

/** Which parts of the source a mapping uses: a tree shaped like the source, as far as paths lead into it. */
export interface Usage {
  used: boolean;
  readonly children: Map<string, Usage>;
}

export const newUsage = (): Usage => ({ used: false, children: new Map() });

/** The usage of a field; `[]` stands for the elements of a list. */
export const childOf = (usage: Usage, name: string): Usage => {
  const known = usage.children.get(name);
  if (known !== undefined) return known;
  const child = newUsage();
  usage.children.set(name, child);
  return child;
};

export const elements = "[]";

/** A part of the source that a path leads to. */
export interface Found {
  readonly source: Source;
  readonly usage: Usage;
  readonly label: string;
}

/** Follows a path from `$`; undefined after what is wrong with it has been reported. The caller marks what is used. */
export const follow = (path: Path, scope: Scope, place: Place, session: Session): Found | undefined => {
  let found: Found = {
    source: { kind: "source", type: scope.type, optional: false, steps: [] },
    usage: scope.usage,
    label: scope.label,
  };
  for (const name of path.fields) {
    const type = dereference(found.source.type);
    const label = found.label === "" ? session.context.sourceName : found.label;
    if (type.kind !== "record") {
      const help =
        type.kind === "array" || type.kind === "map"
          ? `Write { each: $${pathOf(path.fields.slice(0, found.source.steps.length))}, with: … }.`
          : undefined;
      session.report("blocked-path", { path: label, type: kindText(type), field: name }, place, help ? { help } : {});
      return undefined;
    }
    const field = fieldsOf(type).get(name);
    if (field === undefined) {
      const names = type.fields.map((one) => one.name);
      const has = names.length === 0 ? "none" : listed(names);
      session.report(
        "unknown-source-field",
        { field: name, owner: label, has, suggestion: suggest(name, names) },
        place,
      );
      return undefined;
    }
    found = stepInto(found, field);
  }
  return found;
};

/** One field further. */
export const stepInto = (from: Found, field: Field): Found => ({
  source: {
    kind: "source",
    type: field.type,
    optional: from.source.optional || field.optional,
    steps: [...from.source.steps, { field: field.name, optional: field.optional }],
  },
  usage: childOf(from.usage, field.name),
  label: from.label === "" ? pathOf([field.name]) : `${from.label}.${pathOf([field.name])}`,
});

/** A record's fields by name. */
export const fieldsOf = (record: RecordType): ReadonlyMap<string, Field> => {
  const known = fieldMaps.get(record);
  if (known !== undefined) return known;
  const map = new Map(record.fields.map((field) => [field.name, field]));
  fieldMaps.set(record, map);
  return map;
};

const fieldMaps = new WeakMap<RecordType, ReadonlyMap<string, Field>>();

/** What a type is, as the end of a sentence. */
export const kindText = (type: Type): string => {
  switch (type.kind) {
    case "array":
      return `an array, ${typeText(type)}`;
    case "map":
      return `a map, ${typeText(type)}`;
    case "union":
      return `a union, ${typeText(type)}`;
    case "enum":
      return `an enum, ${typeText(type)}`;
    case "record":
      return "a record";
    case "reference":
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "float":
    case "double":
    case "decimal":
    case "uuid":
    case "date":
    case "timestamp":
    case "bytes":
    case "json":
      return `of the type ${typeText(type)}`;
  }
};
