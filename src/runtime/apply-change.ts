import { addDecimals } from "./conversions.js";
import type { Change } from "./definitions.js";

/** Rows as a projection that is not known more closely sees them. */
export type AnyRow = Readonly<Record<string, unknown>>;

/**
 * The row after a change; undefined when there is none any more. A row that is new starts with `initial`. Pure: the row
 * that is given stays as it is. Throws a TypeError where a field is not of the kind that the change is for.
 */
export const applyChange = (
  row: AnyRow | undefined,
  change: Change<unknown, AnyRow>,
  initial: AnyRow = {},
): AnyRow | undefined => {
  if ("delete" in change) return undefined;
  if ("by" in change) return change.by(row);
  const next: Record<string, unknown> = { ...(row ?? initial) };
  for (const [field, value] of Object.entries(change.set ?? {})) {
    if (value === undefined) delete next[field];
    else next[field] = value;
  }
  for (const [field, amount] of Object.entries(change.increment ?? {})) {
    if (amount !== undefined) next[field] = sum(field, next[field], amount);
  }
  for (const [field, item] of Object.entries(change.append ?? {})) {
    if (item !== undefined) next[field] = [...list(field, next[field]), item];
  }
  for (const [field, item] of Object.entries(change.remove ?? {})) {
    if (item !== undefined) next[field] = list(field, next[field]).filter((one) => !equal(one, item));
  }
  return next;
};

const sum = (field: string, value: unknown, amount: unknown): unknown => {
  if (value === undefined) return amount;
  if (typeof value === "number" && typeof amount === "number") return value + amount;
  if (typeof value === "bigint" && typeof amount === "bigint") return value + amount;
  if (typeof value === "string" && typeof amount === "string") return addDecimals(value, amount);
  throw new TypeError(`${field} holds a ${typeof value}, which a ${typeof amount} cannot be added to`);
};

const list = (field: string, value: unknown): readonly unknown[] => {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new TypeError(`${field} is not an array`);
};

/** Whether two values of the model are the same; an absent field is the same as undefined. */
const equal = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const one = new Map(Object.entries(a).filter(([, value]) => value !== undefined));
  const other = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return one.size === other.size && [...one].every(([key, value]) => other.has(key) && equal(value, other.get(key)));
};
