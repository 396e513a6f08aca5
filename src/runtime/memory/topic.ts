import type { AccessMode, SubscriptionType, TransportSchema } from "../transport.js";
import { Dispatcher } from "./dispatcher.js";
import { PartitionLog } from "./log.js";

/** A topic with its partitions, subscriptions, producers and schemas. */
export class Topic {
  readonly url: string;
  /** 0 without partitions; then there is one log all the same. */
  readonly partitions: number;
  readonly logs: readonly PartitionLog[];
  readonly subscriptions = new Map<string, Subscription>();
  readonly producers = new Set<ProducerHolder>();
  readonly waiting: (() => void)[] = [];
  /** The last sequence id of each producer, by partition. */
  readonly sequences: readonly Map<string, number>[];
  readonly #schemas: { readonly type: string; readonly definition: string; readonly text: string }[] = [];

  constructor(url: string, partitions: number) {
    this.url = url;
    this.partitions = partitions;
    this.logs =
      partitions === 0
        ? [new PartitionLog(url, -1)]
        : Array.from({ length: partitions }, (_, index) => new PartitionLog(`${url}-partition-${index}`, index));
    this.sequences = this.logs.map(() => new Map());
  }

  get schemas(): readonly TransportSchema[] {
    return this.#schemas.map(({ type, text }) => ({
      schemaType: type as "Avro" | "Json",
      name: this.url,
      schema: text,
    }));
  }

  /** Whether an equal schema is registered; names and white space do not count. */
  hasSchema(schema: TransportSchema): boolean {
    const definition = canonical(schema.schema);
    return this.#schemas.some((one) => one.type === schema.schemaType && one.definition === definition);
  }

  register(schema: TransportSchema): void {
    if (this.hasSchema(schema)) return;
    this.#schemas.push({ type: schema.schemaType, definition: canonical(schema.schema), text: schema.schema });
  }

  lastSequence(producer: string): number {
    return Math.max(-1, ...this.sequences.map((one) => one.get(producer) ?? -1));
  }
}

/** A producer as its topic sees it. */
export interface ProducerHolder {
  readonly name: string;
  readonly accessMode: AccessMode;
  fenced: boolean;
}

/** A durable subscription: a cursor a partition. */
export class Subscription {
  readonly name: string;
  type: SubscriptionType;
  readonly dispatchers: readonly Dispatcher[];
  consumers = 0;
  #drained: (() => void)[] = [];

  constructor(name: string, type: SubscriptionType, topic: Topic, position: "Earliest" | "Latest") {
    this.name = name;
    this.type = type;
    this.dispatchers = topic.logs.map(
      (log) => new Dispatcher(log, type, position === "Earliest" ? log.start : log.end),
    );
  }

  get drained(): boolean {
    return this.dispatchers.every((dispatcher) => dispatcher.drained);
  }

  get backlog(): number {
    return this.dispatchers.reduce((sum, dispatcher) => sum + dispatcher.backlog, 0);
  }

  /** A type may change while nobody consumes. */
  setType(type: SubscriptionType): void {
    this.type = type;
    for (const dispatcher of this.dispatchers) dispatcher.type = type;
  }

  whenDrained(): Promise<void> {
    return this.drained ? Promise.resolve() : new Promise((resolve) => this.#drained.push(resolve));
  }

  acknowledged(): void {
    if (this.#drained.length > 0 && this.drained) for (const callback of this.#drained.splice(0)) callback();
  }
}

const canonical = (text: string): string => {
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
};

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "doc" && key !== "aliases")
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
};
