import type { Event } from "./model.js";
import type { Type } from "./type.js";

/**
 * What the types of an event's versions mean to the rest of the model: names that nothing else may have. Each once, in
 * order of first use. All that is asked of an event that is generated no more than it was.
 */
export interface TypeNames {
  /** Records that have no name under `types:`, those of the versions among them. */
  readonly records: readonly string[];
  /** Enums, of which there are no others. */
  readonly enums: readonly string[];
  /** Named types that are members of a union which has no name itself. */
  readonly members: readonly string[];
}

/** Found by looking into the types, unless an earlier run has found them. */
export const typeNamesOf = (event: Event): TypeNames => {
  const before = known.get(event);
  if (before !== undefined) return before;
  const found = { records: new Set<string>(), enums: new Set<string>(), members: new Set<string>() };
  for (const { type } of event.versions) collect(type, found);
  const names = { records: [...found.records], enums: [...found.enums], members: [...found.members] };
  known.set(event, names);
  return names;
};

/** Says what an earlier run has found of an event, so that its types need not be looked at. */
export const setTypeNames = (event: Event, names: TypeNames): void => void known.set(event, names);

const known = new WeakMap<Event, TypeNames>();

const collect = (type: Type, found: { readonly [K in keyof TypeNames]: Set<string> }): void => {
  switch (type.kind) {
    case "array":
      collect(type.items, found);
      return;
    case "map":
      collect(type.values, found);
      return;
    case "record":
      found.records.add(type.name);
      for (const field of type.fields) collect(field.type, found);
      return;
    case "enum":
      found.enums.add(type.name);
      return;
    case "union":
      for (const member of type.members) found.members.add(member.name);
      return;
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
      return;
  }
};
