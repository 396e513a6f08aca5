import type { Place } from "../diagnostics/diagnostic.js";
import { dereference } from "../model/type.js";
import { exampleText, pathText, typeText } from "./describe.js";
import type { Expression } from "./expression.js";
import { isOptional } from "./expression.js";
import type { Misfit } from "./fits.js";
import { misfitOf } from "./fits.js";
import { copyHelp, optionalHelp } from "./help.js";
import type { Raw } from "./parse.js";
import type { Found, Scope } from "./scope.js";
import type { Session, Target } from "./session.js";

/** Takes a part of the source as it is; what does not fit is reported with a value on which it fails. */
export const copy = (found: Found, target: Target, place: Place, session: Session): Expression | undefined => {
  found.usage.used = true;
  const misfit = misfitOf(found.source.type, target.type, session.context.long);
  if (misfit !== undefined) {
    reportMisfit(misfit, found, target, place, session);
    return undefined;
  }
  return found.source;
};

/** Says what is taken where the expression yields nothing, or that something has to be. */
export const orElse = (
  expression: Expression,
  otherwise: Raw | undefined,
  found: { readonly label: string; readonly written: string },
  target: Target,
  scope: Scope,
  place: Place,
  session: Session,
): Expression | undefined => {
  if (otherwise === undefined) {
    if (!isOptional(expression) || target.optional) return expression;
    const { sourceName, targetName } = session.context;
    const names = { source: found.label || "the source", target: target.label, sourceName, targetName };
    session.report("optional-source", names, place, { help: optionalHelp(found.written, target) });
    return undefined;
  }
  const { here: _, ...elsewhere } = target;
  const other = session.check(otherwise, elsewhere, scope);
  if (!isOptional(expression)) {
    session.report("otherwise-unused", { why: `${found.label || "the source"} is never absent` }, otherwise.place);
    return expression;
  }
  if (other === undefined) return undefined;
  return { kind: "default", type: target.type, optional: isOptional(other), from: expression, otherwise: other };
};

const reportMisfit = (misfit: Misfit, found: Found, target: Target, place: Place, session: Session): void => {
  const { sourceName, targetName } = session.context;
  const label = labelOf(found.label, misfit.path);
  const help = { help: copyHelp(misfit, found, target, session.context.long) };
  switch (misfit.kind) {
    case "value": {
      const example = exampleText(label, misfit.at);
      session.report("does-not-fit", { example, sourceName, targetName, needed: misfit.needed }, place, help);
      return;
    }
    case "absent": {
      const owner = labelOf(found.label, misfit.path.slice(0, -1));
      const example = `${owner} without ${pathText(misfit.path.slice(-1))}`;
      const needed = `${pathText(misfit.path.slice(-1))} is needed`;
      session.report("does-not-fit", { example, sourceName, targetName, needed }, place, help);
      return;
    }
    case "extra":
      session.report("loses-field", { field: label, sourceName, targetName }, place, help);
      return;
    case "held": {
      const source = `${label}, ${typeText(found.source.type)},`;
      session.report("needs-conversion", { source, needed: misfit.needed }, place, help);
      return;
    }
    case "unproved": {
      const parameters = { source: label, target: target.label, needed: misfit.needed };
      session.report("unproved-fit", parameters, place, help);
      return;
    }
  }
};

/** `items[0].quantity`, from a label and the way from there. */
const labelOf = (label: string, path: readonly (string | number)[]): string => {
  if (path.length === 0) return label || "the source";
  const rest = pathText(path);
  if (label === "") return rest;
  return rest.startsWith("[") ? label + rest : `${label}.${rest}`;
};

/** A record's fields, where the type is one. */
export const recordOf = (type: Parameters<typeof dereference>[0]) => {
  const plain = dereference(type);
  return plain.kind === "record" ? plain : undefined;
};
