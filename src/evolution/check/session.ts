import type { ChangeCode, Parameters } from "../../diagnostics/catalogue.js";
import { catalogue } from "../../diagnostics/catalogue.js";
import type { Place } from "../../diagnostics/diagnostic.js";
import type { Event, Model } from "../../model/model.js";
import type { JsonValue, RecordType, Type } from "../../model/type.js";
import type { BasePlace, Finding } from "../finding.js";
import { hashOfJson } from "../hash.js";
import type { Kind } from "../lock/line.js";
import type { createReadings } from "../readings.js";
import type { Snapshot } from "../snapshot.js";
import type { Base } from "./base.js";

/** One comparison: both sides, and what is found. */
export interface Session {
  readonly base: Base;
  readonly head: Snapshot;
  readonly model: Model;
  /** Of the model as it is: by name, of all aggregates. */
  readonly events: ReadonlyMap<string, Event>;
  /** The record of a version of the base, as a type of a model. */
  readonly recordBefore: (type: JsonValue, name: string) => RecordType;
  /** The same of one of its named types. */
  readonly typeBefore: (name: string) => Type;
  /** What the model reads stored events as. */
  readonly readings: ReturnType<typeof createReadings>;
  readonly findings: Finding[];
  /** Findings, by number, that are shown by an event once all are there, and the versions that it may be of. */
  readonly toBeShown: { readonly finding: number; readonly stored: readonly StoredType[] }[];
}

/** A version whose stored events the model reads with another type. */
export interface StoredType {
  /** OrderPlacedV1 */
  readonly version: string;
  readonly before: RecordType;
  readonly after: RecordType;
}

interface Found {
  readonly place: Place;
  readonly subject: readonly string[];
  /** Where the base says otherwise, as kind and key of a lock's line. */
  readonly base?: readonly [kind: Kind, key: string];
  /** What changed into what: with rule and subject, all that the fingerprint is made of. */
  readonly change: JsonValue;
  /** The event whose stored versions it is about. */
  readonly event?: Event | undefined;
  readonly affected?: Finding["affected"];
  readonly example?: Finding["example"] | undefined;
  /** Where an example is looked for when there is none. */
  readonly stored?: readonly StoredType[] | undefined;
  readonly related?: Finding["related"];
  readonly help?: string;
}

export const report = <C extends ChangeCode>(
  session: Session,
  rule: C,
  parameters: Parameters<C>,
  found: Found,
): void => {
  const { severity, verdict, message } = catalogue[rule];
  const { place, subject, event, example, help } = found;
  const base = found.base === undefined ? undefined : basePlace(session.base, ...found.base);
  const chain = event === undefined ? undefined : chainOf(event);
  session.findings.push({
    ...{ rule, level: severity, place, subject, related: found.related ?? [] },
    ...(verdict === "none" ? {} : { verdict }),
    message: (message as (parameters: Parameters<C>) => string)(parameters),
    ...(base === undefined ? {} : { base }),
    ...(chain === undefined ? {} : { chain }),
    affected: found.affected ?? (event === undefined ? none : affectedBy([event], session.model)),
    ...(example === undefined ? {} : { example }),
    ...(help === undefined ? {} : { help }),
    fingerprint: hashOfJson([rule, ...subject, found.change], 16),
  });
  if (example === undefined && found.stored !== undefined)
    session.toBeShown.push({ finding: session.findings.length - 1, stored: found.stored });
};

const none: Finding["affected"] = { projections: [], consumers: [] };

const basePlace = (base: Base, kind: Kind, key: string): BasePlace => {
  const place = base.placeOf(kind, key);
  return place === undefined ? { name: base.name } : { name: base.name, place };
};

/** `v1 → v2 → v3`, and what a retired event becomes. */
const chainOf = (event: Event): string => {
  const versions = event.versions.map((version) => `v${version.number}`).join(" → ");
  if (event.becomes === undefined) return versions;
  return `${versions} → ${event.becomes.length === 0 ? "nothing" : event.becomes.map(({ version }) => version.name).join(", ")}`;
};

/** The projections and consumers that get these events, or what they become. */
export const affectedBy = (events: Iterable<Event>, model: Model): Finding["affected"] => {
  const read = new Set<Event>();
  const waiting = [...events];
  for (let event = waiting.pop(); event !== undefined; event = waiting.pop()) {
    if (read.has(event)) continue;
    read.add(event);
    waiting.push(...(event.becomes ?? []).map(({ version }) => version.event));
  }
  return {
    projections: model.projections
      .filter(({ on }) => on.some((reaction) => reaction.kind !== "ignore" && read.has(reaction.event)))
      .map((one) => one.name),
    consumers: model.consumers.filter((one) => one.events.some((event) => read.has(event))).map((one) => one.name),
  };
};
