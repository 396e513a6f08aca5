import type { Place } from "../diagnostics/diagnostic.js";
import { keyOf, under } from "../diagnostics/diagnostic.js";
import { suggest } from "../diagnostics/entry.js";
import type { Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import type { Failure } from "./convert.js";
import { conversionOf, failureOf, needsUnit } from "./convert.js";
import { copy, orElse } from "./copy.js";
import { exampleText, typeText, valueText } from "./describe.js";
import { checkShaped } from "./each.js";
import type { Expression } from "./expression.js";
import { isOptional } from "./expression.js";
import { misfitOf } from "./fits.js";
import { conversionHelp, dollar, kindName } from "./help.js";
import type { Mapping, Step } from "./parse.js";
import { isCopy, parseFailureOf, readingOf } from "./partial.js";
import type { Found, Scope } from "./scope.js";
import { follow, kindText } from "./scope.js";
import type { Session, Target } from "./session.js";
import { checkTable } from "./table.js";

/** `{ from: $x, … }`: a value that is taken from a path, and perhaps changed on its way. */
export const checkFrom = (
  mapping: Mapping & { kind: "from" },
  target: Target,
  scope: Scope,
  session: Session,
): Expression | undefined => {
  const found = follow(mapping.path, scope, under(mapping.place, "from"), session);
  if (found === undefined) return undefined;
  const { step, otherwise, place } = mapping;
  const how =
    step === undefined ? "" : step.kind === "with" ? ", with: …" : step.kind === "map" ? "" : `, as: ${step.type}`;
  const named = { label: found.label, written: `from: ${dollar(found)}?${how}` };
  if (step === undefined) {
    const copied = copy(found, target, under(place, "from"), session);
    return copied && orElse(copied, otherwise, named, target, scope, place, session);
  }
  switch (step.kind) {
    case "as": {
      const converted = checkAs(step, found, target, session);
      return converted && orElse(converted, otherwise, named, target, scope, place, session);
    }
    case "with": {
      const inner: Scope = { type: found.source.type, usage: found.usage, label: found.label };
      const item = checkShaped(step.with, { ...target, optional: false }, inner, step.drop, session);
      if (item === undefined) return undefined;
      const { optional } = found.source;
      const built: Expression = { kind: "with", type: target.type, optional, from: found.source, item };
      return orElse(built, otherwise, named, target, scope, place, session);
    }
    case "parse":
      return checkParse(mapping, step, found, target, scope, session);
    case "map":
      return checkTable(mapping, step, found, target, scope, session);
  }
};

type Conversion = Step & { readonly kind: "as" | "parse" };

const checkAs = (step: Conversion, found: Found, target: Target, session: Session): Expression | undefined => {
  found.usage.used = true;
  if (!checkWanted(step, found, target, session)) return undefined;
  const { source } = found;
  const { long, sourceName } = session.context;
  if (misfitOf(source.type, target.type, long) === undefined) return source;
  const conversion = conversionOf(source.type, target.type, step.unit, long);
  if (conversion === undefined) return refuseConversion(step, found, target, session);
  const failure = failureOf(source.type, target.type, conversion, long);
  if (failure !== undefined) {
    const help = totalHelp(found, target, step, session);
    reportFailure(failure, found, target, step.place, session, sourceName, help);
    return undefined;
  }
  return { kind: "convert", type: target.type, optional: source.optional, from: source, conversion };
};

const reportFailure = (
  failure: Failure,
  found: Found,
  target: Target,
  place: Place,
  session: Session,
  sourceName: string,
  help: { readonly help: string },
): void => {
  const label = found.label || "the source";
  if (failure.kind === "unproved") {
    session.report("unproved-fit", { source: label, target: target.label, needed: failure.needed }, place, help);
    return;
  }
  const result = failure.result === undefined ? "no value" : valueText(failure.result);
  const example = exampleText(label, failure.at);
  session.report("not-total", { example, result, sourceName, needed: failure.needed }, place, help);
};

const totalHelp = (found: Found, target: Target, step: Conversion, session: Session): { readonly help: string } => {
  const name = target.label.slice(target.label.lastIndexOf(".") + 1);
  const { long } = session.context;
  const written = conversionHelp(
    name,
    dollar(found),
    dereference(found.source.type),
    dereference(target.type),
    step.unit,
    long,
  );
  return {
    help: `Bound ${found.label || "the source"} where it is declared, if it is not released yet, or write ${written}`,
  };
};

const checkParse = (
  mapping: Mapping & { kind: "from" },
  step: Conversion,
  found: Found,
  target: Target,
  scope: Scope,
  session: Session,
): Expression | undefined => {
  found.usage.used = true;
  const { source, label } = found;
  const { otherwise, place } = mapping;
  const { long } = session.context;
  const other = otherwise && session.check(otherwise, withoutHere(target), scope);
  if (!checkWanted(step, found, target, session)) return undefined;
  const reading = readingOf(source.type, target.type, step.unit, long);
  const isPlain = isCopy(source.type, target.type, reading, long);
  if (reading === undefined && !isPlain) return refuseConversion(step, found, target, session);
  const failure =
    isPlain || reading === undefined ? undefined : parseFailureOf(source.type, target.type, reading, long);
  if (otherwise === undefined) {
    if (failure !== undefined) return refuseParse(failure, found, target, step, session);
    if (source.optional && !target.optional) {
      return orElse(
        source,
        undefined,
        { label, written: `from: ${dollar(found)}?, parse: ${step.type}` },
        target,
        scope,
        place,
        session,
      );
    }
  } else if (failure === undefined && !source.optional) {
    session.report(
      "otherwise-unused",
      { why: `every ${label || "source"} is a valid ${kindName(target.type)}` },
      otherwise.place,
    );
  }
  if (otherwise !== undefined && other === undefined) return undefined;
  if (isPlain || reading === undefined) {
    if (other === undefined || !source.optional) return source;
    return { kind: "default", type: target.type, optional: isOptional(other), from: source, otherwise: other };
  }
  const taken = failure !== undefined || source.optional ? other : undefined;
  return {
    kind: "parse",
    type: target.type,
    optional: taken === undefined ? source.optional : isOptional(taken),
    from: source,
    reading,
    ...(taken === undefined ? {} : { otherwise: taken }),
  };
};

const withoutHere = ({ here: _, ...target }: Target): Target => target;

const refuseParse = (failure: Failure, found: Found, target: Target, step: Conversion, session: Session): undefined => {
  const { sourceName, long } = session.context;
  const name = target.label.slice(target.label.lastIndexOf(".") + 1);
  const path = dollar(found);
  const written = conversionHelp(name, path, dereference(found.source.type), dereference(target.type), step.unit, long);
  const help = { help: `Write ${written}` };
  if (failure.kind === "unproved") {
    const parameters = { source: found.label || "source", target: target.label, needed: failure.needed };
    session.report("unproved-fit", parameters, step.place, help);
    return undefined;
  }
  const example = exampleText(found.label || "the source", failure.at);
  const why = `it gives no ${typeText(target.type)}${failure.needed === typeText(target.type) ? "" : ` (${failure.needed})`}`;
  session.report("otherwise-needed", { example, sourceName, why }, step.place, help);
  return undefined;
};

const refuseConversion = (step: Conversion, found: Found, target: Target, session: Session): undefined => {
  const source = kindText(dereference(found.source.type)).replace(/^of the type /, "");
  const { long } = session.context;
  const plain = dereference(found.source.type);
  const name = target.label.slice(target.label.lastIndexOf(".") + 1);
  const help = `Write ${conversionHelp(name, dollar(found), plain, dereference(target.type), step.unit, long)}`;
  const parameters = { operator: step.kind, source, target: kindName(target.type) };
  session.report("unknown-conversion", parameters, step.place, { help });
  return undefined;
};

/** Whether the type that is named is the target's, and a unit stands where one is needed. */
const checkWanted = (step: Conversion, found: Found, target: Target, session: Session): boolean => {
  if (!names(step.type, target.type)) {
    const known: readonly string[] = [...kinds, ...(target.type.kind === "reference" ? [target.type.to.name] : [])];
    const kind = /^[A-Za-z]*/.exec(step.type)?.[0] ?? "";
    const near = known.includes(kind) ? undefined : suggest(kind, known);
    const meant = near === undefined ? "" : ` Did you mean ${near}?`;
    const named = JSON.stringify(step.type.slice(0, 60));
    const problem = `\`${step.kind}\` names the target's type, and ${named} is not that of ${target.label || "the target"}, ${typeText(target.type)}`;
    session.report("mapping-form", { problem }, step.place, {
      help: `Write ${step.kind}: ${kindName(target.type)}.${meant}`,
    });
    return false;
  }
  const isNeeded = needsUnit(found.source.type, target.type);
  if (isNeeded && step.unit === undefined) {
    const problem = "a number that is a time needs `unit: seconds` or `unit: milliseconds`";
    session.report("mapping-form", { problem }, step.place);
    return false;
  }
  if (!isNeeded && step.unit !== undefined) {
    const problem = "`unit` is for numbers that become a timestamp, and the other way round";
    session.report(
      "mapping-form",
      { problem },
      keyOf(under({ ...step.place, path: step.place.path.slice(0, -1) }, "unit")),
    );
    return false;
  }
  return true;
};

const kinds: readonly Type["kind"][] = [
  ...(["string", "boolean", "int", "long", "float", "double", "decimal", "uuid"] as const),
  ...(["date", "timestamp", "bytes", "json", "enum"] as const),
];

/** Whether a text names the type: `decimal` or `decimal(12, 2)`, `enum`, or the name of a named type. */
const names = (text: string, type: Type): boolean => {
  if (type.kind === "reference" && type.to.name === text) return true;
  const plain = dereference(type);
  if (text === plain.kind) return true;
  return plain.kind === "decimal" && text.replace(/\s/g, "") === `decimal(${plain.precision},${plain.scale})`;
};
