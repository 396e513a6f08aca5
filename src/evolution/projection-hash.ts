import type { Expression } from "../mapping/expression.js";
import type { KeyPart, Projection, Reaction } from "../model/model.js";
import type { Field, JsonValue } from "../model/type.js";
import { canonicalMapping } from "./canonical-mapping.js";
import { canonicalType, namedTypesIn } from "./canonical-type.js";
import { hashOfJson } from "./hash.js";

/**
 * The hash of all that the rows of a projection depend on. What a row is depends on where and how it is kept, and on what each event does in the version that is current; not on
 * the order in which the model says so, but for that of the key.
 */
export const projectionHash = ({ store, key, row, on }: Projection): string => {
  const types = namedTypesIn([...key.fields, ...row.fields].map((field) => field.type));
  return hashOfJson(
    [
      store,
      key.fields.map(canonicalField),
      sorted(row.fields.map(canonicalField)),
      sorted(types.map((type) => [type.name, canonicalType(type.type)])),
      sorted(on.filter((reaction) => reaction.kind !== "ignore").map(canonicalReaction)),
    ],
    16,
  );
};

const canonicalField = ({ name, type, optional }: Field): JsonValue => [
  name,
  canonicalType(type),
  ...(optional ? ["optional"] : []),
];

const canonicalReaction = (reaction: Reaction): JsonValue => {
  const event = reaction.event.current.name;
  switch (reaction.kind) {
    case "ignore":
      return [event, "ignore"];
    case "delete":
      return [event, "delete", parts(reaction.key)];
    case "by":
      return [event, "by", reaction.function.name, parts(reaction.key)];
    case "change":
      return [
        event,
        "change",
        ...[reaction.key, reaction.set, reaction.increment, reaction.append, reaction.remove].map(parts),
      ];
  }
};

const parts = (assignments: readonly (KeyPart | { readonly field: Field; readonly value: Expression })[]): JsonValue =>
  sorted(assignments.map(({ field, value }) => [field.name, canonicalMapping(value)]));

/** By their text; each begins with a name. */
const sorted = (values: readonly JsonValue[]): readonly JsonValue[] =>
  values
    .map((value) => ({ value, text: JSON.stringify(value) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ value }) => value);
