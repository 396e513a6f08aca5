import type { Place } from "../diagnostics/diagnostic.js";
import { keyOf } from "../diagnostics/diagnostic.js";
import { suggest } from "../diagnostics/entry.js";
import type { Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { pathOf, readPath } from "./path.js";
import type { Found, Usage } from "./scope.js";
import { childOf, elements, fieldsOf } from "./scope.js";
import type { Session } from "./session.js";

/** Says which source fields nothing uses, and what is wrong with the lists of those that are dropped. */
export const reportUnused = (root: Found, place: Place, session: Session, isWhole: boolean): void => {
  const dropped = new Set<Usage>();
  for (const { drop, from } of session.drops) {
    const usage = dropAt(drop.text, drop.place, from, session);
    if (usage === undefined) continue;
    dropped.add(usage);
    if (isUsed(usage)) session.report("used-drop", { field: drop.text }, drop.place);
  }
  // What a wrong line was meant to use is not known, and would be complained about twice.
  if (!isWhole) return;
  const fields: string[] = [];
  collect(root.source.type, root.usage, [], dropped, fields);
  if (fields.length === 0) return;
  const { sourceName } = session.context;
  const help = `Use them, or say that they are left behind: drop: [${fields.join(", ")}]`;
  session.report("unused-source-field", { fields, sourceName }, keyOf(place), { help });
};

/** The usage of a dropped field; lists on the way are passed through. */
const dropAt = (text: string, place: Place, from: Found, session: Session): Usage | undefined => {
  const path = readPath(text);
  if ("problem" in path || path.fields.length === 0) {
    session.report("mapping-form", { problem: "`drop` takes fields of the source, by name or path" }, place);
    return undefined;
  }
  let type = dereference(from.source.type);
  let usage = from.usage;
  for (const name of path.fields) {
    while (type.kind === "array" || type.kind === "map") {
      usage = childOf(usage, elements);
      type = dereference(type.kind === "array" ? type.items : type.values);
    }
    const field = type.kind === "record" ? fieldsOf(type).get(name) : undefined;
    if (field === undefined) {
      const names = type.kind === "record" ? type.fields.map((one) => one.name) : [];
      const sourceName = from.label === "" ? session.context.sourceName : from.label;
      session.report("unknown-drop", { field: text, sourceName, suggestion: suggest(name, names) }, place);
      return undefined;
    }
    usage = childOf(usage, name);
    type = dereference(field.type);
  }
  return usage;
};

const isUsed = (usage: Usage): boolean => usage.used || [...usage.children.values()].some(isUsed);

/** Adds the paths of what is not used; a record of which a part is used or dropped is looked into. */
const collect = (
  type: Type,
  usage: Usage,
  path: readonly string[],
  dropped: ReadonlySet<Usage>,
  fields: string[],
): void => {
  if (usage.used || dropped.has(usage)) return;
  const plain = dereference(type);
  const items = usage.children.get(elements);
  if (items !== undefined && (plain.kind === "array" || plain.kind === "map")) {
    collect(plain.kind === "array" ? plain.items : plain.values, items, path, dropped, fields);
    return;
  }
  const isPart = path.length === 0 || isTouched(usage, dropped);
  if (plain.kind !== "record" || !isPart) {
    if (path.length > 0) fields.push(pathOf(path));
    return;
  }
  for (const field of plain.fields) {
    collect(field.type, usage.children.get(field.name) ?? unused, [...path, field.name], dropped, fields);
  }
};

const unused: Usage = { used: false, children: new Map() };

const isTouched = (usage: Usage, dropped: ReadonlySet<Usage>): boolean =>
  usage.used || dropped.has(usage) || [...usage.children.values()].some((child) => isTouched(child, dropped));
