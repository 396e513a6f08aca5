import type { Place } from "../diagnostics/diagnostic.js";
import type { Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { codePoints, problemOf } from "../model/values.js";
import { neededText, typeText } from "./describe.js";
import type { Expression } from "./expression.js";
import { dollar } from "./help.js";
import { inclusionOf } from "./language.js";
import { readPath } from "./path.js";
import type { Pattern } from "./pattern.js";
import { between, exactly, readPattern, whole } from "./pattern.js";
import type { Scope } from "./scope.js";
import { follow, kindText } from "./scope.js";
import type { Session, Target } from "./session.js";
import { isTextType, languageWithin, lengthsOf, textPattern } from "./texts.js";

/** `{ template: "{first} {last}" }`: text of paths, whose length and form are held against the target. */
export const checkTemplate = (
  text: string,
  target: Target,
  scope: Scope,
  place: Place,
  session: Session,
): Expression | undefined => {
  const wanted = dereference(target.type);
  const parts = readTemplate(text);
  if (typeof parts === "string") {
    session.report("mapping-form", { problem: parts }, place, { help: "A brace is written twice: {{ and }}." });
    return undefined;
  }
  const checked = parts.map((part) =>
    typeof part === "string" ? part : checkPart(part.path, scope, place, target, session),
  );
  if (wanted.kind !== "string") {
    session.report("unknown-conversion", { operator: "template", source: "text", target: typeText(wanted) }, place);
    return undefined;
  }
  const whole = checked.filter((part) => part !== undefined);
  if (whole.length < checked.length || !proveText(whole, wanted, target, place, session)) return undefined;
  return { kind: "template", type: target.type, parts: whole };
};

type Part = string | { readonly path: string };

/** Texts and paths in turn, or what is wrong. */
const readTemplate = (text: string): readonly Part[] | string => {
  const parts: Part[] = [];
  let literal = "";
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if ((character === "{" || character === "}") && text.charAt(at + 1) === character) {
      literal += character;
      at++;
    } else if (character === "{") {
      const end = endOf(text, at + 1);
      if (end < 0) return 'a "{" of the template is not closed';
      if (literal !== "") parts.push(literal);
      literal = "";
      parts.push({ path: text.slice(at + 1, end) });
      at = end;
    } else if (character === "}") {
      return 'a "}" of the template has no "{" before it';
    } else {
      literal += character;
    }
  }
  return literal === "" ? parts : [...parts, literal];
};

/** The closing brace, which is none inside of a quoted name. */
const endOf = (text: string, from: number): number => {
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\\" && isQuoted) at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === "}" && !isQuoted) return at;
  }
  return -1;
};

const checkPart = (
  text: string,
  scope: Scope,
  place: Place,
  target: Target,
  session: Session,
): Expression | undefined => {
  const isSource = text.trim() === "$";
  const path = readPath(text.trim().replace(/^\$/, ""));
  if ("problem" in path || (path.fields.length === 0 && !isSource)) {
    const problem = "problem" in path ? path.problem : "{} of the template has no path in it";
    session.report("mapping-form", { problem }, place, { help: "A brace is written twice: {{ and }}." });
    return undefined;
  }
  const found = follow(path, scope, place, session);
  if (found === undefined) return undefined;
  found.usage.used = true;
  const { sourceName, targetName } = session.context;
  if (textPattern(found.source.type) === undefined) {
    const problem = `a template takes texts, numbers and booleans, and ${found.label || "the source"} is ${kindText(dereference(found.source.type))}`;
    session.report("mapping-form", { problem }, place);
    return undefined;
  }
  if (found.source.optional) {
    const names = { source: found.label, target: target.label, sourceName, targetName };
    const help = `A template needs all of its parts; a function can do without: { by: functionName }, or take ${dollar(found)} elsewhere.`;
    session.report("optional-source", names, place, { help });
    return undefined;
  }
  return found.source;
};

const proveText = (
  parts: readonly (string | Expression)[],
  wanted: Type & { kind: "string" },
  target: Target,
  place: Place,
  session: Session,
): boolean => {
  const lengths = parts.map((part) =>
    typeof part === "string" ? { min: codePoints(part), max: codePoints(part) } : lengthsOf(part.type),
  );
  const min = lengths.reduce((sum, one) => sum + one.min, 0);
  const max = lengths.reduce((sum, one) => sum + one.max, 0);
  const isShort = min >= (wanted.minLength ?? 0) && max <= (wanted.maxLength ?? Number.POSITIVE_INFINITY);
  if (isShort && wanted.pattern === undefined) return true;
  const { sourceName } = session.context;
  const patterns = parts.map((part): Pattern | undefined =>
    typeof part === "string" ? exactly(part) : textPattern(part.type),
  );
  const pattern = whole({ kind: "sequence", parts: patterns.filter((one) => one !== undefined) });
  const within = languageWithin(wanted);
  // A text of the template is surely possible only where each of its parts is known exactly.
  const isExact = parts.every((part) => typeof part === "string" || isExactly(part.type));
  const is = (text: string): boolean => isExact && problemOf(text, wanted, session.context.long) !== undefined;
  const found = within && inclusionOf({ min, max, pattern }, within, is);
  if (found?.kind === "included") return true;
  const help = {
    help: "Widen the target, or narrow the parts where they are declared; a function can cut: { by: functionName }",
  };
  if (found?.kind === "excluded") {
    const example = `the template's text ${found.text.length > 40 ? `of ${codePoints(found.text)} characters` : JSON.stringify(found.text)}`;
    const needed = neededText(found.text, wanted);
    session.report("not-total", { example, result: `a value of ${target.label}`, sourceName, needed }, place, help);
    return false;
  }
  if (!isShort && max > (wanted.maxLength ?? Number.POSITIVE_INFINITY) && wanted.pattern === undefined) {
    const length = max === Number.POSITIVE_INFINITY ? "of any length" : `of ${max} characters`;
    const example = `the template's text ${length}`;
    const needed = `at most ${wanted.maxLength} characters`;
    session.report("not-total", { example, result: `a value of ${target.label}`, sourceName, needed }, place, help);
    return false;
  }
  const needed = wanted.pattern === undefined ? typeText(wanted) : `matching ${wanted.pattern}`;
  session.report("unproved-fit", { source: "text of the template", target: target.label, needed }, place, help);
  return false;
};

const isExactly = (type: Type): boolean => {
  const plain = dereference(type);
  if (plain.kind === "string" && plain.pattern !== undefined) {
    const pattern = readPattern(plain.pattern);
    const isBounded = plain.minLength !== undefined || plain.maxLength !== undefined;
    return pattern !== undefined && between(pattern) !== undefined && !isBounded;
  }
  if (plain.kind === "string") return (plain.maxLength ?? 0) <= 2000;
  if (plain.kind === "decimal") return plain.min === undefined && plain.max === undefined;
  return isTextType(plain) || plain.kind === "boolean";
};
