import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import { defer } from "../../model/defer.js";
import type { Event, EventVersion } from "../../model/model.js";
import type { Identifier } from "../../model/names.js";
import type { RecordType } from "../../model/type.js";
import type { Context } from "./context.js";
import type { Mutable, VersionDraft } from "./drafts.js";
import type { Placed } from "./merge.js";
import { present } from "./present.js";
import type { ByName, SourceVersion } from "./source.js";
import type { TypeScope } from "./type-scope.js";
import type { FieldSource } from "./types.js";
import { fieldsOf, resolveFields, resolveRecord } from "./types.js";

/** The versions of an event in ascending order, with their types; `like` is written out. */
export const resolveVersions = (
  event: Event,
  sources: ByName<SourceVersion>,
  place: Place,
  scope: TypeScope,
  context: Context,
): readonly VersionDraft[] => {
  const numbered = sorted(sources, place);
  checkDense(event.name, numbered, context);

  const written = new Map<number, readonly FieldSource[]>();
  return numbered.map(({ number, source, place: at }) => {
    const name = `${event.name}V${number}` as Identifier;
    const fields = fieldSources(event.name, number, source, at, written, context);
    const resolved: { readonly type: RecordType; readonly description?: string } =
      fields === undefined
        ? resolveRecord(source, name, at, scope, context)
        : {
            type: { kind: "record", name, fields: resolveFields(fields, name, scope, context) },
            ...present({ description: source.description }),
          };
    if (source.like !== undefined && !written.has(source.like)) scope.broken.add(resolved.type);
    written.set(number, fields ?? resolved.type.fields);
    return { version: { event, number, name, ...resolved, place: at }, source, place: at };
  });
};

/**
 * The same for an event of which it is known that there is nothing to say about its types: these are resolved when one of
 * them is asked for.
 */
export const deferVersions: typeof resolveVersions = (event, sources, place, scope, context) => {
  let resolved: readonly VersionDraft[] | undefined;
  const resolveAll = (): readonly VersionDraft[] => {
    if (resolved !== undefined) return resolved;
    // Named types are complete, so nothing has to wait.
    const own: TypeScope = { ...scope, later: [] };
    resolved = resolveVersions(event, sources, place, own, context);
    for (const check of own.later) check();
    return resolved;
  };
  return sorted(sources, place).map(({ number, source, place: at }, index) => {
    const name = `${event.name}V${number}` as Identifier;
    const version = { event, number, name, ...present({ description: source.description }), place: at };
    defer(version as Mutable<EventVersion>, "type", () => (resolveAll()[index] as VersionDraft).version.type);
    return { version: version as Mutable<EventVersion>, source, place: at };
  });
};

interface Numbered extends Placed<SourceVersion> {
  readonly number: number;
}

/** Versions as they are written, in ascending order. */
const sorted = (sources: ByName<SourceVersion>, place: Place): readonly Numbered[] =>
  Object.entries(sources)
    .map(([key, source]) => ({ number: Number(key), source, place: under(place, key) }))
    .sort((a, b) => a.number - b.number);

const checkDense = (
  event: string,
  numbered: readonly { readonly number: number; readonly place: Place }[],
  context: Context,
): void => {
  for (const [index, { number, place }] of numbered.entries()) {
    const below = numbered[index - 1]?.number ?? 0;
    if (number === below + 1) continue;
    context.report("version-gap", { event, missing: below + 1, highest: number }, keyOf(place));
  }
};

/** The fields of a version as they are written, its own or those of the version it is like; undefined for a schema. */
const fieldSources = (
  event: string,
  number: number,
  source: SourceVersion,
  place: Place,
  written: ReadonlyMap<number, readonly FieldSource[]>,
  context: Context,
): readonly FieldSource[] | undefined => {
  if (source.schema !== undefined) return undefined;
  const own = fieldsOf(source.fields ?? {}, under(place, "fields"));
  if (source.like === undefined) return own;
  const base = likeFields(event, number, source.like, place, written, context);
  if (base === undefined) return own;

  const fields = new Map(base.map((field) => [field.name, field]));
  for (const [index, text] of (source.without ?? []).entries()) {
    const name = text.endsWith("?") ? text.slice(0, -1) : text;
    if (fields.delete(name)) continue;
    const where = ` in version ${source.like} of ${event}`;
    const suggestion = context.suggest(name, fields.keys());
    context.report("unknown-name", { what: "field", name, where, suggestion }, under(place, "without", index));
  }
  const added = own.filter((field) => !fields.has(field.name));
  for (const field of own) if (fields.has(field.name)) fields.set(field.name, field);
  return [...fields.values(), ...added];
};

const likeFields = (
  event: string,
  number: number,
  like: number,
  place: Place,
  written: ReadonlyMap<number, readonly FieldSource[]>,
  context: Context,
): readonly FieldSource[] | undefined => {
  const base = written.get(like);
  if (base !== undefined) return base;
  const at = under(place, "like");
  if (like >= number) context.report("like-later", { version: number, like }, at);
  else {
    const parameters = { what: "version", name: String(like), where: ` of ${event}`, suggestion: undefined };
    context.report("unknown-name", parameters, at);
  }
  return undefined;
};
