import type { Misfit } from "../../mapping/fits.js";
import { misfitOf } from "../../mapping/fits.js";
import { leastOf, mapOf, recordWith } from "../../mapping/least-value.js";
import type { JsonValue, RecordType, Type } from "../../model/type.js";
import { dereference } from "../../model/type.js";
import { normalize, problemOf } from "../../model/values.js";
import type { TypeChange } from "./type-change.js";

type Long = "number" | "bigint";

/**
 * A value that is valid for a type as it was and not as it is, because of what changed at a path; undefined when none is
 * known. In data form, with why it is refused.
 */
export const damageOf = (
  before: RecordType,
  after: RecordType,
  path: readonly string[],
  long: { readonly before: Long; readonly after: Long },
): { readonly data: JsonValue; readonly problem: string } | undefined => {
  // A field that is new or no longer optional is missed by the record around it.
  for (const steps of [path, path.slice(0, -1)]) {
    const data = damagedAt(before, after, steps, long.before);
    const problem = data === undefined ? undefined : refusal(data, before, after, long);
    if (data !== undefined && problem !== undefined) return { data: normalize(data, before), problem };
  }
  return undefined;
};

/**
 * Whether what changed at a path says nothing: a bound that every value keeps anyway. It is proved, so false may mean that
 * it is not known.
 */
export const saysNothing = (
  before: Type,
  after: Type,
  { effect, path }: Pick<TypeChange, "effect" | "path">,
  long: Long,
): boolean => {
  const [a, b] = [typeAt(before, path), typeAt(after, path)];
  if (a === undefined || b === undefined || a.optional !== b.optional) return false;
  if (effect === "tightened") return misfitOf(a.type, b.type, long) === undefined;
  return effect === "loosened" && misfitOf(b.type, a.type, long) === undefined;
};

/** What a path leads to; not through unions. */
const typeAt = (
  from: Type,
  path: readonly string[],
): { readonly type: Type; readonly optional: boolean } | undefined => {
  let [type, optional] = [dereference(from), false];
  for (const step of path) {
    optional = false;
    if (type.kind === "array" && step === "[]") type = dereference(type.items);
    else if (type.kind === "map" && step === "{}") type = dereference(type.values);
    else {
      const field = type.kind === "record" ? type.fields.find((one) => one.name === step) : undefined;
      if (field === undefined) return undefined;
      [type, optional] = [dereference(field.type), field.optional];
    }
  }
  return { type, optional };
};

/** Why a value that was valid is not any more; undefined when it still is, or never was. */
export const refusal = (
  data: JsonValue,
  before: RecordType,
  after: RecordType,
  long: { readonly before: Long; readonly after: Long },
): string | undefined => {
  if (problemOf(data, before, long.before) !== undefined) return undefined;
  const found = problemOf(data, after, long.after);
  if (found === undefined) return undefined;
  return found.path.length === 0 ? found.problem : `${found.path.join(".")}: ${found.problem}`;
};

/** A valid value of `before` around one at the path that does not fit `after`. */
const damagedAt = (before: Type, after: Type, path: readonly string[], long: Long): JsonValue | undefined => {
  const [a, b] = [dereference(before), dereference(after)];
  const [step, ...rest] = path;
  if (step === undefined) return counterExample(misfitOf(a, b, long)) ?? leastOf(a);
  if (a.kind === "array" && b.kind === "array") {
    const item = damagedAt(a.items, b.items, rest, long);
    return item === undefined ? undefined : Array.from({ length: Math.max(1, a.minItems ?? 0) }, () => item);
  }
  if (a.kind === "map" && b.kind === "map") {
    const value = damagedAt(a.values, b.values, rest, long);
    return value === undefined ? undefined : mapOf(value, Math.max(1, a.minItems ?? 0));
  }
  if (a.kind !== "record" || b.kind !== "record") return undefined;
  const [was, is] = [a.fields.find((one) => one.name === step), b.fields.find((one) => one.name === step)];
  if (was === undefined || is === undefined) return undefined;
  const value = damagedAt(was.type, is.type, rest, long);
  return value === undefined ? undefined : recordWith(a, step, value);
};

const counterExample = (misfit: Misfit | undefined): JsonValue | undefined =>
  misfit === undefined || misfit.kind === "held" || misfit.kind === "unproved" ? undefined : misfit.value;
