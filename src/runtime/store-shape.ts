import type { AnyProjection } from "./store.js";

/** What rows are made of, as a store remembers it beside them. */
export type StoredShape = Pick<AnyProjection, "name" | "key" | "columns">;

/** Why rows that were made for one projection are not those of another; nothing when they are. */
export const shapeDifferences = (stored: StoredShape, projection: StoredShape): readonly string[] => {
  if (stored.name !== projection.name) return [`they are those of ${stored.name}, and not of ${projection.name}`];
  const differences: string[] = [];
  const [before, now] = [stored.key.join(", "), projection.key.join(", ")];
  if (before !== now) differences.push(`their key is [${before}], and that of the projection [${now}]`);
  for (const field of new Set([...Object.keys(stored.columns), ...Object.keys(projection.columns)])) {
    const [one, other] = [textOf(stored, field), textOf(projection, field)];
    if (one !== other) differences.push(`${field} is ${one} there, and ${other} in the projection`);
  }
  return differences;
};

const textOf = ({ columns }: StoredShape, field: string): string => {
  const column = Object.hasOwn(columns, field) ? columns[field] : undefined;
  if (column === undefined) return "absent";
  return `${column.optional === true ? "optional " : ""}${column.type} (${column.name})`;
};
