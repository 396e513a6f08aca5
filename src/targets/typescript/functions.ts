import type { FunctionReference } from "../../mapping/expression.js";
import type { Aggregate, Projection } from "../../model/model.js";
import { type Code, code, docLines, identifier, joinCode, literal } from "../../render/code.js";
import { group, print } from "../../render/layout.js";
import type { View } from "../../render/template.js";
import { aggregateFile, functionsType } from "./names.js";
import { globalType, type Scope } from "./scope.js";
import { typeCode } from "./type.js";

/** What a template says about the interface of an aggregate's or a projection's `by:` functions. */
export const functionsView = (
  owner: Aggregate | Projection,
  doc: Code,
  signatures: readonly View[],
): { readonly [name: string]: View } => ({
  functionsDoc: doc,
  functionsName: identifier(functionsType(owner)),
  functions: signatures,
});

/** A function from the data of a version, or of an event, to a value. */
export const valueFunction = (reference: FunctionReference, scope: Scope): View => {
  const header = scope.imports.type("evgen/runtime", "EventHeader");
  const [source, target] = [typeCode(reference.source, scope), typeCode(reference.target, scope)];
  return {
    doc: docLines(`Builds what the model's mapping leaves to \`by: ${reference.name}\`.`),
    signature: functionSignature(reference.name, [code`source: ${source}`, code`event: ${header}`], target),
  };
};

/** A property that is a function, of a type that stands in the file's first level. */
export const functionSignature = (name: string, parameters: readonly Code[], result: Code): Code => {
  const layout = group(code`readonly ${identifier(name)}: (`, parameters, code`) => ${result}`);
  return code`${print(layout, 2, 2, 1)};`;
};

/** The type of the functions that are asked for, each picked from the aggregate that it belongs to. */
export const functionsAsked = (
  references: readonly FunctionReference[],
  nearest: readonly Aggregate[],
  scope: Scope,
): Code | undefined => {
  const names = new Set<string>(references.map((one) => one.name));
  const parts: Code[] = [];
  for (const aggregate of [...nearest, ...scope.model.aggregates]) {
    const own = aggregate.functions.filter((one) => names.delete(one.name));
    if (own.length > 0) parts.push(picked(aggregate, own, scope));
  }
  return parts.length === 0 ? undefined : joinCode(parts, code` & `);
};

const picked = (aggregate: Aggregate, own: readonly FunctionReference[], scope: Scope): Code => {
  const file = aggregateFile(aggregate);
  const name = functionsType(aggregate);
  const all = scope.file === file ? identifier(name) : scope.imports.type({ file }, name);
  if (own.length === aggregate.functions.length) return all;
  const keys = own.map((one) => literal(one.name));
  return code`${globalType("Pick", scope)}<${all}, ${joinCode(keys, code` | `)}>`;
};

/** All functions that the reading of an aggregate's events may call. */
export const readingFunctions = (aggregates: readonly Aggregate[]): readonly FunctionReference[] =>
  aggregates.flatMap((aggregate) => aggregate.functions);
