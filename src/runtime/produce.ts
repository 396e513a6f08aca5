import { type Clock, systemClock } from "./clock.js";
import { type Codec, createCodec } from "./codec.js";
import type { AggregateDefinition, DataOf, EventDefinition, EventHeader } from "./definitions.js";
import { AlreadyClosed, SendFailed, ValidationFailed } from "./errors.js";
import { formats } from "./formats.js";
import { newId } from "./ids.js";
import { openTransport } from "./open-producer.js";
import { createSlots, type Slots } from "./slots.js";
import { type ProducerTelemetry, type Telemetry, telemetryOf } from "./telemetry.js";
import type { AccessMode, MessageId, OutgoingMessage, ProducerClient, TransportProducer } from "./transport.js";

/** Emits events. Generated code adds one method an event. */
export interface Producer {
  /** Resolves when everything that was emitted before has been stored or has failed. */
  flush(): Promise<void>;
  /** Flushes, then closes. Emitting afterwards is an AlreadyClosed. */
  close(): Promise<void>;
  /** As the broker knows it. */
  readonly name: string;
  readonly isConnected: boolean;
}

/** How a producer works; everything has a default. */
export interface ProducerOptions {
  /** Fixed for deduplication: the broker remembers the last sequence id of each name. Default: given by the broker. */
  readonly name?: string;
  /** Default: Shared. */
  readonly accessMode?: AccessMode;
  /** Events on their way at a time; more wait. Default 500, at most 1,000, which is what the client holds. */
  readonly maxInFlight?: number;
  /** Default: batched by key. Off where `sequenceId` is given, since the broker deduplicates whole batches only. */
  readonly batching?: boolean;
  /** Milliseconds until a send fails. Default 30,000. */
  readonly sendTimeout?: number;
  /** Metadata of every event; an event's own goes before it. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The W3C trace context to send along, asked for each event; goes before that of `telemetry`. */
  readonly traceparent?: () => string | undefined;
  readonly clock?: Clock;
  /** Traces and metrics; `false`: none. Default: the OpenTelemetry SDK that is registered, when there is one. */
  readonly telemetry?: Telemetry | false;
}

/** What an event is given beside its data. */
export interface EmitOptions {
  /** The event that this one follows from: its id becomes the causation, its correlation goes on. */
  readonly causation?: EventHeader;
  readonly causationId?: string;
  readonly correlationId?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Default: a new UUID of version 7. */
  readonly id?: string;
  /** When it happened: a timestamp in the canonical form. Default: now. */
  readonly time?: string;
  /** Its position in its stream, from 1, where an event store assigned one. */
  readonly sequence?: number;
  /** Ascending for each producer name; the broker drops what is not above the last. Use it for all events or for none. */
  readonly sequenceId?: number;
  readonly traceparent?: string;
}

/** One method an event. */
export type EmitMethods<Definitions> = {
  readonly [Method in keyof Definitions]: (
    aggregateId: string,
    data: DataOf<Definitions[Method]>,
    options?: EmitOptions,
  ) => Promise<MessageId>;
};

/**
 * Opens a producer of an aggregate's events, with one method for each entry of `events`. An event is validated and
 * encoded when its method is called; it is sent with the aggregate's id as its key. Rejects with ValidationFailed, or
 * with SendFailed naming the event; opening it with SchemaRefused or with what the transport fails with.
 */
export const createProducer = async <const Definitions extends { readonly [method: string]: EventDefinition }>(
  client: ProducerClient,
  aggregate: AggregateDefinition,
  events: Definitions,
  options: ProducerOptions = {},
): Promise<Producer & EmitMethods<Definitions>> => {
  const slots = createSlots(limitOf(options));
  const codec = await createCodec({ topic: aggregate.topic, aggregates: [aggregate] });
  const transport = await openTransport(client, aggregate.topic, options);
  const emitter: Emitter = {
    aggregate,
    codec,
    transport,
    options,
    clock: options.clock ?? systemClock,
    slots,
    round: { open: 0, over: undefined },
    flushed: new Set(),
    sequenced: undefined,
    closing: undefined,
    telemetry: (await telemetryOf(options.telemetry))?.producer({ topic: aggregate.topic.url }),
  };
  const methods = Object.fromEntries(
    Object.entries(events).map(([method, definition]) => [method, emitting(emitter, definition)]),
  ) as unknown as EmitMethods<Definitions>;
  const producer: Producer = {
    flush: () => flush(emitter),
    close: () => close(emitter),
    name: transport.getProducerName(),
    get isConnected() {
      return transport.isConnected();
    },
  };
  return Object.assign(producer, methods);
};

