import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf } from "../../diagnostics/diagnostic.js";
import type { Context } from "./context.js";

/** What a name is made for: the element of the model as a message calls it, and where it stands. */
export interface Owner {
  /** "the event OrderPlaced" */
  readonly what: string;
  /** Absent for what evgen itself brings. */
  readonly place?: Place;
}

/** Where two equal names would meet. */
type NameScope = "declaration in TypeScript" | "name in Avro" | "file" | "table" | "column" | "topic" | "subscription";

export type Claim = (scope: NameScope, name: string, owner: Owner) => void;

/** A registry of generated names; the second owner of a name is reported, once for each pair of owners. */
export const createClaims = (context: Context): Claim => {
  const scopes = new Map<NameScope, Map<string, Owner>>();
  const reported = new Map<string, Set<string>>();
  return (scope, name, owner) => {
    const owners = scopes.get(scope) ?? new Map<string, Owner>();
    scopes.set(scope, owners);
    // Not every file system tells capitals apart.
    const key = scope === "file" ? name.toLowerCase() : name;
    const other = owners.get(key);
    if (other === undefined) owners.set(key, owner);
    if (other === undefined || other === owner || owner.place === undefined) return;

    const pairs = reported.get(owner.what) ?? new Set();
    reported.set(owner.what, pairs);
    if (pairs.has(other.what)) return;
    pairs.add(other.what);
    const related = other.place === undefined ? [] : [{ message: `This is ${other.what}.`, place: keyOf(other.place) }];
    const parameters = { what: owner.what, other: other.what, scope, name };
    context.report("name-collision", parameters, keyOf(owner.place), { related });
  };
};
