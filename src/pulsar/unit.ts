import type { JsonValue } from "../model/type.js";
import type { Reader } from "./reader.js";

/** One thing that a broker holds or not, which can be compared with what is wanted, and made so. */
export interface Unit {
  readonly kind: UnitKind;
  /** Unique among those of its kind: `retention`, `orders`, `warehouse on orders`. */
  readonly name: string;
  readonly compare: (reader: Reader) => Promise<Comparison>;
}

type UnitKind = "tenant" | "namespace" | "owner" | "policy" | "topic" | "schema" | "subscription" | "permission";

/** `note` says more about it, in a sentence. */
export type Comparison = { readonly kind: "equal"; readonly note?: string } | Difference;

export interface Difference {
  readonly kind: "differs";
  readonly action: "create" | "change" | "remove";
  /** What is there; undefined when nothing is, or it is not set. */
  readonly from?: JsonValue;
  readonly to?: JsonValue;
  readonly note?: string;
  /** Somebody has to agree to it by this name, `grow-partitions:orders`, since it cannot be taken back; why, in a sentence. */
  readonly consent?: { readonly name: string; readonly why: string };
  /** Why it cannot be done at all, in a sentence. */
  readonly blocked?: string;
  /** Makes it so. To do it twice is the same as once. */
  readonly write: () => Promise<unknown>;
}

export const equal = (note?: string): Comparison => (note === undefined ? { kind: "equal" } : { kind: "equal", note });

/** Whether two values are the same JSON, whatever the order of keys. */
export const sameJson = (a: JsonValue | undefined, b: JsonValue | undefined): boolean => {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => sameJson(one, b[i]));
  const [left, right] = [a as { readonly [key: string]: JsonValue }, b as { readonly [key: string]: JsonValue }];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => sameJson(left[key], right[key]));
};