interface Emitter {
  readonly aggregate: AggregateDefinition;
  readonly codec: Codec;
  readonly transport: TransportProducer;
  readonly options: ProducerOptions;
  readonly clock: Clock;
  readonly slots: Slots;
  /** What was emitted since the last flush. */
  round: Round;
  /** Rounds before that are not over. */
  readonly flushed: Set<Promise<void>>;
  /** Whether events have a sequence id, once one was emitted. */
  sequenced: boolean | undefined;
  closing: Promise<void> | undefined;
  readonly telemetry: ProducerTelemetry | undefined;
}

/** Events on their way, and who waits for them. */
interface Round {
  open: number;
  over: (() => void) | undefined;
}

/** The client itself refuses the 1,001st that is pending. */
const limitOf = ({ maxInFlight = 500 }: ProducerOptions): number => {
  if (Number.isInteger(maxInFlight) && maxInFlight >= 1 && maxInFlight <= 1000) return maxInFlight;
  throw new RangeError(`maxInFlight is ${maxInFlight}: it must be from 1 to 1,000`);
};

/** What all events of a type have in common. */
interface Kind {
  readonly definition: EventDefinition;
  readonly ceType: string;
  readonly ceDataschema: string;
}

const emitting = (emitter: Emitter, definition: EventDefinition) => {
  const { source, url } = emitter.aggregate.topic;
  const { type, versions } = definition;
  const kind: Kind = {
    definition,
    ceType: `${source}.${type}.v${versions.length}`,
    ceDataschema: `${url}#${type}V${versions.length}`,
  };
  return (aggregateId: string, data: unknown, emit: EmitOptions = {}): Promise<MessageId> => {
    try {
      return send(emitter, kind, aggregateId, data, emit);
    } catch (error) {
      return Promise.reject(error);
    }
  };
};

const send = (
  emitter: Emitter,
  kind: Kind,
  aggregateId: string,
  data: unknown,
  emit: EmitOptions,
): Promise<MessageId> => {
  const { definition } = kind;
  if (emitter.closing !== undefined) throw new AlreadyClosed(`${definition.type} was emitted after close()`);
  const problems = emitter.codec.checkId(emitter.aggregate, aggregateId);
  if (problems.length > 0) {
    throw new ValidationFailed(`${emitter.aggregate.key.name} of ${definition.type}`, problems);
  }
  checkSequenceId(emitter, emit.sequenceId);
  const header = headerOf(emitter, definition, aggregateId, emit);
  const message = outgoing(emitter, kind, header, emitter.codec.encode(definition, header, data), emit);
  const { round, telemetry } = emitter;
  round.open++;
  return telemetry === undefined
    ? transmit(emitter, header, message, round)
    : measured(emitter, telemetry, header, message, round);
};

const measured = async (
  emitter: Emitter,
  telemetry: ProducerTelemetry,
  header: EventHeader,
  message: OutgoingMessage,
  round: Round,
): Promise<MessageId> => {
  try {
    return await telemetry.send(header, (trace) => {
      return transmit(emitter, header, { ...message, properties: { ...trace, ...message.properties } }, undefined);
    });
  } finally {
    end(round);
  }
};

const end = (round: Round): void => {
  round.open--;
  if (round.open === 0) round.over?.();
};

/** The broker would drop events in silence: those that are numbered below others, and whole batches. */
const checkSequenceId = (emitter: Emitter, sequenceId: number | undefined): void => {
  const sequenced = sequenceId !== undefined;
  emitter.sequenced ??= sequenced;
  if (emitter.sequenced !== sequenced) {
    throw new TypeError("a producer gives a sequenceId to all its events or to none: mixed, the broker drops some");
  }
  if (sequenceId === undefined) return;
  if (!Number.isSafeInteger(sequenceId) || sequenceId < 0) {
    throw new TypeError(`sequenceId is ${sequenceId}: it must be an integer from 0`);
  }
  if (emitter.options.batching ?? true) {
    throw new TypeError("sequenceId needs `batching: false`: the broker deduplicates whole batches only");
  }
};

const transmit = async (
  { slots, transport }: Emitter,
  header: EventHeader,
  message: OutgoingMessage,
  round: Round | undefined,
): Promise<MessageId> => {
  // Without waiting when there is room: events are then sent in the order of the calls, as they are when all wait.
  if (!slots.take()) await slots.wait();
  try {
    return await transport.send(message);
  } catch (error) {
    throw new SendFailed(header, error);
  } finally {
    slots.free();
    if (round !== undefined) end(round);
  }
};

