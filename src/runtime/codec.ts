import { NotAvro } from "./avro-values.js";
import type {
  AggregateDefinition,
  Event,
  EventDefinition,
  EventHeader,
  Functions,
  TopicDefinition,
  VersionDefinition,
} from "./definitions.js";
import type { Encoding } from "./encoding.js";
import { describeProblems, messageOf, type Problem, ValidationFailed } from "./errors.js";
import { derivedId } from "./ids.js";
import { definitionOf, type Envelope, envelopeOf } from "./shape.js";
import { storedSchema } from "./stored-schema.js";
import { type Check, type Checks, loadChecks, type Validated } from "./validator.js";

/** What a payload was found to be. Only `events` is for handlers; the policy of a consumer decides about the others. */
export type Decoded =
  /** The event in its current version; none or several for one that is retired. */
  | {
      readonly kind: "events";
      readonly header: EventHeader;
      readonly events: readonly Event[];
      /** Whether it was stored in another version, or as another event. */
      readonly upcast: boolean;
    }
  /** An event of another aggregate on a shared topic. */
  | { readonly kind: "other-aggregate"; readonly header: EventHeader }
  /** An event that is not among those that are wanted: neither validated nor upcast. */
  | { readonly kind: "unwanted"; readonly header: EventHeader }
  /** An event, or a version of one, that this code is too old to know. */
  | { readonly kind: "unknown-type" | "newer-version"; readonly header: EventHeader; readonly reason: string }
  | {
      readonly kind: "invalid";
      /** As far as it could be read. */
      readonly header: EventHeader | undefined;
      readonly reason: string;
      readonly problems: readonly Problem[];
    };

/** The one way from payloads to events and back, for all readers and writers of a topic. */
export interface Codec {
  /** The payload of an event in its current version. Throws ValidationFailed, naming the event. */
  readonly encode: (definition: EventDefinition, header: EventHeader, data: unknown) => Buffer;
  /** Never throws because of the payload. */
  readonly decode: (message: Buffer | { getData(): Buffer }) => Decoded;
  /** What is wrong with an aggregate's id. */
  readonly checkId: (aggregate: AggregateDefinition, id: unknown) => readonly Problem[];
}

/** What a codec is made of. */
export interface CodecOptions {
  readonly topic: TopicDefinition;
  /** Those of the topic whose events are wanted. */
  readonly aggregates: readonly AggregateDefinition[];
  /** What upcasters call for `by:`. */
  readonly functions?: Functions | undefined;
  /** The types that are to be read; all when not said. Only their upcasters need functions. */
  readonly wants?: ((type: string) => boolean) | undefined;
}

/** Makes a topic's codec; loads Avro and Ajv only where they are needed. */
export const createCodec = async ({ topic, aggregates, functions = {}, wants }: CodecOptions): Promise<Codec> => {
  const plans = plansOf(aggregates, wants);
  const checks = await loadChecks(validatedOf(aggregates, plans.values()));
  const envelope = envelopeOf(topic);
  for (const plan of plans.values()) {
    const { type, versions } = plan.definition;
    plan.checks = versions.map((version) => checks(version as Validated));
    plan.branches = versions.map((_, index) => envelope.indexes.get(`${type}V${index + 1}`));
    plan.storedChecks = versions.map(({ schema }, index) => {
      const shape = envelope.branches[plan.branches[index] ?? -1];
      const stored = topic.encoding === "avro" && schema !== undefined && shape !== undefined;
      return stored ? checks({ schema: storedSchema(schema, shape) }) : (plan.checks[index] as Check);
    });
  }
  const encoding = await encodingOf(topic, envelope);
  return {
    encode: (definition, header, data) => encode(planOf(plans, definition), encoding, header, data),
    decode: (message) =>
      decode(message instanceof Uint8Array ? message : message.getData(), { plans, envelope, encoding, functions }),
    checkId: idCheck(aggregates, checks),
  };
};

/** An event with its checks, one a version. */
interface Plan {
  readonly definition: EventDefinition;
  /** It or, for a retired one, something that it has become. */
  readonly wanted: boolean;
  checks: readonly Check[];
  /** For what comes out of a payload, of which reading has checked a part. */
  storedChecks: readonly Check[];
  /** The index of each version's branch. */
  branches: readonly (number | undefined)[];
}

