import type { EventHeader } from "./definitions.js";
import { exactText } from "./exact-json.js";

/** One thing that is wrong with a value. */
export interface Problem {
  /** A JSON pointer into the value; empty for the value itself. */
  readonly pointer: string;
  readonly reason: string;
}

/** A value that is not valid, with everything that is wrong with it. */
export class ValidationFailed extends Error {
  override readonly name = "ValidationFailed";
  /** What was validated: `OrderPlaced version 2 of "o1"`. */
  readonly subject: string;
  readonly problems: readonly Problem[];

  constructor(subject: string, problems: readonly Problem[]) {
    super(`${subject} is not valid: ${describeProblems(problems)}`);
    this.subject = subject;
    this.problems = problems;
  }
}

/** An event that could not be sent. The others of the producer are not touched. */
export class SendFailed extends Error {
  override readonly name = "SendFailed";
  readonly event: EventHeader;

  constructor(event: EventHeader, cause: unknown) {
    super(`${event.type} ${event.id} of "${event.aggregateId}" was not sent: ${messageOf(cause)}`, { cause });
    this.event = event;
  }
}

/** A producer or consumer that was used after `close()`. */
export class AlreadyClosed extends Error {
  override readonly name = "AlreadyClosed";
}

/** A consumer that stopped by itself. What it has not acknowledged comes back when it is started again. */
export class ConsumerHalted extends Error {
  override readonly name = "ConsumerHalted";
  readonly consumer: string;

  constructor(consumer: string, reason: string, cause?: unknown) {
    super(`${consumer} has halted: ${reason}`, cause === undefined ? undefined : { cause });
    this.consumer = consumer;
  }
}

/** An event that cannot be applied to a projection: it would leave a row that is incomplete or not valid. */
export class ProjectionError extends Error {
  override readonly name = "ProjectionError";
  readonly projection: string;
  readonly event: EventHeader | undefined;
  readonly key: unknown;
  readonly missing: readonly string[];

  constructor(
    projection: string,
    details: { event: EventHeader | undefined; key: unknown; missing: readonly string[]; reason: string },
  ) {
    const event = details.event === undefined ? "" : `${details.event.type} ${details.event.id}: `;
    super(`${projection}, ${event}${details.reason} (key ${exactText(details.key)})`);
    this.projection = projection;
    this.event = details.event;
    this.key = details.key;
    this.missing = details.missing;
  }
}

/** There is no such copy of the rows of a projection. */
export class UnknownTarget extends Error {
  override readonly name = "UnknownTarget";
  readonly target: string;

  constructor(table: string, target: string) {
    super(`the store has no rows of ${table} that are called ${target}`);
    this.target = target;
  }
}

/** Rows that were begun by another version of a projection's code: to go on with them would mix what the two make of events. */
export class RowsOutdated extends Error {
  override readonly name = "RowsOutdated";
  readonly target: string;

  constructor(projection: string, target: string, version: number) {
    super(
      `${target} was begun when ${projection} was another one, and rows of both would be mixed. Give it \`version: ${version + 1}\` in the model, so that its rows are built anew beside these; or set \`outdated: "go-on"\` when the change makes no other rows of what is stored`,
    );
    this.target = target;
  }
}

/** An event that the rows of a projection do not hold after the time that was given to them. */
export class NotApplied extends Error {
  override readonly name = "NotApplied";
  readonly projection: string;

  constructor(projection: string, event: Pick<EventHeader, "type" | "id" | "aggregateId">, timeout: number) {
    const { type, id, aggregateId } = event;
    super(
      `${projection} does not hold ${type} ${id} of "${aggregateId}" after ${timeout} ms: it is behind, or the event is parked`,
    );
    this.projection = projection;
  }
}

/** Rows in a store that were made for a projection with other fields, or for another projection. */
export class StoreMismatch extends Error {
  override readonly name = "StoreMismatch";
  /** What the rows are called in the store. */
  readonly target: string;
  readonly differences: readonly string[];

  constructor(target: string, differences: readonly string[]) {
    const shown =
      differences.length > 5 ? [...differences.slice(0, 5), `and ${differences.length - 5} more`] : differences;
    super(
      `${target} in the store was made for other rows: ${shown.join("; ")}. Give the projection another \`version\` in the model, so that its rows are built anew beside these, or drop them`,
    );
    this.target = target;
    this.differences = differences;
  }
}

/**
 * What a broker or its connection refused, in the words of the official client: `Failed to create producer:
 * ProducerBusy`, followed by the broker's own reason where it gave one.
 */
export class TransportFailed extends Error {
  override readonly name = "TransportFailed";
  readonly code: FailureCode;
  /** The broker's own words. */
  readonly reason: string | undefined;

  constructor(what: string, code: FailureCode, reason?: string, cause?: unknown) {
    const detail = reason === undefined || reason === "" ? "" : `: ${reason}`;
    super(`Failed to ${what}: ${code}${detail}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.reason = reason;
  }
}

/** Result names of the official client, which has many more; what is not among these is told apart by its reason. */
export type FailureCode =
  | "AlreadyClosed"
  | "AuthenticationError"
  | "AuthorizationError"
  | "ConnectError"
  | "ConsumerBusy"
  | "IncompatibleSchema"
  | "InvalidConfiguration"
  | "InvalidTopicName"
  | "MessageTooBig"
  | "NotAllowedError"
  | "ProducerBlockedQuotaExceeded"
  | "ProducerBusy"
  | "ProducerFenced"
  | "ProducerQueueIsFull"
  | "TimeOut"
  | "TooManyRequests"
  | "TopicNotFound"
  | "TopicTerminated"
  | "UnknownError";

/** A schema that the broker does not let in: it has to be registered first, as `evgen apply` or register.sh does it. */
export class SchemaRefused extends Error {
  override readonly name = "SchemaRefused";
  readonly topic: string;
  /** The full name of the topic's record. */
  readonly schema: string;
  /** How it differs from what is registered; empty where that cannot be known. */
  readonly differences: readonly string[];

  constructor(topic: string, schema: string, differences: readonly string[], help: string, cause: unknown) {
    const shown =
      differences.length > 5 ? [...differences.slice(0, 5), `and ${differences.length - 5} more`] : differences;
    const how = shown.length === 0 ? "" : ` It differs from what is registered: ${shown.join("; ")}.`;
    super(`the broker refuses the schema ${schema} on ${topic}: ${messageOf(cause)}.${how} ${help}`, { cause });
    this.topic = topic;
    this.schema = schema;
    this.differences = differences;
  }
}

/** Something that the transport cannot do; `capabilities` of the client says so beforehand. */
export class UnsupportedByTransport extends Error {
  override readonly name = "UnsupportedByTransport";
  readonly capability: string;

  constructor(capability: string, instead: string) {
    super(`this transport cannot do "${capability}": ${instead}`);
    this.capability = capability;
  }
}

/** The problems as one line, no longer than a person reads. */
export const describeProblems = (problems: readonly Problem[]): string => {
  const shown = problems.slice(0, 5).map(({ pointer, reason }) => `${pointer === "" ? "it" : pointer} ${reason}`);
  return shown.join("; ") + (problems.length > 5 ? `; and ${problems.length - 5} more` : "");
};

/** What a thrown value says. */
export const messageOf = (error: unknown): string => {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "something was thrown that has no text";
  }
};
