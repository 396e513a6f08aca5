import type { Expression, FunctionReference } from "../../mapping/expression.js";
import { type PrintedExpression, printExpression } from "../../mapping/print.js";
import type { EventVersion } from "../../model/model.js";
import { type Code, code, identifier } from "../../render/code.js";
import type { Group, Layout } from "../../render/layout.js";
import { arrowDeclaration } from "./arrow.js";
import { functionsAsked } from "./functions.js";
import { eventFile } from "./names.js";
import type { Scope } from "./scope.js";

/** A function that reads the data of one version as that of another: an upcaster, or what a retired event becomes. */
export const mappingFunction = (
  name: Code,
  from: EventVersion,
  to: EventVersion,
  mapping: Expression,
  scope: Scope,
): Code => {
  const source = identifier(`v${from.number}`);
  const body = place(mapping, source, scope);
  const functions = functionsAsked(functionsIn(mapping), [from.event.aggregate], scope);
  const parameters = [code`${body.usesSource ? source : code`_${source}`}: ${versionType(from, scope)}`];
  if (body.usesEvent || functions !== undefined) {
    const header = scope.imports.type("evgen/runtime", "EventHeader");
    parameters.push(code`${body.usesEvent ? code`event` : code`_event`}: ${header}`);
  }
  if (functions !== undefined) parameters.push(code`functions: ${functions}`);
  return arrowDeclaration(name, parameters, versionType(to, scope), parenthesized(body.layout));
};

/** A value that a projection takes from an event. */
export const valueLayout = (value: Expression, scope: Scope): Layout => place(value, code`event.data`, scope).layout;

/** Whether a mapping calls a function of the user's. */
export const callsFunctions = (mapping: Expression): boolean => functionsIn(mapping).length > 0;

/** A mapping's text for the file, which imports what it calls. */
const place = (mapping: Expression, source: Code, scope: Scope): PrintedExpression => {
  return printExpression(mapping, {
    ...{ source, event: code`event`, functions: code`functions`, long: scope.model.long },
    runtime: (name) => scope.imports.value("evgen/runtime", name),
  });
};

const versionType = (version: EventVersion, scope: Scope): Code => {
  const file = eventFile(version.event);
  return scope.file === file ? identifier(version.name) : scope.imports.type({ file }, version.name);
};

/** An arrow's body that begins with a brace would be a block. */
const parenthesized = (body: Layout): Layout => {
  if (typeof body === "string") return body.startsWith("{") ? code`(${body})` : body;
  if (!body.open.startsWith("{")) return body;
  const group: Group = {
    ...body,
    open: code`(${body.open}`,
    close: code`${body.close})`,
    flat: body.flat === undefined ? undefined : code`(${body.flat})`,
  };
  return group;
};

const functionsIn = (mapping: Expression): readonly FunctionReference[] => {
  const functions: FunctionReference[] = [];
  const waiting = [mapping];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === "by") functions.push(next.function);
    waiting.push(...partsOf(next));
  }
  return functions;
};

const partsOf = (expression: Expression): readonly Expression[] => {
  switch (expression.kind) {
    case "literal":
    case "source":
    case "envelope":
    case "by":
      return [];
    case "build":
      return expression.fields.map((field) => field.value);
    case "convert":
      return [expression.from];
    case "parse":
    case "default":
      return [expression.from, expression.otherwise].filter((one) => one !== undefined);
    case "table":
      return [expression.from, expression.otherwise, ...expression.entries.map((entry) => entry.value)].filter(
        (one) => one !== undefined,
      );
    case "each":
    case "with":
      return [expression.from, expression.item];
    case "template":
      return expression.parts.filter((part): part is Expression => typeof part !== "string");
  }
};
