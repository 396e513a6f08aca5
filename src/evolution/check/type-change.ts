import { isAvroName } from "../../model/avro-names.js";
import type { Encoding } from "../../model/model.js";
import type { JsonValue } from "../../model/type.js";
import { decimalUnits } from "../../model/values.js";
import type { CanonicalField, JsonObject } from "../canonical-text.js";
import { canonicalFields, canonicalKind, canonicalText, partsOfCanonical } from "../canonical-text.js";

/** One thing by which a type differs from what it was. */
export interface TypeChange {
  /** Names of fields that lead to it; `[]` and `{}` go into the items of an array and the values of a map. */
  readonly path: readonly string[];
  /**
   * `tightened`: what was valid may not be any more. `loosened`: what is valid now may not have been. `rewritten`: on the
   * wire it is something else. `restated`: nothing of it shows on the wire.
   */
  readonly effect: "tightened" | "loosened" | "rewritten" | "restated";
  /** "max 1000000 became 5000" */
  readonly what: string;
  /** What it was and what it is, for the fingerprint; null for nothing. */
  readonly from: JsonValue;
  readonly to: JsonValue;
}

export type NamedTypes = ReadonlyMap<string, JsonValue>;

interface Context {
  readonly encoding: Encoding;
  readonly before: NamedTypes;
  readonly after: NamedTypes;
  readonly found: TypeChange[];
  /** Pairs of named types that are being compared: types may refer to themselves. */
  readonly seen: Set<string>;
}

/** All by which two types in canonical form differ. A named type that both use is left to be compared on its own. */
export const typeChanges = (
  before: JsonValue,
  after: JsonValue,
  types: { readonly before: NamedTypes; readonly after: NamedTypes },
  encoding: Encoding,
): readonly TypeChange[] => {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const found: TypeChange[] = [];
  compare(before, after, [], { encoding, ...types, found, seen: new Set() });
  return found;
};

const compare = (before: JsonValue, after: JsonValue, path: readonly string[], context: Context): void => {
  const [was, is] = [canonicalKind(before), canonicalKind(after)];
  if (was === "ref" || is === "ref") {
    compareNamed(before, after, path, context);
    return;
  }
  const add = adder(path, context);
  if (was !== is) {
    const effect = isWider(before, after, context)
      ? isPlain(after)
        ? "loosened"
        : "tightened"
      : isWider(after, before, context)
        ? "tightened"
        : "rewritten";
    add(effect, `${canonicalText(before)} became ${canonicalText(after)}`, before, after);
    return;
  }
  const [a, b] = [partsOfCanonical(before), partsOfCanonical(after)];
  switch (was) {
    case "record":
      compareNames(a, b, path, context);
      compareFields(a, b, path, context);
      return;
    case "enum":
      compareNames(a, b, path, context);
      compareValues(a["enum"] as readonly string[], b["enum"] as readonly string[], path, context);
      return;
    case "union":
      compareMembers(a["oneOf"] as readonly string[], b["oneOf"] as readonly string[], path, context);
      return;
    case "array":
      compareLimits(a, b, path, context);
      compare(a["items"] ?? null, b["items"] ?? null, [...path, "[]"], context);
      return;
    case "map":
      compareLimits(a, b, path, context);
      compare(a["values"] ?? null, b["values"] ?? null, [...path, "{}"], context);
      return;
    case "decimal":
      if (a["scale"] !== b["scale"]) {
        add("rewritten", `${canonicalText(before)} became ${canonicalText(after)}`, before, after);
        return;
      }
      if (a["precision"] !== b["precision"]) {
        const effect = Number(a["precision"]) < Number(b["precision"]) ? "loosened" : "tightened";
        add(effect, `${canonicalText(before)} became ${canonicalText(after)}`, before, after);
      }
      compareLimits(a, b, path, context);
      return;
    default:
      compareLimits(a, b, path, context);
  }
};

/** Whether what is written of one kind is the same on the wire as one of the other, which has more values. */
const isWider = (before: JsonValue, after: JsonValue, { encoding }: Context): boolean => {
  const [was, is] = [canonicalKind(before), canonicalKind(after)];
  if ((was === "int" && is === "long") || (was === "uuid" && is === "string")) return true;
  if (encoding === "json") return wider[is]?.includes(was) === true;
  return was === "enum" && is === "string" && !isSymbolic(partsOfCanonical(before)["enum"] as readonly string[]);
};

