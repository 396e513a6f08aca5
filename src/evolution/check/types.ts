import { keyOf } from "../../diagnostics/diagnostic.js";
import type { NamedType, Type } from "../../model/type.js";
import type { VersionSnapshot } from "../snapshot.js";
import { damageOf, saysNothing } from "./damage.js";
import type { Session, StoredType } from "./session.js";
import { affectedBy, report } from "./session.js";
import type { NamedTypes, TypeChange } from "./type-change.js";
import { typeChanges } from "./type-change.js";
import { pathText, placeAt } from "./versions.js";

/** Named types that released versions use, each said once with all that use it. */
export const checkTypes = (
  session: Session,
  types: { readonly before: NamedTypes; readonly after: NamedTypes },
): void => {
  const encoding = session.base.snapshot.topics[0]?.encoding ?? session.model.pulsar.encoding;
  const named = new Map(session.model.types.map((type) => [type.name as string, type]));
  let users: ReadonlyMap<string, readonly VersionSnapshot[]> | undefined;
  for (const [name, before] of types.before) {
    const after = types.after.get(name);
    const type = named.get(name);
    // One that is no longer used has left a version, which is reported there.
    if (after === undefined || type === undefined) continue;
    const changes = typeChanges(before, after, types, encoding);
    if (changes.length === 0) continue;
    users ??= usersOf(session, types.before);
    const was = session.typeBefore(name);
    for (const change of changes) {
      const isEmpty = saysNothing(was, type.type, change, session.model.long);
      reportChange(session, type, users.get(name) ?? [], isEmpty ? { ...change, effect: "restated" } : change);
    }
  }
};

const rules = {
  tightened: "type-tightened",
  loosened: "type-loosened",
  rewritten: "type-rewritten",
  restated: "type-restated",
} as const;

const reportChange = (
  session: Session,
  type: NamedType,
  users: readonly VersionSnapshot[],
  change: TypeChange,
): void => {
  const what = `${pathText(change.path)}${change.what}`;
  const events = new Set(users.flatMap((user) => session.events.get(user.event) ?? []));
  report(
    session,
    rules[change.effect],
    { type: type.name, what, users: users.map((user) => user.name) },
    {
      place: placeAt(type.type, change.path) ?? keyOf(type.place),
      subject: [type.name, ...change.path],
      base: ["type", type.name],
      change: [change.from, change.to],
      affected: affectedBy(events, session.model),
      ...exampleOf(session, type.name, users, change),
      related: users.slice(0, 5).flatMap(({ name, event, number }) => {
        const place = session.events.get(event)?.versions[number - 1]?.place;
        return place === undefined ? [] : [{ message: `${name} uses it.`, place: keyOf(place) }];
      }),
      ...(change.effect === "restated"
        ? {}
        : { help: `Put it back, and write the change as a type of another name, ${type.name}2, for next versions.` }),
    },
  );
};

const exampleOf = (
  session: Session,
  type: string,
  users: readonly VersionSnapshot[],
  { effect, path }: TypeChange,
): Pick<Parameters<typeof report>[3], "example" | "stored"> => {
  if (effect === "restated" || effect === "loosened") return {};
  const long = { before: session.base.snapshot.long, after: session.model.long };
  const stored: StoredType[] = [];
  for (const user of users) {
    const after = session.events.get(user.event)?.versions[user.number - 1]?.type;
    if (after === undefined) continue;
    const before = session.recordBefore(user.type, user.name);
    const way = effect === "tightened" ? wayTo(type, before, new Set()) : undefined;
    const found = way && damageOf(before, after, [...way, ...path], long);
    if (found !== undefined) {
      const data = JSON.stringify(found.data);
      return { example: { version: user.name, data, result: `refused: ${found.problem}` } };
    }
    stored.push({ version: user.name, before, after });
  }
  return { stored };
};

/** The fields that lead from a record to a named type; not through unions. */
const wayTo = (name: string, from: Type, seen: Set<Type>): readonly string[] | undefined => {
  if (from.kind === "reference") return from.to.name === name ? [] : wayTo(name, from.to.type, seen);
  if (from.kind === "array" || from.kind === "map") {
    const way = wayTo(name, from.kind === "array" ? from.items : from.values, seen);
    return way && [from.kind === "array" ? "[]" : "{}", ...way];
  }
  if (from.kind !== "record" || seen.has(from)) return undefined;
  seen.add(from);
  for (const field of from.fields) {
    const way = wayTo(name, field.type, seen);
    if (way !== undefined) return [field.name, ...way];
  }
  return undefined;
};

/** The released versions that lead to each named type. */
const usersOf = (session: Session, types: NamedTypes): ReadonlyMap<string, readonly VersionSnapshot[]> => {
  const users = new Map<string, VersionSnapshot[]>();
  for (const version of session.base.snapshot.versions) {
    const found = new Set<string>();
    const waiting = namesIn(version.type);
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (found.has(name)) continue;
      found.add(name);
      waiting.push(...namesIn(types.get(name) ?? null));
    }
    for (const name of found) {
      const its = users.get(name);
      if (its === undefined) users.set(name, [version]);
      else its.push(version);
    }
  }
  return users;
};

const namesIn = (type: unknown): string[] => {
  if (typeof type !== "object" || type === null) return [];
  const { ref, oneOf, ...rest } = type as { readonly ref?: unknown; readonly oneOf?: unknown };
  const own = [...(typeof ref === "string" ? [ref] : []), ...(Array.isArray(oneOf) ? oneOf.map(String) : [])];
  return [...own, ...Object.values(rest).flatMap(namesIn)];
};
