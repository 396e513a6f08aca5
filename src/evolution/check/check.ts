import type { Model } from "../../model/model.js";
import type { Finding } from "../finding.js";
import { createReadings } from "../readings.js";
import type { VersionSnapshot } from "../snapshot.js";
import { snapshotOf } from "../snapshot-of.js";
import { typesIn } from "../type-in.js";
import { accept } from "./accept.js";
import { checkAggregates, checkEvents } from "./aggregates.js";
import type { Base } from "./base.js";
import { checkFunctions } from "./functions.js";
import { checkReadings, checkRetired, checkUpcasts } from "./mappings.js";
import { checkReaders } from "./readers.js";
import type { Session } from "./session.js";
import { checkTopics } from "./topics.js";
import { checkTypes } from "./types.js";
import { checkVersions } from "./versions.js";

export interface CheckOptions {
  /** What was accepted elsewhere than in the model. */
  readonly accepted?: Parameters<typeof accept>[1];
  /** What the lock of the model, whatever it is compared with, has noted as proved: `provedIn`. */
  readonly proved?: ReadonlyMap<string, string>;
}

/**
 * Compares a model with what was released: every change of what a log kept for ever depends on, with what it means.
 * What the model accepts, or somebody else, is marked so. Linear in the size of both; what costs more is done for what has changed.
 */
export const checkChanges = async (
  base: Base,
  model: Model,
  { accepted = [], proved = new Map() }: CheckOptions = {},
): Promise<readonly Finding[]> => {
  const head = snapshotOf(model);
  let types: ReturnType<typeof typesIn> | undefined;
  const typesBefore = (): ReturnType<typeof typesIn> => {
    types ??= typesIn(base.snapshot);
    return types;
  };
  const session: Session = {
    ...{ base, head, model, findings: [], toBeShown: [] },
    events: new Map(
      model.aggregates.flatMap((one) => one.events.map((event) => [event.name as string, event] as const)),
    ),
    recordBefore: (type, name) => typesBefore().record(type, name),
    typeBefore: (name) => typesBefore().named(name),
    readings: createReadings(model.long),
  };
  checkTopics(session);
  const released = byEvent(base.snapshot.versions);
  const gone = checkAggregates(session, released);
  const named = {
    before: new Map(base.snapshot.types.map(({ name, type }) => [name, type])),
    after: new Map(head.types.map(({ name, type }) => [name, type])),
  };
  checkTypes(session, named);
  const after = new Map(head.versions.map((version) => [version.name, version]));
  const retired = {
    before: new Map(base.snapshot.retired.map((one) => [one.event, one])),
    after: new Map(head.retired.map((one) => [one.event, one])),
  };
  const both = checkEvents(session, released, gone);
  for (const { event, released: versions } of both) {
    checkVersions(session, event, versions, after, named);
    checkUpcasts(session, event, versions, after);
    checkRetired(session, event, retired.before.get(event.name), retired.after.get(event.name));
    checkFunctions(session, event, proved);
  }
  checkReaders(session);
  // What is broken is read as something else, of course.
  if (!session.findings.some((one) => one.verdict === "breaking")) {
    for (const { event, released: versions } of both) checkReadings(session, event, versions);
  }
  if (session.toBeShown.length > 0) await (await import("./show-damage.js")).showDamage(session);
  return accept(session, accepted);
};

const byEvent = (versions: readonly VersionSnapshot[]): ReadonlyMap<string, readonly VersionSnapshot[]> => {
  const events = new Map<string, VersionSnapshot[]>();
  for (const version of versions) {
    const its = events.get(version.event);
    if (its === undefined) events.set(version.event, [version]);
    else its.push(version);
  }
  for (const its of events.values()) its.sort((a, b) => a.number - b.number);
  return events;
};
