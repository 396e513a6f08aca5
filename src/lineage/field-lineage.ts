import type { Event, EventVersion, Projection, Reaction } from "../model/model.js";
import type { Field, RecordType, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import type { Origin } from "./origins.js";
import { originsOf } from "./origins.js";

/** A field of an event's current version, with where it comes from and where it goes. */
export interface FieldLineage {
  /** total.amount, lines[].sku */
  readonly path: readonly string[];
  readonly field: Field;
  /** For each older version, newest first, where a stored event of it has the value. */
  readonly from: readonly { readonly version: number; readonly origins: readonly Origin[] }[];
  readonly to: readonly Destination[];
}

interface Destination {
  readonly projection: Projection;
  readonly operation: "key" | "set" | "increment" | "append" | "remove" | "by";
  /** Of the row or its key; absent where a function decides. */
  readonly column?: string;
}

/** The fields of an event's current version, records field by field, lists by what is in their items. */
export const lineageOf = (event: Event, projections: readonly Projection[]): readonly FieldLineage[] => {
  const reactions = projections.flatMap((projection) =>
    projection.on.filter((one) => one.event === event).map((reaction) => ({ projection, reaction })),
  );
  return leavesOf(event.current.type).map(({ path, field }) => ({
    path,
    field,
    from: historyOf(event, path),
    to: reactions.flatMap(({ projection, reaction }) => destinations(projection, reaction, path)),
  }));
};

interface Leaf {
  readonly path: readonly string[];
  readonly field: Field;
}

const leavesOf = (
  record: RecordType,
  path: readonly string[] = [],
  seen: readonly RecordType[] = [],
): readonly Leaf[] =>
  record.fields.flatMap((field) => {
    const { steps, type } = itemsOf(field.type);
    const here = [...path, field.name, ...steps];
    // A type that contains itself has no end.
    if (type.kind !== "record" || type.fields.length === 0 || seen.includes(type) || here.length > deepest)
      return [{ path: here, field }];
    return leavesOf(type, here, [...seen, record, type]);
  });

const deepest = 12;

const itemsOf = (type: Type): { readonly steps: readonly string[]; readonly type: Type } => {
  const plain = dereference(type);
  if (plain.kind !== "array" && plain.kind !== "map") return { steps: [], type: plain };
  const inner = itemsOf(plain.kind === "array" ? plain.items : plain.values);
  // Of lists of scalars nobody asks for the items.
  return inner.type.kind === "record"
    ? { steps: ["[]", ...inner.steps], type: inner.type }
    : { steps: [], type: plain };
};

const historyOf = (event: Event, path: readonly string[]): FieldLineage["from"] => {
  const history: { readonly version: number; readonly origins: readonly Origin[] }[] = [];
  let origins: readonly Origin[] = [{ kind: "field", path }];
  for (let at = event.versions.length - 1; at > 0; at--) {
    const version = event.versions[at] as EventVersion;
    origins = through(version, origins);
    history.push({ version: version.number - 1, origins });
  }
  return history;
};

/** The same values, one version below. */
const through = ({ upcast }: EventVersion, origins: readonly Origin[]): readonly Origin[] => {
  if (upcast === undefined) return origins;
  const below = origins.flatMap((one): readonly Origin[] => {
    if (one.kind !== "field") return [one];
    return originsOf(upcast, one.path).map((next) =>
      (next.kind === "field" || next.kind === "literal") && one.how !== undefined
        ? { ...next, how: next.how ?? one.how }
        : next,
    );
  });
  return [...new Map(below.map((one) => [JSON.stringify(one), one])).values()];
};

const destinations = (projection: Projection, reaction: Reaction, path: readonly string[]): readonly Destination[] => {
  if (reaction.kind === "ignore") return [];
  const uses = (value: Parameters<typeof originsOf>[0]): boolean =>
    originsOf(value, []).some((one) => one.kind === "field" && isOnTheWay(one.path, path));
  const keys = reaction.key.flatMap(({ field, value }) =>
    uses(value) ? [{ projection, operation: "key" as const, column: field.name }] : [],
  );
  if (reaction.kind === "by") return [...keys, { projection, operation: "by" }];
  if (reaction.kind === "delete") return keys;
  const changes = (["set", "increment", "append", "remove"] as const).flatMap((operation) =>
    reaction[operation].flatMap(({ field, value }) =>
      uses(value) ? [{ projection, operation, column: field.name }] : [],
    ),
  );
  return [...keys, ...changes];
};

/** Whether one holds the other: `total` is read with total.amount, and all is read with `$`. */
const isOnTheWay = (a: readonly string[], b: readonly string[]): boolean =>
  a.slice(0, b.length).every((step, i) => step === b[i]);