/** Of JSON, where a value is what it is: what each of these kinds has the values of. */
const wider: { readonly [kind: string]: readonly string[] } = {
  string: ["date", "timestamp", "decimal", "enum"],
  double: ["int", "float"],
  json: ["string", "uuid", "date", "timestamp", "decimal", "enum", "boolean", "int", "float", "double"],
};

/** Whether all values of its kind are valid. */
const isPlain = (type: JsonValue): boolean => typeof type === "string";

/** Whether the values are symbols in Avro, each a number on the wire; others are texts. */
const isSymbolic = (values: readonly string[]): boolean =>
  values.every((value) => isAvroName(value) && !(value in Object.prototype));

const adder =
  (path: readonly string[], { found }: Context) =>
  (effect: TypeChange["effect"], what: string, from: JsonValue, to: JsonValue): void => {
    found.push({ path, effect, what, from, to });
  };

/** A name for a scalar is a matter of the model alone; what has a name in Avro is not. */
const compareNamed = (before: JsonValue, after: JsonValue, path: readonly string[], context: Context): void => {
  const [was, is] = [partsOfCanonical(before)["ref"], partsOfCanonical(after)["ref"]];
  if (was === is) return;
  const key = `${was} ${is}`;
  if (context.seen.has(key)) return;
  context.seen.add(key);
  const a = was === undefined ? before : context.before.get(String(was));
  const b = is === undefined ? after : context.after.get(String(is));
  if (a === undefined || b === undefined || canonicalKind(a) !== canonicalKind(b)) {
    adder(path, context)("rewritten", `${canonicalText(before)} became ${canonicalText(after)}`, before, after);
  } else compare(a, b, path, context);
};

const compareNames = (a: JsonObject, b: JsonObject, path: readonly string[], context: Context): void => {
  const [was, is] = [a["name"] ?? null, b["name"] ?? null];
  if (was === is || path.length === 0) return;
  const effect = context.encoding === "avro" ? "rewritten" : "restated";
  adder(path, context)(effect, `its name in Avro, ${was}, became ${is}`, was, is);
};

const compareFields = (a: JsonObject, b: JsonObject, path: readonly string[], context: Context): void => {
  const add = adder(path, context);
  const [before, after] = [canonicalFields(a), canonicalFields(b)];
  const [was, is] = [new Map(before.map((one) => [one.name, one])), new Map(after.map((one) => [one.name, one]))];
  const gone = before.filter((one) => !is.has(one.name));
  const fresh = new Set(after.filter((one) => !was.has(one.name)));
  const isAvro = context.encoding === "avro";
  for (const field of gone) {
    const renamed = [...fresh].find((one) => after.indexOf(one) === before.indexOf(field) && isSame(one, field));
    const at = adder([...path, field.name], context);
    if (renamed === undefined) at("rewritten", "the field is gone", canonical(field), null);
    else {
      fresh.delete(renamed);
      at("rewritten", `the field is called ${renamed.name} now`, canonical(field), canonical(renamed));
    }
  }
  for (const field of fresh) {
    const effect = isAvro ? "rewritten" : field.optional ? "loosened" : "tightened";
    const what = `${field.optional ? "an optional" : "a"} field was added`;
    adder([...path, field.name], context)(effect, what, null, canonical(field));
  }
  const order = (fields: readonly CanonicalField[], others: ReadonlyMap<string, CanonicalField>): readonly string[] =>
    fields.map((one) => one.name).filter((name) => others.has(name));
  const [first, second] = [order(before, is), order(after, was)];
  if (first.some((name, index) => second[index] !== name)) {
    const room = new Set([...roomy(before, context.before), ...roomy(after, context.after)]);
    const [there, here] = [first, second].map((names) => names.filter((name) => room.has(name)).join());
    const shows = isAvro && there !== here;
    add(shows ? "rewritten" : "restated", "its fields stand in another order", [...first], [...second]);
  }
  for (const field of before) {
    const now = is.get(field.name);
    if (now === undefined) continue;
    const its = [...path, field.name];
    if (field.optional !== now.optional) {
      const effect = isAvro ? "rewritten" : now.optional ? "loosened" : "tightened";
      const what = now.optional ? "it became optional" : "it is no longer optional";
      adder(its, context)(effect, what, field.optional, now.optional);
    }
    compare(field.type, now.type, its, context);
  }
};

