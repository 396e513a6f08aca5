import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Consumer } from "../../model/model.js";
import type { ConsumerSnapshot } from "../snapshot.js";
import { topOf } from "./aggregates.js";
import type { Session } from "./session.js";
import { report } from "./session.js";

export const checkReaders = (session: Session): void => {
  checkConsumers(session);
  checkProjections(session);
};

const checkConsumers = (session: Session): void => {
  const { base, head, model } = session;
  const before = new Map(base.snapshot.consumers.map((one) => [one.name, one]));
  const now = new Map(head.consumers.map((one) => [one.name, one]));
  const added = model.consumers.filter((one) => !before.has(one.name));
  const heirs = new Set<Consumer>();
  for (const consumer of before.values()) {
    const after = now.get(consumer.name);
    const its = model.consumers.find((one) => one.name === consumer.name);
    if (after !== undefined && its !== undefined) {
      if (after.subscription !== consumer.subscription) reportRenamed(session, consumer, its);
      checkHandled(session, consumer, after, its);
      continue;
    }
    const heir = added.find((one) => {
      const events = now.get(one.name)?.events.join();
      return !heirs.has(one) && events !== undefined && events === consumer.events.join();
    });
    if (heir !== undefined) {
      heirs.add(heir);
      reportRenamed(session, consumer, heir);
      continue;
    }
    report(
      session,
      "consumer-removed",
      { consumer: consumer.name, subscription: consumer.subscription },
      {
        place: topOf(session),
        ...{ subject: ["consumer", consumer.name], base: ["consumer", consumer.name], change: [consumer.name, null] },
        help: "Bring it back; or delete its subscription, and accept the finding.",
      },
    );
  }
  for (const consumer of added) {
    if (heirs.has(consumer)) continue;
    const found = { place: keyOf(consumer.place), subject: ["consumer", consumer.name], change: [null, consumer.name] };
    report(session, "consumer-added", { consumer: consumer.name }, found);
  }
};

const reportRenamed = (session: Session, before: ConsumerSnapshot, now: Consumer): void => {
  const [from, to] = [before.subscription, now.subscription.name];
  report(
    session,
    "subscription-renamed",
    { consumer: before.name, from, to },
    {
      place: keyOf(now.place),
      ...{ subject: ["consumer", before.name], base: ["consumer", before.name], change: [from, to] },
      affected: { projections: [], consumers: [now.name] },
      help: `Call the consumer ${before.name} again.`,
    },
  );
};

const checkHandled = (session: Session, before: ConsumerSnapshot, now: ConsumerSnapshot, its: Consumer): void => {
  const place = keyOf(under(its.place, "events"));
  const affected = { projections: [], consumers: [its.name] };
  const base = ["consumer", before.name] as const;
  for (const event of before.events) {
    if (now.events.includes(event)) continue;
    // A retired event is handled as what it becomes, and one that is gone is reported as that.
    const is = session.events.get(event);
    if (is === undefined || is.becomes !== undefined) continue;
    report(
      session,
      "consumer-event-removed",
      { consumer: its.name, event },
      {
        ...{ place, subject: ["consumer", its.name, event], base, change: [event, null], affected },
        help: `Add ${event} to its events.`,
      },
    );
  }
  const wasThere = new Set(session.base.snapshot.versions.map((one) => one.event));
  for (const event of now.events) {
    // That a new event is handled is no news.
    if (before.events.includes(event) || !wasThere.has(event)) continue;
    report(
      session,
      "consumer-event-added",
      { consumer: its.name, event },
      {
        ...{ place, subject: ["consumer", its.name, event], base, change: [null, event], affected },
      },
    );
  }
};

const checkProjections = (session: Session): void => {
  const { base, head, model } = session;
  const before = new Map(base.snapshot.projections.map((one) => [one.name, one]));
  const now = new Map(head.projections.map((one) => [one.name, one]));
  for (const projection of before.values()) {
    if (now.has(projection.name)) continue;
    report(
      session,
      "projection-removed",
      { projection: projection.name },
      {
        place: topOf(session),
        ...{ subject: ["projection", projection.name], base: ["projection", projection.name] },
        change: [projection.name, null],
      },
    );
  }
  for (const { name, place } of model.projections) {
    const [was, is] = [before.get(name)?.hash, now.get(name)?.hash];
    if (was === is) continue;
    const found = { place: keyOf(place), subject: ["projection", name], change: [was ?? null, is ?? null] };
    if (was === undefined) {
      report(session, "projection-added", { projection: name }, found);
      continue;
    }
    report(
      session,
      "projection-changed",
      { projection: name },
      {
        ...{ ...found, base: ["projection", name] as const },
        affected: { projections: [name], consumers: [] },
        help: `Its rows have to be built anew: raise its \`version\`, unless you have, and see evgen projections status ${name}`,
      },
    );
  }
};
