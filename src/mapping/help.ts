import type { JsonValue, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { problemOf } from "../model/values.js";
import { conversionOf, failureOf, needsUnit } from "./convert.js";
import type { Long, Misfit } from "./fits.js";
import { leastOf } from "./least-value.js";
import { readingOf } from "./partial.js";
import { pathOf } from "./path.js";
import type { Found } from "./scope.js";
import { fieldsOf } from "./scope.js";
import type { Target } from "./session.js";

/** The mapping to write where a copy does not do. */
export const copyHelp = (misfit: Misfit, found: Found, target: Target, long: Long): string => {
  const path = dollar(found);
  const [source, wanted] = [dereference(found.source.type), dereference(target.type)];
  const name = lastOf(target.label);
  if (source.kind === "record" && wanted.kind === "record") {
    const lost = source.fields.filter((field) => !fieldsOf(wanted).has(field.name)).map((field) => field.name);
    const drop = lost.length === 0 ? "" : `, drop: [${lost.slice(0, 6).join(", ")}${lost.length > 6 ? ", …" : ""}]`;
    const inner = misfit.path.length === 0 ? "…" : innerOf(misfit, wanted);
    if (target.here?.label === found.label && !found.source.optional) {
      return `Write ${name}: { fields: { ${inner} }${drop} }`.replace("{  }", "{}");
    }
    return `Write ${name}: { from: ${path}, with: { ${inner} }${drop} }`.replace("{  }", "{}");
  }
  if ((source.kind === "array" || source.kind === "map") && source.kind === wanted.kind && misfit.path.length > 0) {
    return `Write ${name}: { each: ${path}, with: … }`;
  }
  if (wanted.kind === "json") return `Write ${name}: { from: ${path}, as: json }`;
  if (source.kind === "array" || source.kind === "map" || wanted.kind === "array" || wanted.kind === "map") {
    return `A function can build it: ${name}: { by: ${functionName(name)} }`;
  }
  const unit = needsUnit(source, wanted) ? ("seconds" as const) : undefined;
  return `Write ${conversionHelp(name, path, source, wanted, unit, long)}`;
};

/** `quantity: { from: $quantity, parse: int, otherwise: 1 }`: what leads from one type to the other. */
export const conversionHelp = (
  name: string,
  path: string,
  source: Type,
  target: Type,
  unit: "seconds" | "milliseconds" | undefined,
  long: Long,
): string => {
  const unitText = unit === undefined ? "" : `, unit: ${unit}`;
  const isText = source.kind === "string" || source.kind === "enum";
  const conversion = isText ? undefined : conversionOf(source, target, unit, long);
  if (conversion !== undefined && failureOf(source, target, conversion, long) === undefined) {
    return `${name}: { from: ${path}, as: ${kindName(target)}${unitText} }`;
  }
  if (source.kind === "enum" && dereference(target).kind === "enum") {
    const lost = source.values.filter((value) => problemOf(value, target, long) !== undefined);
    const entries = lost.slice(0, 4).map((value) => `${yamlText(value)}: …`);
    const kept = lost.length === source.values.length ? "" : "…, ";
    return `${name}: { from: ${path}, map: { ${kept}${entries.join(", ")}${lost.length > 4 ? ", …" : ""} } }`;
  }
  if (readingOf(source, target, unit, long) !== undefined) {
    return `${name}: { from: ${path}, parse: ${kindName(target)}${unitText}, otherwise: ${exampleText(target)} }`;
  }
  if (source.kind === "boolean") return `${name}: { from: ${path}, map: { true: …, false: … } }`;
  return `${name}: { by: ${functionName(name)} }, a function of yours`;
};

/** The mapping to write for a source that may be absent, from how it is written so far. */
export const optionalHelp = (written: string, target: Target): string => {
  const wanted = dereference(target.type);
  const otherwise = wanted.kind === "record" ? "{ fields: { … } }" : exampleText(target.type);
  return `Write ${lastOf(target.label)}: { ${written}, otherwise: ${otherwise} }, or make the field optional.`;
};

/** The name of a type in `as` and `parse`: without the digits of a decimal, whose comma would need quotes in YAML. */
export const kindName = (type: Type): string => dereference(type).kind;

/** A valid value as YAML in a flow mapping. */
export const exampleText = (type: Type): string => {
  const value = leastOf(type);
  return value === undefined ? "…" : yamlText(value);
};

export const yamlText = (value: JsonValue): string => {
  if (typeof value === "object" && value !== null) return `{ literal: ${JSON.stringify(value)} }`;
  if (typeof value !== "string") return String(value);
  const isPlain = /^[A-Za-z][\w-]*$/.test(value) && !/^(?:true|false|null|yes|no|on|off)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
};

export const dollar = (found: Found): string => `$${pathOf(found.source.steps.map((step) => step.field))}`;

const innerOf = (misfit: Misfit, wanted: Type & { kind: "record" }): string => {
  const first = misfit.path[0];
  return typeof first === "string" && fieldsOf(wanted).has(first) ? `${yamlText(first)}: …` : "";
};

const lastOf = (label: string): string => yamlText(label.slice(label.lastIndexOf(".") + 1));

const functionName = (name: string): string => `make${name.charAt(0).toUpperCase()}${name.slice(1).replace(/\W/g, "")}`;