/** Names of the fields that take room in Avro: records all of whose fields take none do not, nor where they stand. */
const roomy = (fields: readonly CanonicalField[], types: NamedTypes): ReadonlySet<string> => {
  const known = new Map<string, boolean>();
  const isNothing = (type: JsonValue): boolean => {
    const parts = partsOfCanonical(type);
    const name = parts["ref"];
    if (typeof name !== "string") return canonicalKind(type) === "record" && canonicalFields(parts).every(takesNone);
    const before = known.get(name);
    if (before !== undefined) return before;
    known.set(name, false);
    const nothing = isNothing(types.get(name) ?? null);
    known.set(name, nothing);
    return nothing;
  };
  const takesNone = ({ type, optional }: CanonicalField): boolean => !optional && isNothing(type);
  return new Set(fields.filter((one) => !takesNone(one)).map((one) => one.name));
};

const isSame = (a: CanonicalField, b: CanonicalField): boolean =>
  a.optional === b.optional && canonicalText(a.type) === canonicalText(b.type);

const canonical = ({ type, optional, name }: CanonicalField): JsonValue => [
  name,
  type,
  ...(optional ? ["optional"] : []),
];

const compareValues = (
  before: readonly string[],
  after: readonly string[],
  path: readonly string[],
  context: Context,
): void => {
  // An enum with other values is a text in Avro.
  const [was, is] = [before, after].map((values) => context.encoding === "avro" && isSymbolic(values));
  compareLists("value", before, after, was === true || is === true, path, context);
  if (was !== is && before.join() !== after.join()) {
    const what = was === true ? "it became a text in Avro" : "it became an enum in Avro";
    adder(path, context)("rewritten", what, [...before], [...after]);
  }
};

const compareMembers = (
  before: readonly string[],
  after: readonly string[],
  path: readonly string[],
  context: Context,
): void => compareLists("member", before, after, context.encoding === "avro", path, context);

/** Values of an enum or members of a union; `isNumbered`: on the wire each is its position. */
const compareLists = (
  word: string,
  before: readonly string[],
  after: readonly string[],
  isNumbered: boolean,
  path: readonly string[],
  context: Context,
): void => {
  const add = adder(path, context);
  const gone = before.filter((one) => !after.includes(one));
  const fresh = after.filter((one) => !before.includes(one));
  const kept = before.filter((one) => after.includes(one));
  const moved = isNumbered ? kept.find((one) => before.indexOf(one) !== after.indexOf(one)) : undefined;
  if (moved !== undefined) {
    const what = `${word} ${moved} was number ${before.indexOf(moved)} on the wire, and is ${after.indexOf(moved)}`;
    add("rewritten", what, [...before], [...after]);
  } else if (gone.length === 0 && fresh.length === 0) {
    const isMoved = before.some((one, index) => after[index] !== one);
    if (isMoved) add("restated", `its ${word}s stand in another order`, [...before], [...after]);
  }
  if (gone.length > 0) add("tightened", `${word} ${gone.join(", ")} is gone`, gone, null);
  if (fresh.length > 0) add("loosened", `${word} ${fresh.join(", ")} was added`, null, fresh);
};

const limits = ["min", "minLength", "minItems", "max", "maxLength", "maxItems"] as const;

const compareLimits = (a: JsonObject, b: JsonObject, path: readonly string[], context: Context): void => {
  const add = adder(path, context);
  for (const limit of limits) {
    const [was, is] = [a[limit], b[limit]];
    if (was === is) continue;
    const isLower = limit.startsWith("min");
    const rises = was !== undefined && is !== undefined && order(was, is) < 0;
    const effect = was === undefined || (is !== undefined && rises === isLower) ? "tightened" : "loosened";
    add(effect, limitText(limit, was, is), was ?? null, is ?? null);
  }
  const [was, is] = [a["pattern"], b["pattern"]];
  if (was === is) return;
  add(is === undefined ? "loosened" : "tightened", limitText("pattern", was, is), was ?? null, is ?? null);
};

const limitText = (limit: string, was: JsonValue | undefined, is: JsonValue | undefined): string => {
  if (was === undefined) return `${limit} ${shown(is)} was added`;
  return is === undefined ? `${limit} ${shown(was)} is gone` : `${limit} ${shown(was)} became ${shown(is)}`;
};

const shown = (value: JsonValue | undefined): string =>
  String(value).length <= 60 ? String(value) : `${String(value).slice(0, 57)}…`;

/** Bounds are numbers, or texts where a number would lose digits: of decimals, and of longs beyond 2^53. */
const order = (a: JsonValue, b: JsonValue): number => {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [one, other] = [decimalUnits(String(a)), decimalUnits(String(b))];
  return one < other ? -1 : one > other ? 1 : 0;
};