const headerOf = (
  emitter: Emitter,
  definition: EventDefinition,
  aggregateId: string,
  emit: EmitOptions,
): EventHeader => {
  const now = emitter.clock.now();
  const { causation, id = newId(now), time = textOf(now) } = emit;
  const header: EventHeader = {
    id,
    type: definition.type,
    version: definition.versions.length,
    aggregateId,
    sequence: emit.sequence,
    time,
    correlationId: emit.correlationId ?? causation?.correlationId ?? causation?.id,
    causationId: emit.causationId ?? causation?.id,
    metadata: metadataOf(emitter.options.metadata, emit.metadata),
  };
  const problem = headerProblem(header);
  if (problem !== undefined) throw new ValidationFailed(`${definition.type} of "${aggregateId}"`, [problem]);
  return header;
};

let lastTime = Number.NaN;
let lastText: string | undefined;

/** The time as text; many events in a row have the same. */
const textOf = (now: number): string => {
  if (now !== lastTime || lastText === undefined) {
    lastText = new Date(now).toISOString();
    lastTime = now;
  }
  return lastText;
};

/** What types cannot say, or what a caller without types gets wrong: it must not be stored, since nobody could read it. */
const headerProblem = ({ id, time, sequence, correlationId, causationId, metadata }: EventHeader) => {
  if (typeof time !== "string" || (time !== lastText && !formats.timestamp.test(time))) {
    return { pointer: "/time", reason: "must be like 2026-01-05T10:00:00.000Z" };
  }
  if (typeof id !== "string" || id === "") return { pointer: "/id", reason: "must be text that is not empty" };
  if (sequence !== undefined && (!Number.isSafeInteger(sequence) || sequence < 1)) {
    return { pointer: "/sequence", reason: "must be an integer from 1" };
  }
  if (correlationId !== undefined && typeof correlationId !== "string") {
    return { pointer: "/correlationId", reason: "must be text" };
  }
  if (causationId !== undefined && typeof causationId !== "string") {
    return { pointer: "/causationId", reason: "must be text" };
  }
  if (metadata === noMetadata) return undefined;
  for (const [key, value] of Object.entries(metadata)) {
    if (key !== "__proto__" && typeof value === "string") continue;
    return { pointer: `/metadata/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, reason: "must be text" };
  }
  return undefined;
};

const noMetadata: Readonly<Record<string, string>> = Object.freeze({});

const metadataOf = (ofAll: EmitOptions["metadata"], own: EmitOptions["metadata"]): Readonly<Record<string, string>> =>
  ofAll === undefined ? (own ?? noMetadata) : own === undefined ? ofAll : { ...ofAll, ...own };

const outgoing = (
  emitter: Emitter,
  { ceType, ceDataschema }: Kind,
  header: EventHeader,
  data: Buffer,
  emit: EmitOptions,
): OutgoingMessage => {
  const traceparent = emit.traceparent ?? emitter.options.traceparent?.();
  const properties: { [name: string]: string } = {
    ce_specversion: "1.0",
    ce_id: header.id,
    ce_source: emitter.aggregate.topic.source,
    ce_type: ceType,
    ce_subject: header.aggregateId,
    ce_time: header.time,
    ce_dataschema: ceDataschema,
  };
  if (traceparent !== undefined) properties["traceparent"] = traceparent;
  // Pulsar's are unsigned, and 0 is none; the header has it in any case.
  const eventTimestamp = Math.max(0, header.time === lastText ? lastTime : Date.parse(header.time));
  const message = { data, partitionKey: header.aggregateId, eventTimestamp, properties };
  return emit.sequenceId === undefined ? message : { ...message, sequenceId: emit.sequenceId };
};

/** Waits for what was emitted before the call, and not for what comes while it waits. */
const flush = async (emitter: Emitter): Promise<void> => {
  const { round, flushed } = emitter;
  if (round.open > 0) {
    emitter.round = { open: 0, over: undefined };
    const over = new Promise<void>((resolve) => {
      round.over = resolve;
    });
    flushed.add(over);
    void over.then(() => flushed.delete(over));
  }
  if (flushed.size === 0) return;
  const before = [...flushed];
  await emitter.transport.flush();
  await Promise.all(before);
};

const close = (emitter: Emitter): Promise<void> => {
  emitter.closing ??= (async () => {
    try {
      await flush(emitter);
    } finally {
      await emitter.transport.close();
    }
  })();
  return emitter.closing;
};
