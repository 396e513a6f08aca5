import { keyOf, under } from "../diagnostics/diagnostic.js";
import { suggest } from "../diagnostics/entry.js";
import type { JsonValue, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { intRange, longRange, problemOf } from "../model/values.js";
import { listed, valueText } from "./describe.js";
import type { Expression, Table } from "./expression.js";
import { isOptional } from "./expression.js";
import type { Long } from "./fits.js";
import { dollar, optionalHelp, yamlText } from "./help.js";
import { textOf } from "./language.js";
import { integerOf, leastOf } from "./least-value.js";
import type { Mapping, Step } from "./parse.js";
import type { Found, Scope } from "./scope.js";
import { kindText } from "./scope.js";
import type { Session, Target } from "./session.js";
import { isTextType, languageAround } from "./texts.js";

type Match = Table["entries"][number]["match"];

/** `{ from: $x, map: { old: new }, otherwise: v }`. */
export const checkTable = (
  mapping: Mapping & { kind: "from" },
  step: Step & { kind: "map" },
  found: Found,
  target: Target,
  scope: Scope,
  session: Session,
): Expression | undefined => {
  found.usage.used = true;
  const source = dereference(found.source.type);
  const { long } = session.context;
  const { otherwise } = mapping;
  const { here: _, ...elsewhere } = target;
  const other = otherwise && session.check(otherwise, elsewhere, scope);
  if (!isMatchable(source)) {
    const problem = `a table needs an enum, a text, a number or a boolean, and ${found.label || "the source"} is ${kindText(source)}`;
    session.report("mapping-form", { problem }, keyOf(step.place));
    return undefined;
  }
  const entries = entriesOf(step, source, target, scope, session);
  const left = leftOut(source, new Set(entries.map((entry) => String(entry.match))), long);
  if (otherwise === undefined) {
    if (left.length > 0) return refuse(left, source, found, target, step, session);
    if (found.source.optional && !target.optional) {
      const { sourceName, targetName } = session.context;
      const names = { source: found.label, target: target.label, sourceName, targetName };
      session.report("optional-source", names, mapping.place, {
        help: optionalHelp(`from: ${dollar(found)}?, map: { … }`, target),
      });
      return undefined;
    }
  } else if (left.length === 0 && !found.source.optional) {
    session.report("otherwise-unused", { why: "the table has an entry for every value" }, otherwise.place);
  }
  const values = entries.flatMap(({ match, value }) => (value === undefined ? [] : [{ match, value }]));
  if (values.length < Object.keys(step.entries).length || (otherwise !== undefined && other === undefined))
    return undefined;
  const taken = left.length > 0 || found.source.optional ? other : undefined;
  return {
    kind: "table",
    type: target.type,
    optional:
      [...values.map((entry) => entry.value), ...(taken ? [taken] : [])].some(isOptional) ||
      (taken === undefined && found.source.optional),
    from: found.source,
    entries: values,
    ...(taken === undefined ? {} : { otherwise: taken }),
  };
};

const isMatchable = (type: Type): boolean =>
  isTextType(type) ||
  type.kind === "boolean" ||
  type.kind === "int" ||
  type.kind === "long" ||
  type.kind === "float" ||
  type.kind === "double";

const entriesOf = (
  step: Step & { kind: "map" },
  source: Type,
  target: Target,
  scope: Scope,
  session: Session,
): readonly { readonly match: Match; readonly value: Expression | undefined }[] => {
  const known = new Set<string>();
  return Object.entries(step.entries).flatMap(([key, raw]) => {
    const place = under(step.place, key);
    const value = session.check({ value: raw, place }, target, scope);
    const match = matchOf(key, source, session.context.long);
    if (typeof match === "object") {
      const suggestion = source.kind === "enum" ? suggest(key, source.values) : undefined;
      session.report("unknown-table-key", { key, problem: match.problem, suggestion }, keyOf(place));
      return [];
    }
    if (known.has(String(match))) {
      session.report("mapping-form", { problem: `the table has ${String(match)} twice` }, keyOf(place));
      return [];
    }
    known.add(String(match));
    return [{ match, value }];
  });
};

/** The value of the source that a key stands for. */
const matchOf = (key: string, source: Type, long: Long): Match | { readonly problem: string } => {
  const value = readKey(key, source);
  const problem = problemOf(value, source, long);
  return problem === undefined ? (value as Match) : { problem: problem.problem };
};

const readKey = (key: string, source: Type): JsonValue => {
  if (source.kind === "boolean") return key === "true" ? true : key === "false" ? false : key;
  if (isTextType(source) || key.trim() === "" || !Number.isFinite(Number(key))) return key;
  return source.kind === "long" && /^-?\d{16,19}$/.test(key) ? integerOf(BigInt(key)) : Number(key) + 0;
};

/** Values without an entry: all of them where they can be counted, else one or none. */
const leftOut = (source: Type, keys: ReadonlySet<string>, long: Long): readonly JsonValue[] => {
  if (source.kind === "enum") return source.values.filter((value) => !keys.has(value));
  if (source.kind === "boolean") return [true, false].filter((value) => !keys.has(String(value)));
  if (source.kind === "int" || source.kind === "long") {
    const range = source.kind === "int" ? intRange : longRange(long);
    const [min, max] = [source.min ?? range.min, source.max ?? range.max];
    for (let value = min; value <= max; value++) {
      if (!keys.has(String(value))) return [integerOf(value)];
    }
    return [];
  }
  if (source.kind === "float" || source.kind === "double") {
    if (source.min !== undefined && source.min === source.max && keys.has(String(source.min))) return [];
    const example = [0, 1, 0.5, 2, source.min, source.max].find(
      (value) => value !== undefined && !keys.has(String(value)) && problemOf(value, source, long) === undefined,
    );
    return [example ?? "any other number"];
  }
  const sample = leastOf(source);
  if (typeof sample === "string" && !keys.has(sample)) return [sample];
  const other = textOf(
    languageAround(source),
    (text) => !keys.has(text) && problemOf(text, source, long) === undefined,
  );
  return [other ?? "any other text"];
};

const refuse = (
  left: readonly JsonValue[],
  source: Type,
  found: Found,
  target: Target,
  step: Step & { kind: "map" },
  session: Session,
): undefined => {
  const { sourceName } = session.context;
  const isCounted = source.kind === "enum" || source.kind === "boolean";
  const example = `${found.label || "the source"} ${listed(left.map(valueText))}`;
  const missing = left.slice(0, 5).map((value) => `${yamlText(value)}: …`);
  const help = isCounted
    ? `Add ${missing.join(", ")} to the table, or otherwise: ${target.optional ? "…" : yamlText(leastOf(target.type) ?? "…")}`
    : `Write otherwise: ${yamlText(leastOf(target.type) ?? "…")} for all other values.`;
  const why = "the table has no entry for it";
  session.report("otherwise-needed", { example, sourceName, why }, keyOf(step.place), { help });
  return undefined;
};
