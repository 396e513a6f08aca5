import { type Diagnostic, diagnostic, keyOf } from "../diagnostics/diagnostic.js";
import type { Lock } from "../evolution/lock/read-lock.js";
import { snapshotIn } from "../evolution/lock/snapshot-in.js";
import type { Snapshot } from "../evolution/snapshot.js";
import { snapshotOf } from "../evolution/snapshot-of.js";
import type { Environment, Model } from "../model/model.js";

/** What of a model has been released. */
export interface Released {
  /** The names of released versions in wire order, by a topic's url; absent when drafts are taken too. */
  readonly branches?: ReadonlyMap<string, readonly string[]>;
  /** Names of the versions that are left out. */
  readonly drafts: readonly string[];
  /** Why what was released cannot be provisioned. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The released versions; a finding when there are none, and for each that is no longer what was released. */
export const releasedOf = (
  model: Model,
  entry: string,
  lock: Lock | undefined,
  environment: Environment | undefined,
): Released => {
  if (lock === undefined) {
    const place =
      environment === undefined ? (model.pulsar.place ?? { file: entry, path: [] }) : keyOf(environment.place);
    return { drafts: [], diagnostics: [diagnostic("provision-unreleased", { environment: environment?.name }, place)] };
  }
  const { snapshot, diagnostics } = snapshotIn(lock);
  if (snapshot === undefined) return { drafts: [], diagnostics };
  const now = snapshotOf(model);
  const [before, after] = [formsIn(snapshot), formsIn(now)];
  const edited = [...model.topics.flatMap((topic) => topic.branches), ...model.types].filter(
    ({ name }) => before.has(name) && before.get(name) !== after.get(name),
  );
  return {
    branches: lock.branches,
    drafts: now.topics.flatMap(({ url, branches }) =>
      branches.filter((name) => lock.branches.get(url)?.includes(name) !== true),
    ),
    diagnostics: edited.map(({ name, place }) => diagnostic("provision-edited", { name }, keyOf(place))),
  };
};

/** The canonical forms of versions and types, by name. */
const formsIn = ({ versions, types }: Snapshot): ReadonlyMap<string, string> =>
  new Map([...types, ...versions].map((one) => [one.name, JSON.stringify(one.type)]));
