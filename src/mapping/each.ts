import type { Place } from "../diagnostics/diagnostic.js";
import { under } from "../diagnostics/diagnostic.js";
import type { ArrayType, MapType, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { isFunction } from "./check.js";
import { orElse, recordOf } from "./copy.js";
import { exampleText } from "./describe.js";
import type { Expression } from "./expression.js";
import { countMisfit } from "./fits.js";
import { dollar } from "./help.js";
import type { Drop, Fields, Mapping, Raw } from "./parse.js";
import { checkFields } from "./record.js";
import type { Found, Scope } from "./scope.js";
import { childOf, elements, follow, kindText } from "./scope.js";
import type { Session, Target } from "./session.js";

/** `{ each: $xs, with: … }`: item by item, or a map's value by value. */
export const checkEach = (
  mapping: Mapping & { kind: "each" },
  target: Target,
  scope: Scope,
  session: Session,
): Expression | undefined => {
  const place = under(mapping.place, "each");
  const found = follow(mapping.path, scope, place, session);
  if (found === undefined) return undefined;
  const [source, wanted] = [dereference(found.source.type), dereference(target.type)];
  if (!isList(wanted)) {
    return refuse({ what: target.label, type: kindText(wanted), needed: "an array or a map to build" }, place, session);
  }
  if (source.kind !== wanted.kind || !isList(source)) {
    const needed = wanted.kind === "array" ? "an array" : "a map";
    return refuse({ what: found.label || "the source", type: kindText(source), needed }, place, session);
  }
  if (reportCount(source, wanted, found, place, session)) return undefined;
  const usage = childOf(found.usage, elements);
  const inner: Scope = { type: elementOf(source), usage, label: `${found.label}[]` };
  const item = checkShaped(
    mapping.with ?? { value: recordOf(elementOf(wanted)) === undefined ? "$" : {}, place: mapping.place },
    { type: elementOf(wanted), optional: false, label: `${target.label}[]` },
    inner,
    mapping.drop,
    session,
  );
  if (item === undefined) return undefined;
  const expression: Expression = {
    kind: "each",
    type: target.type,
    optional: found.source.optional,
    over: source.kind,
    from: found.source,
    item,
  };
  const named = { label: found.label, written: `each: ${dollar(found)}?, with: …` };
  return orElse(expression, mapping.otherwise, named, target, scope, mapping.place, session);
};

/** A mapping that is shaped like a record where its target is one, and is any other one otherwise; `$` is `scope`. */
export const checkShaped = (
  raw: Raw,
  target: Target,
  scope: Scope,
  drop: readonly Drop[],
  session: Session,
): Expression | undefined => {
  const record = recordOf(target.type);
  const here: Found = {
    source: { kind: "source", type: scope.type, optional: false, steps: [] },
    usage: scope.usage,
    label: scope.label,
  };
  const isObject = typeof raw.value === "object" && raw.value !== null && !Array.isArray(raw.value);
  if (record !== undefined && isObject && !isFunction(raw.value as Fields, record)) {
    return checkFields(raw.value as Fields, raw.place, record, { ...target, here }, scope, session, drop);
  }
  for (const one of drop) session.drops.push({ drop: one, from: here });
  return session.check(raw, { ...target, here }, scope);
};

const refuse = (
  parameters: { readonly what: string; readonly type: string; readonly needed: string },
  place: Place,
  session: Session,
): undefined => {
  session.report("not-a-list", parameters, place);
  return undefined;
};

const isList = (type: Type): type is ArrayType | MapType => type.kind === "array" || type.kind === "map";

const elementOf = (type: ArrayType | MapType): Type => (type.kind === "array" ? type.items : type.values);

/** The number of items stays what it is. */
const reportCount = (
  source: ArrayType | MapType,
  target: ArrayType | MapType,
  found: Found,
  place: Place,
  session: Session,
): boolean => {
  const misfit = countMisfit(source, target);
  if (misfit === undefined) return false;
  const { sourceName, targetName } = session.context;
  const needed = "needed" in misfit ? misfit.needed : "";
  const example = misfit.kind === "value" ? exampleText(found.label, misfit.at) : `${found.label} of another length`;
  session.report("does-not-fit", { example, sourceName, targetName, needed }, place, {
    help: "A function can build it: { by: functionName }",
  });
  return true;
};
