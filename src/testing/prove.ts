import * as fc from "fast-check";
import { type Long, toMemory } from "../model/memory-form.js";
import type { JsonValue, Type } from "../model/type.js";
import { type Codec, createCodec, encodingOf } from "../runtime/codec.js";
import type {
  AggregateDefinition,
  Event,
  EventDefinition,
  EventHeader,
  Functions,
  VersionDefinition,
} from "../runtime/definitions.js";
import type { Encoding } from "../runtime/encoding.js";
import { envelopeOf } from "../runtime/shape.js";
import { loadChecks, type Validated } from "../runtime/validator.js";
import { arbitraryHeader, plainHeader } from "./arbitrary-header.js";
import { arbitraryOf, NoValueKnown } from "./arbitrary-value.js";
import { type FrozenClock, freezeClock } from "./frozen-clock.js";
import { same } from "./same.js";
import { typeOfSchema } from "./type-of-schema.js";
import { createWalk, type Flaw, type Part, shown, type Walked } from "./walk.js";

export interface ProofOptions {
  /** What upcasters call for `by:`. */
  readonly functions?: Functions | undefined;
  /** How many events of each stored version are tried; 100 when not said. */
  readonly runs?: number | undefined;
  /** Makes the same events again; a new one each time when not said. */
  readonly seed?: number | undefined;
  /** Milliseconds for everything; what is slow is then tried less often. No limit when not said. */
  readonly time?: number | undefined;
  /** The stored version to try, `OrderPlacedV1`; all when not said. */
  readonly only?: string | undefined;
  /** Of a counter-example: with its seed and `only`, tries that one event. */
  readonly path?: string | undefined;
  /** Field types of a version where more is known than its schema says. */
  readonly typeOf?: ((version: VersionDefinition) => Type) | undefined;
}

export interface Proof {
  readonly seed: number;
  readonly versions: readonly ProvedVersion[];
}

/** A version as it may be stored, and what was found when events in it were read. */
export interface ProvedVersion {
  readonly aggregate: string;
  readonly event: string;
  readonly version: number;
  /** How many events were tried before one was found that fails, or in all. */
  readonly runs: number;
  readonly found: readonly CounterExample[];
  /** Why none was tried. */
  readonly untried?: string;
}

/** A flaw, with the smallest event that shows it. */
export interface CounterExample extends Flaw {
  /** In data form. */
  readonly data: JsonValue;
  /** Only where it matters. */
  readonly header?: EventHeader;
  readonly path: string;
}

/** Reads generated events of every stored version of an aggregate, each in all the ways that can go wrong. */
export const proveAggregate = async (aggregate: AggregateDefinition, options: ProofOptions = {}): Promise<Proof> => {
  const { runs = 100, seed = Math.floor(Math.random() * 2 ** 31), time, only } = options;
  const stored = aggregate.events
    .flatMap((definition) => definition.versions.map((version, index) => ({ definition, version, number: index + 1 })))
    .filter(({ definition, number }) => only === undefined || only === `${definition.type}V${number}`);
  if (only !== undefined && stored.length === 0) throw new TypeError(`${aggregate.name} has no version ${only}`);
  const end = time === undefined ? undefined : Date.now() + time;
  const clock = freezeClock();
  try {
    const subject = await subjectOf(aggregate, options, clock);
    // The last version first: what is wrong with a step is shown by the version that it begins with.
    const known = new Set<string>();
    const versions = stored.reverse().map((one, index): ProvedVersion => {
      const limit = end === undefined ? undefined : Math.max(1, (end - Date.now()) / (stored.length - index));
      const search = { seed, runs, path: options.path, limit, known };
      const proved = proveVersion(one, subject, search, options.typeOf);
      return { aggregate: aggregate.name, event: one.definition.type, version: one.number, ...proved };
    });
    return { seed, versions: versions.reverse() };
  } finally {
    clock.remove();
  }
};

/** All that is asked about an event. */
interface Subject {
  readonly aggregate: AggregateDefinition;
  readonly long: Long;
  readonly codec: Codec;
  readonly encoding: Encoding;
  readonly walk: (definition: EventDefinition, header: EventHeader, data: unknown) => Walked;
}

const subjectOf = async (
  aggregate: AggregateDefinition,
  { functions = {} }: ProofOptions,
  clock: FrozenClock,
): Promise<Subject> => {
  const { topic } = aggregate;
  const checks = await loadChecks(everyVersion(aggregate.events) as Iterable<Validated>);
  return {
    aggregate,
    long: topic.long ?? "number",
    codec: await createCodec({ topic, aggregates: [aggregate], functions }),
    encoding: await encodingOf(topic, envelopeOf(topic)),
    walk: createWalk({ functions, clock, check: (version) => checks(version as Validated) }),
  };
};

/** Of the events, and of those that they have become. */
const everyVersion = (events: readonly EventDefinition[]): readonly VersionDefinition[] => {
  const seen = new Set(events);
  for (const { becomes } of seen) for (const { event } of becomes ?? []) seen.add(event);
  return [...seen].flatMap((event) => event.versions);
};

interface StoredVersion {
  readonly definition: EventDefinition;
  readonly version: VersionDefinition;
  readonly number: number;
}

interface Search {
  readonly seed: number;
  readonly runs: number;
  readonly path: string | undefined;
  readonly limit: number | undefined;
  /** Keys of flaws that were found already. */
  readonly known: Set<string>;
}