const plansOf = (aggregates: readonly AggregateDefinition[], wants: CodecOptions["wants"]): Map<string, Plan> => {
  const plans = new Map<string, Plan>();
  const wanted = ({ type, becomes }: EventDefinition): boolean =>
    wants === undefined || (becomes === undefined ? wants(type) : becomes.some(({ event }) => wanted(event)));
  const add = (definition: EventDefinition) => {
    if (plans.has(definition.type)) return;
    plans.set(definition.type, { definition, wanted: wanted(definition), checks: [], storedChecks: [], branches: [] });
    for (const becoming of definition.becomes ?? []) add(becoming.event);
  };
  for (const aggregate of aggregates) for (const definition of aggregate.events) add(definition);
  return plans;
};

const planOf = (plans: ReadonlyMap<string, Plan>, definition: EventDefinition): Plan => {
  const plan = plans.get(definition.type);
  if (plan?.definition !== definition) throw new TypeError(`${definition.type} is not an event of this topic`);
  return plan;
};

const validatedOf = (aggregates: readonly AggregateDefinition[], plans: Iterable<Plan>): Validated[] => [
  ...aggregates.map((aggregate) => ({ schema: aggregate.key.schema })),
  ...[...plans].flatMap((plan) => plan.definition.versions as readonly Validated[]),
];

/** How the payloads of a topic are written and read; Avro is loaded where it is needed. */
export const encodingOf = async (topic: TopicDefinition, envelope: Envelope): Promise<Encoding> => {
  switch (topic.encoding) {
    case "avro":
      return (await import("./avro.js")).avroEncoding(definitionOf(topic), envelope);
    case "json":
      return (await import("./json.js")).jsonEncoding(topic, envelope);
  }
};

const idCheck = (aggregates: readonly AggregateDefinition[], checks: Checks) => {
  const byAggregate = new Map(aggregates.map((one) => [one, checks({ schema: one.key.schema })]));
  return (aggregate: AggregateDefinition, id: unknown): readonly Problem[] => {
    if (typeof id === "string" && id !== "" && (id as string & { isWellFormed(): boolean }).isWellFormed()) {
      return byAggregate.get(aggregate)?.(id) ?? [];
    }
    return [{ pointer: "", reason: "must be text that is not empty" }];
  };
};

const encode = (plan: Plan, encoding: Encoding, header: EventHeader, data: unknown): Buffer => {
  const problems = checked(plan.checks[header.version - 1], data);
  if (problems.length > 0) throw new ValidationFailed(subjectOf(header), problems);
  const branch = plan.branches[header.version - 1];
  if (branch === undefined) throw new Error(`the topic has no branch for ${header.type}V${header.version}`);
  try {
    return encoding.encode(header, data, branch);
  } catch (error) {
    if (error instanceof RangeError) throw new ValidationFailed(subjectOf(header), [tooDeep]);
    if (!(error instanceof NotAvro)) throw error;
    throw new ValidationFailed(subjectOf(header), [{ pointer: placeOf(header, data), reason: error.message }]);
  }
};

const subjectOf = (header: EventHeader): string =>
  `${header.type} version ${header.version} of "${header.aggregateId}"`;

const tooDeep: Problem = { pointer: "", reason: "is nested too deeply" };

/** Deeply nested values exhaust the stack of a validator; that is a fault of the value. */
const checked = (check: Check | undefined, data: unknown): readonly Problem[] => {
  try {
    return check?.(data) ?? [];
  } catch (error) {
    if (error instanceof RangeError) return [tooDeep];
    throw error;
  }
};

/** Where the text is that could not be encoded: only looked for when there is one. */
const placeOf = (header: EventHeader, data: unknown): string => {
  const waiting: [pointer: string, value: unknown][] = [
    ["", data],
    ["metadata", header.metadata],
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [pointer, value] = next;
    if (typeof value === "string" && !(value as string & { isWellFormed(): boolean }).isWellFormed()) return pointer;
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) continue;
    for (const [key, inner] of Object.entries(value)) {
      const step = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (key === "__proto__" || !(key as string & { isWellFormed(): boolean }).isWellFormed()) return step;
      waiting.push([step, inner]);
    }
  }
  return "";
};

interface Decoding {
  readonly plans: ReadonlyMap<string, Plan>;
  readonly envelope: Envelope;
  readonly encoding: Encoding;
  readonly functions: Functions;
}

const decode = (payload: Buffer, decoding: Decoding): Decoded => {
  const stored = decoding.encoding.decode(payload);
  if (typeof stored === "string") return invalid(undefined, stored);
  const { header, branch, data } = stored;
  const plan = decoding.plans.get(header.type);
  if (branch === undefined) return unknownBranch(header, plan, decoding.envelope);
  if (plan?.branches[header.version - 1] !== branch) return otherBranch(header, branch, plan, decoding.envelope);
  if (!plan.wanted) return { kind: "unwanted", header };
  const problems = checked(plan.storedChecks[header.version - 1], data);
  if (problems.length > 0) return { kind: "invalid", header, reason: describeProblems(problems), problems };
  return current(plan, header, data, decoding);
};

