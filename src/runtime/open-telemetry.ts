import {
  type Attributes,
  context,
  type MeterProvider,
  metrics,
  type ObservableResult,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import type { ConsumerNotice } from "./consumer.js";
import type { EventHeader } from "./definitions.js";
import { messageOf } from "./errors.js";
import type { ConsumerState, ConsumerTelemetry, HandledMessage, ProducerTelemetry, Telemetry } from "./telemetry.js";

export type { Telemetry } from "./telemetry.js";

/** Where to; what is not said is what the SDK has registered. */
export interface TelemetryOptions {
  readonly tracerProvider?: TracerProvider;
  readonly meterProvider?: MeterProvider;
}

/** Traces and metrics by OpenTelemetry's API. The trace context travels in the properties of the messages. */
export const createTelemetry = (options: TelemetryOptions = {}): Telemetry => {
  const tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer("evgen");
  const meter = (options.meterProvider ?? metrics.getMeterProvider()).getMeter("evgen");
  const counter = (name: string, unit: string, description: string) => meter.createCounter(name, { unit, description });
  const seconds = (name: string, description: string) =>
    meter.createHistogram(name, {
      unit: "s",
      description,
      advice: {
        explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
      },
    });
  const instruments = {
    sent: counter("messaging.client.sent.messages", "{message}", "Messages that were sent, or could not be"),
    sendDuration: seconds("messaging.client.operation.duration", "How long it takes until the broker has an event"),
    consumed: counter("messaging.client.consumed.messages", "{message}", "Messages that were handed to a handler"),
    processDuration: seconds("messaging.process.duration", "How long a handler takes, each attempt by itself"),
    processed: counter("evgen.consumer.processed", "{event}", "Events that were handled"),
    failed: counter("evgen.consumer.failed", "{attempt}", "Attempts that have failed"),
    parked: counter("evgen.consumer.parked", "{event}", "Events that were parked"),
    redriven: counter("evgen.consumer.redriven", "{event}", "Parked events that were handled again"),
    duplicates: counter("evgen.consumer.duplicates", "{event}", "Events that had been handled before"),
    gaps: counter("evgen.consumer.gaps", "{event}", "Events before which others of their stream are missing"),
    upcasts: counter("evgen.consumer.upcasts", "{event}", "Handled events that were stored in an older version"),
    skipped: counter("evgen.consumer.skipped", "{event}", "Newer events that were passed over by the policy"),
  };

  /** A span, current while `run` runs; how long it takes; and how it ends. */
  const measured = async <T>(
    span: Span,
    run: () => Promise<T>,
    end: (seconds: number, error: Attributes) => void,
  ): Promise<T> => {
    const began = performance.now();
    let error: Attributes = {};
    try {
      return await context.with(trace.setSpan(context.active(), span), run);
    } catch (failure) {
      error = { "error.type": failure instanceof Error ? failure.name : "_OTHER" };
      span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(failure) }).setAttributes(error);
      throw failure;
    } finally {
      span.end();
      end((performance.now() - began) / 1000, error);
    }
  };

  const producer = ({ topic }: { readonly topic: string }): ProducerTelemetry => {
    const common = { "messaging.system": "pulsar", "messaging.destination.name": topic };
    const operation = { ...common, "messaging.operation.name": "send" };
    return {
      send: async (header, send) => {
        const attributes = { ...operation, "messaging.operation.type": "send", ...aboutEvent(header) };
        const span = tracer.startSpan(`send ${topic}`, { kind: SpanKind.PRODUCER, attributes });
        return measured(
          span,
          () => {
            const properties: { [name: string]: string } = {};
            propagation.inject(context.active(), properties);
            return send(properties);
          },
          (time, error) => {
            instruments.sent.add(1, { ...operation, "evgen.event.type": header.type, ...error });
            instruments.sendDuration.record(time, { ...operation, ...error });
          },
        );
      },
    };
  };

  const consumer = (of: ConsumerState): ConsumerTelemetry => {
    const group = { "messaging.consumer.group.name": of.subscription, "evgen.consumer.name": of.name };
    const common = { "messaging.system": "pulsar", ...group };
    const observed = observe(meter, of, common);
    return {
      handle: async ({ header, topic, properties, messageId, attempt }: HandledMessage, run) => {
        const parent = propagation.extract(context.active(), properties);
        const remote = trace.getSpanContext(parent);
        const operation = { ...common, "messaging.destination.name": topic, "messaging.operation.name": "process" };
        const attributes: Attributes = {
          ...operation,
          "messaging.operation.type": "process",
          "messaging.destination.subscription.name": of.subscription,
          ...(messageId === undefined ? {} : { "messaging.message.id": messageId }),
          ...aboutEvent(header),
          "evgen.attempt": attempt,
        };
        const links = remote === undefined ? [] : [{ context: remote }];
        const span = tracer.startSpan(`process ${topic}`, { kind: SpanKind.CONSUMER, attributes, links }, parent);
        instruments.consumed.add(1, { ...operation, "evgen.event.type": header.type });
        return context.with(parent, () =>
          measured(span, run, (time, error) =>
            instruments.processDuration.record(time, { ...operation, "evgen.event.type": header.type, ...error }),
          ),
        );
      },
      notice: (notice) => count(instruments, notice, common),
      close: () => observed(),
    };
  };
  return { producer, consumer };
};