/** How many flaws of one version are looked for: whoever mends that many runs it again. */
const mostFlaws = 10;

const proveVersion = (
  stored: StoredVersion,
  subject: Subject,
  search: Search,
  typeOf: ProofOptions["typeOf"],
): Pick<ProvedVersion, "runs" | "found" | "untried"> => {
  const { long } = subject;
  const { definition, number } = stored;
  const type = (typeOf ?? typeOfVersion)(stored.version);
  const events = eventsOf(stored, type, subject);
  if (typeof events === "string") return { runs: 0, found: [], untried: events };
  const read = ([data, header]: readonly [JsonValue, EventHeader]): readonly Flaw[] =>
    flawsOf(stored, header, toMemory(data, type, long), subject);
  const found: CounterExample[] = [];
  const { known } = search;
  const keyOf = ({ kind, step, functions }: Flaw): string =>
    JSON.stringify([kind, step ?? `${definition.type} ${number}`, functions]);
  for (let tried = search.runs; ; ) {
    let wanted: string | undefined;
    const failing = (event: readonly [JsonValue, EventHeader]): Flaw | undefined =>
      read(event).find((flaw) => !known.has(keyOf(flaw)) && (wanted === undefined || wanted === keyOf(flaw)));
    const property = fc.property(events, (event) => {
      const flaw = failing(event);
      wanted ??= flaw === undefined ? undefined : keyOf(flaw);
      return flaw === undefined;
    });
    // The first few are tried however little time there is; then all, these among them.
    const few = fc.check(property, parametersOf({ ...search, runs: Math.min(10, search.runs) }, leastTime));
    const details = few.failed || few.numRuns === search.runs ? few : fc.check(property, parametersOf(search, 1));
    if (found.length === 0) tried = Math.max(few.numRuns, details.numRuns);
    const example = details.counterexample?.[0];
    if (!details.failed || example === undefined || details.counterexamplePath === null) return { runs: tried, found };
    const [data, header] = example;
    const plain = [data, plainHeader(header)] as const;
    // An error that is thrown here is a bug of evgen, and the reason why the example failed.
    const flaw = failing(plain) ?? failing(example);
    if (flaw === undefined) throw new Error(`${definition.type} V${number} fails, and then it does not`);
    const needsHeader = failing(plain) === undefined;
    found.push({ ...flaw, data, ...(needsHeader ? { header } : {}), path: details.counterexamplePath });
    known.add(keyOf(flaw));
    if (found.length === mostFlaws || search.path !== undefined) return { runs: tried, found };
  }
};

/** Events of a version, or why none can be made. */
const eventsOf = (
  { definition, number }: StoredVersion,
  type: Type,
  { aggregate, long }: Subject,
): fc.Arbitrary<[JsonValue, EventHeader]> | string => {
  try {
    return fc.tuple(arbitraryOf(type, long), arbitraryHeader(aggregate.key.schema, definition.type, number));
  } catch (error) {
    if (error instanceof NoValueKnown) return error.message;
    throw error;
  }
};

/** Milliseconds: what a shrinking counter-example may take beyond the limit. */
const leastTime = 5000;

const parametersOf = (
  { seed, runs, path, limit }: Search,
  least: number,
): fc.Parameters<[readonly [JsonValue, EventHeader]]> => ({
  seed,
  numRuns: runs,
  ...(path === undefined ? {} : { path, endOnFailure: true }),
  ...(limit === undefined ? {} : { interruptAfterTimeLimit: Math.max(limit, least), markInterruptAsFailure: false }),
});

const typeOfVersion = ({ schema }: VersionDefinition): Type => {
  if (schema === undefined) {
    throw new TypeError(
      "the validators are precompiled, so the generated code has no schemas to make events from: run `evgen verify`, which has the model",
    );
  }
  return typeOfSchema(schema);
};

/** Writes the event, reads it, takes it through its steps one by one, and holds the two against each other. */
const flawsOf = (
  { definition, number }: StoredVersion,
  header: EventHeader,
  data: unknown,
  { codec, encoding, walk }: Subject,
): readonly Flaw[] => {
  const differs = (reason: string): Flaw => ({ kind: "differs", functions: [], reason });
  const payload = codec.encode(definition, header, data);
  const stored = encoding.decode(payload);
  if (typeof stored === "string") return [differs(`it is written, and cannot be read: ${stored}`)];
  if (!same(stored.data, data) || !same(stored.header, header)) {
    return [differs(`it is written, and read as ${shown(stored.data)} of ${shown(stored.header)}`)];
  }
  const { parts, flaws } = walk(definition, header, stored.data);
  if (parts === undefined || flaws.length > 0) return flaws;
  const decoded = codec.decode(payload);
  const events = decoded.kind === "events" ? decoded.events : undefined;
  if (events === undefined || !sameParts(events, parts)) {
    return [
      differs(`step by step version ${number} is read as ${shown(parts)}, and at once as ${shown(events ?? decoded)}`),
    ];
  }
  return [];
};

/** The same events in the same order, with the same ids. */
const sameParts = (events: readonly Event[], parts: readonly Part[]): boolean =>
  same(
    events.map(({ id, index, type, data }) => ({ id, index, type, data })),
    parts,
  );