/** A branch that the topic knows, and this code's events do not or not as this version. */
const otherBranch = (header: EventHeader, branch: number, plan: Plan | undefined, envelope: Envelope): Decoded => {
  const name = envelope.branches[branch]?.name;
  if (name !== `${header.type}V${header.version}`) {
    return invalid(header, `its type and version say ${header.type} version ${header.version}, its data is ${name}`);
  }
  return plan === undefined ? { kind: "other-aggregate", header } : newer(header, plan.definition.versions.length);
};

const invalid = (header: EventHeader | undefined, reason: string): Decoded => ({
  kind: "invalid",
  header,
  reason,
  problems: [{ pointer: "", reason }],
});

const newer = (header: EventHeader, known: number): Decoded => ({
  kind: "newer-version",
  header,
  reason: `${header.type} version ${header.version} is newer than this code, which knows version ${known}`,
});

const unknownBranch = (header: EventHeader, plan: Plan | undefined, envelope: Envelope): Decoded => {
  const known = plan?.definition.versions.length ?? versionsIn(envelope, header.type);
  if (known === 0) return { kind: "unknown-type", header, reason: `this code knows no event ${header.type}` };
  if (header.version > known) return newer(header, known);
  return invalid(
    header,
    `its type and version say ${header.type} version ${header.version}, its data is something else`,
  );
};

const versionsIn = (envelope: Envelope, type: string): number => {
  let version = 0;
  while (envelope.indexes.has(`${type}V${version + 1}`)) version++;
  return version;
};

/** Upcasts valid data to the current version, and through what a retired event has become. */
const current = (plan: Plan, header: EventHeader, data: unknown, { plans, functions }: Decoding): Decoded => {
  try {
    if (plan.definition.becomes === undefined) {
      const upcast = header.version < plan.definition.versions.length;
      const latest = upcast ? upcastFrom(plan, header.version, data, header, functions) : data;
      return { kind: "events", header, events: [eventOf(header, header.type, latest)], upcast };
    }
    return { kind: "events", header, events: becoming(plan, header, data, plans, functions), upcast: true };
  } catch (error) {
    if (error instanceof ValidationFailed)
      return { kind: "invalid", header, reason: error.message, problems: error.problems };
    return invalid(header, `its upcast failed: ${messageOf(error)}`);
  }
};

/** One shape for all events, whatever their header was read from. */
const eventOf = (header: EventHeader, type: string, data: unknown): Event => ({
  id: header.id,
  type,
  version: header.version,
  aggregateId: header.aggregateId,
  sequence: header.sequence,
  index: header.index,
  time: header.time,
  correlationId: header.correlationId,
  causationId: header.causationId,
  metadata: header.metadata,
  data,
});

type Step = NonNullable<VersionDefinition["upcast"]>;

const upcastFrom = (plan: Plan, version: number, data: unknown, header: EventHeader, functions: Functions): unknown => {
  const { versions, type } = plan.definition;
  let value = data;
  for (let at = version; at < versions.length; at++) {
    const step = versions[at - 1]?.upcast as Step;
    value = step(value as never, header, functions as never);
    if (step.length > 2) proved(plan, at + 1, value, `${type} version ${at}, upcast to ${at + 1}`);
  }
  return value;
};

/** What a function of the user's has made is checked; the rest is proved when the code is generated. */
const proved = (plan: Plan, version: number, value: unknown, subject: string): void => {
  const problems = checked(plan.checks[version - 1], value);
  if (problems.length > 0) throw new ValidationFailed(subject, problems);
};

const becoming = (
  plan: Plan,
  header: EventHeader,
  data: unknown,
  plans: ReadonlyMap<string, Plan>,
  functions: Functions,
): readonly Event[] => {
  const latest = upcastFrom(plan, header.version, data, header, functions);
  const parts = plan.definition.becomes ?? [];
  return parts.flatMap(({ event, version, map }, index) => {
    const target = plans.get(event.type) as Plan;
    if (!target.wanted) return [];
    const value = map(latest as never, header, functions as never);
    if (map.length > 2) proved(target, version, value, `${plan.definition.type}, read as ${event.type}`);
    const own = parts.length === 1 ? {} : { id: derivedId(header.id, String(index)), index };
    const part: EventHeader = { ...header, ...own, type: event.type, version };
    if (event.becomes !== undefined) return becoming(target, part, value, plans, functions);
    return [eventOf(part, event.type, upcastFrom(target, version, value, part, functions))];
  });
};
