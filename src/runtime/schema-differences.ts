import type { TransportSchema } from "./transport.js";

/**
 * How a schema differs from the one that is registered, a line each; empty when they mean the same to the broker, which
 * looks neither at documentation nor at aliases.
 */
export const schemaDifferences = (own: TransportSchema, registered: TransportSchema): readonly string[] => {
  const lines: string[] = [];
  if (own.schemaType !== registered.schemaType) {
    lines.push(`its type is ${own.schemaType}, and ${registered.schemaType} is registered`);
  }
  compare(parse(own.schema), parse(registered.schema), "", lines);
  return lines;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const compare = (own: unknown, registered: unknown, path: string, lines: string[]): void => {
  const place = path === "" ? "the record" : path;
  if (Array.isArray(own) && Array.isArray(registered)) {
    compareLists(own, registered, path, lines);
    return;
  }
  if (!isObject(own) || !isObject(registered)) {
    if (own !== registered) lines.push(`${place} is ${short(own)}, and ${short(registered)} is registered`);
    return;
  }
  for (const key of new Set([...Object.keys(own), ...Object.keys(registered)])) {
    if (key === "doc" || key === "aliases") continue;
    // What wraps a type says nothing to a reader of the message.
    const inside = key === "fields" || key === "type" || key === "items" || key === "values" || key === "symbols";
    const next = inside ? path : `${path === "" ? "" : `${path}, `}its ${key}`;
    compare(own[key], registered[key], next, lines);
  }
};

/** Fields and branches are told by their names, everything else by its place. */
const compareLists = (own: readonly unknown[], registered: readonly unknown[], path: string, lines: string[]): void => {
  const theirs = new Map(registered.map((one, index) => [nameOf(one) ?? `${index}`, one] as const));
  own.forEach((one, index) => {
    const name = nameOf(one) ?? `${index}`;
    const place = nameOf(one) === undefined ? path : `${path === "" ? "" : `${path}.`}${name}`;
    if (theirs.has(name)) compare(one, theirs.get(name), place, lines);
    else lines.push(`${place === "" ? short(one) : place} is not registered`);
    theirs.delete(name);
  });
  for (const [name, one] of theirs) {
    const place = nameOf(one) === undefined ? short(one) : `${path === "" ? "" : `${path}.`}${name}`;
    lines.push(`${place} is registered, and this code does not know it`);
  }
};

/** A name that is written out or only referred to, without its namespace. */
const nameOf = (one: unknown): string | undefined => {
  const name = typeof one === "string" ? one : isObject(one) ? one["name"] : undefined;
  return typeof name === "string" ? name.slice(name.lastIndexOf(".") + 1) : undefined;
};

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const short = (value: unknown): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
};
