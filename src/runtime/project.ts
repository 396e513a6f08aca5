import type { AnyRow } from "./apply-change.js";
import type { NoFunctions, WithFunctions } from "./consume.js";
import type { Consumer, ConsumerSettings } from "./consumer.js";
import type { Change, Event, Functions, ProjectionDefinition } from "./definitions.js";
import { startEngine } from "./engine.js";
import { RowsOutdated } from "./errors.js";
import type { AnyProjection, ProjectionStore } from "./store.js";
import type { ConsumerClient } from "./transport.js";

/** How a projection runs. */
export type ProjectionOptions<F = NoFunctions> = ProjectionSettings & WithFunctions<F>;

/** What a projection may be told beside what a consumer may. */
export interface ProjectionSettings extends ConsumerSettings {
  /**
   * What to do with rows that were begun by other code: `refuse` them (the default) with RowsOutdated, or `go-on` because
   * the change makes no other rows of what is stored.
   */
  readonly outdated?: "refuse" | "go-on";
}

/**
 * Keeps a projection's rows up to date with its events, until it is closed. An event is acknowledged after the store has
 * it; an event that would leave an incomplete row is retried, then parked with all later ones of its key.
 */
export const runProjection = async <Key, Row, E extends Event>(
  client: ConsumerClient,
  store: ProjectionStore,
  definition: ProjectionDefinition<Key, Row, E>,
  options: ProjectionSettings & { readonly functions?: object | undefined } = {},
): Promise<Consumer> => {
  const { functions, outdated = "refuse", ...settings } = options;
  const projection = definition as unknown as AnyProjection;
  const appliers = new Map(Object.entries(definition.on)) as unknown as ReadonlyMap<string, Apply>;
  const aggregateOf = new Map(
    definition.aggregates.flatMap((one) => one.events.map((event) => [event.type, one.name] as const)),
  );
  const rows = await store.open(projection);
  if (rows.fingerprint !== projection.fingerprint && outdated === "refuse")
    throw new RowsOutdated(projection.name, rows.target, projection.version);
  return startEngine(client, {
    name: definition.name,
    aggregates: definition.aggregates,
    subscription: definition.subscription,
    functions: functions as Functions | undefined,
    settings,
    // One that does not look at the event ignores it: then its upcasters are not needed, nor their functions.
    wants: (type) => (appliers.get(type)?.length ?? 0) > 0,
    async handle(parts, header) {
      const changes = changesOf(parts, appliers, functions);
      // One that changes nothing is written too: the store remembers how far each stream has come.
      const stream = `${aggregateOf.get(header.type)} ${header.aggregateId}`;
      return (await rows.write({ header, stream, changes })) === "duplicate" ? "duplicate" : undefined;
    },
  });
};

type Apply = (event: Event, functions: object | undefined) => Change<unknown, AnyRow> | undefined;

const changesOf = (
  parts: readonly Event[],
  appliers: ReadonlyMap<string, Apply>,
  functions: object | undefined,
): readonly Change<unknown, AnyRow>[] => {
  const changes: Change<unknown, AnyRow>[] = [];
  for (const event of parts) {
    const change = appliers.get(event.type)?.(event, functions);
    if (change !== undefined) changes.push(change);
  }
  return changes;
};