const aboutEvent = (header: EventHeader): Attributes => ({
  "evgen.event.id": header.id,
  "evgen.event.type": header.type,
  "evgen.event.version": header.version,
  "evgen.aggregate.id": header.aggregateId,
});

type Counters = {
  readonly [Name in "processed" | "failed" | "parked" | "redriven" | "duplicates" | "gaps" | "upcasts" | "skipped"]: {
    add(value: number, attributes: Attributes): void;
  };
};

const count = (counters: Counters, notice: ConsumerNotice, common: Attributes): void => {
  const about = (header: EventHeader | undefined): Attributes => ({
    ...common,
    ...(header === undefined ? {} : { "evgen.event.type": header.type }),
  });
  switch (notice.kind) {
    case "handled":
      counters.processed.add(1, about(notice.header));
      if (notice.upcast) {
        counters.upcasts.add(1, { ...about(notice.header), "evgen.event.version": notice.header.version });
      }
      break;
    case "failed":
      counters.failed.add(1, about(notice.header));
      break;
    case "parked":
      counters.parked.add(1, { ...about(notice.header), "evgen.reason": notice.reason });
      break;
    case "redriven":
      counters.redriven.add(notice.resolved, common);
      break;
    case "duplicate":
      counters.duplicates.add(1, about(notice.header));
      break;
    case "gap":
      counters.gaps.add(1, about(notice.header));
      break;
    case "skipped":
      counters.skipped.add(1, about(notice.header));
      break;
    case "acknowledgement-failed":
    case "dead-letter-topic-lost":
      break;
  }
};

/** What is asked whenever metrics are read; gives what ends it. */
const observe = (meter: ReturnType<MeterProvider["getMeter"]>, of: ConsumerState, common: Attributes): (() => void) => {
  const gauges: readonly (readonly [name: string, unit: string, description: string, value: () => Value])[] = [
    ["evgen.consumer.in_flight", "{event}", "Events in hand", () => of.counts().inFlight],
    ["evgen.consumer.parked.keys", "{key}", "Keys that are parked, by all processes of the consumer", of.parkedKeys],
    ["evgen.consumer.parked.events", "{event}", "Events that are parked and not redriven", of.parkedEvents],
    ["evgen.consumer.lag.time", "s", "Time since the event that is being handled was published", of.lagSeconds],
    ["evgen.consumer.lag.events", "{event}", "Events that were published and are not handled", of.lagEvents],
  ];
  const ends = gauges.map(([name, unit, description, value]) => {
    const gauge = meter.createObservableGauge(name, { unit, description });
    const callback = async (result: ObservableResult) => {
      const now = await value();
      if (now !== undefined) result.observe(now, common);
    };
    gauge.addCallback(callback);
    return () => gauge.removeCallback(callback);
  });
  return () => {
    for (const end of ends) end();
  };
};

type Value = number | Promise<number | undefined>;
