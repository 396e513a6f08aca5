import { readFileSync } from "node:fs";
import { type Attributes, context, propagation, SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createCodec,
  createConsumer,
  createMemoryBroker,
  createProducer,
  type Event,
  type MemoryBroker,
} from "../../src/runtime/index.js";
import { createTelemetry } from "../../src/runtime/open-telemetry.js";
import { added, branch, functions, renamed, smallModel } from "./small-model.js";

const { topic, counter } = smallModel("avro");
const spans = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
const meterProvider = new MeterProvider({ readers: [reader] });
const telemetry = createTelemetry({ tracerProvider, meterProvider });

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});
afterAll(async () => {
  context.disable();
  propagation.disable();
  await meterProvider.shutdown();
});

type Renamed = Event<"Renamed", { name: string }>;
type Added = Event<"Added", { amount: number }>;

/** Events as other programs have stored them. */
const store = async (broker: MemoryBroker) => {
  const newer = smallModel("avro", 6, [branch("RenamedV2", { name: "string" })]);
  const old = { type: "Added", versions: added.versions.slice(0, 2) };
  const renamed2 = { type: "Renamed", versions: [{ schema: {} }, { schema: {} }] };
  const raw = await broker.client().createProducer({ topic: topic.url });
  const header = { time: "2026-01-05T10:00:00.000Z", metadata: {} };
  const codec = await createCodec({ topic: newer.topic, aggregates: [{ ...newer.counter, events: [old, renamed2] }] });
  await raw.send({
    data: codec.encode(old, { ...header, id: "old", type: "Added", version: 2, aggregateId: "up" }, { amount: 1 }),
    partitionKey: "up",
  });
  await raw.send({
    data: codec.encode(renamed2, { ...header, id: "new", type: "Renamed", version: 2, aggregateId: "n" }, { name: "" }),
    partitionKey: "n",
  });
};

/** Everything that can be told of a consumer happens once at least. */
const scenario = async () => {
  const broker = createMemoryBroker({ topics: [topic] });
  const producer = await createProducer(broker.client(), counter, { added, renamed }, { telemetry });
  let broken = true;
  const inside: (string | undefined)[] = [];
  const consumer = await createConsumer(broker.client(), [counter], {
    subscription: "s",
    newer: "skip",
    deadLetterTopic: "persistent://a/b/dead",
    functions,
    telemetry,
    retry: { attempts: 1, minBackoff: 1, maxBackoff: 1 },
    handlers: {
      Added: (_event: Added) => {},
      Renamed: async (event: Renamed) => {
        inside.push(trace.getActiveSpan()?.spanContext().traceId);
        if (broken && event.data.name === "bad") throw new TypeError("broken");
        if (event.data.name === "first") await producer.renamed("next", { name: "second" }, { causation: event });
      },
    },
  });
  const send = (key: string, name: string, sequence: number) =>
    producer.renamed(key, { name }, { id: `${key}${sequence}`, sequence });
  await producer.renamed("a", { name: "first" });
  await send("b", "", 1);
  await send("b", "", 1);
  await send("b", "", 5);
  await send("c", "bad", 1);
  await send("c", "", 2);
  await store(broker);
  broker.faults.failSends(1, { error: "MessageTooBig" });
  await expect(send("d", "", 1)).rejects.toThrow("MessageTooBig");
  await consumer.whenCaughtUp();
  await reader.forceFlush();
  const parked = metric("evgen.consumer.parked.keys")?.dataPoints.map((point) => point.value);
  broken = false;
  await consumer.redrive();
  await consumer.whenCaughtUp();
  await reader.forceFlush();
  await consumer.close();
  return { inside, parked };
};

const metrics = (): readonly MetricData[] =>
  exporter
    .getMetrics()
    .at(-1)
    ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
const metric = (name: string) => metrics().find(({ descriptor }) => descriptor.name === name);
const sum = (name: string, where: Attributes = {}) =>
  metric(name)
    ?.dataPoints.filter(({ attributes }) => Object.entries(where).every(([key, value]) => attributes[key] === value))
    .reduce((total, { value }) => total + (typeof value === "number" ? value : value.count), 0);

/** The rows of a table of the page, cell by cell, without backticks. */
const table = (heading: string, first: string): readonly (readonly string[])[] => {
  const page = readFileSync(new URL("../../docs/telemetry.md", import.meta.url), "utf8");
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  const tables = section.split("\n\n").filter((part) => part.startsWith("|"));
  const lines = tables.find((part) => part.startsWith(`| ${first}`))?.split("\n") ?? [];
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
};
const names = (cell: string | undefined) => [...(cell ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");

it("emits what docs/telemetry.md says, and the page says all of it", async () => {
  const { inside, parked } = await scenario();
  const finished: readonly ReadableSpan[] = spans.getFinishedSpans();

  // one trace from what was sent first, through its handler, to what that has sent, and to the next handler
  const byName = (type: string, id?: string) =>
    finished.filter(
      (span) => span.name === `${type} ${topic.url}` && (id === undefined || span.attributes["evgen.event.id"] === id),
    );
  const first = byName("send")[0];
  const trace1 = first?.spanContext().traceId;
  const same = finished.filter((span) => span.spanContext().traceId === trace1);
  expect(same.map((span) => [span.name.split(" ")[0], span.kind])).toEqual([
    ["send", SpanKind.PRODUCER],
    ["send", SpanKind.PRODUCER],
    ["process", SpanKind.CONSUMER],
    ["process", SpanKind.CONSUMER],
  ]);
  const second = same.find((span) => span.name.startsWith("send") && span !== first);
  const handled = same.find(
    (span) => span.attributes["evgen.event.id"] === first?.attributes["evgen.event.id"] && span !== first,
  );
  expect(handled?.parentSpanContext?.spanId).toBe(first?.spanContext().spanId);
  expect(handled?.links.map((link) => link.context.spanId)).toEqual([first?.spanContext().spanId]);
  expect(second?.parentSpanContext?.spanId).toBe(handled?.spanContext().spanId);
  expect(inside[0]).toBe(trace1);
  // one that was parked is redriven in its own trace
  const [sent] = byName("send", "c1");
  expect(byName("process", "c1").map((span) => [span.spanContext().traceId, span.attributes["error.type"]])).toEqual([
    [sent?.spanContext().traceId, "TypeError"],
    [sent?.spanContext().traceId, undefined],
  ]);

  const inPage = new Map(table("Traces", "attribute").map(([name = "", of = ""]) => [names(name)[0] ?? "", of]));
  for (const kind of ["send", "process"]) {
    const emitted = new Set(byName(kind).flatMap((span) => Object.keys(span.attributes)));
    const said = [...inPage].filter(([, of]) => of === "both" || of === kind).map(([name]) => name);
    expect([...emitted].toSorted()).toEqual(said.toSorted());
  }

  const rows = table("Metrics", "name");
  expect(
    metrics()
      .map((one) => one.descriptor.name)
      .toSorted(),
  ).toEqual(rows.map(([name]) => names(name)[0]).toSorted());
  const kinds = { counter: DataPointType.SUM, gauge: DataPointType.GAUGE, histogram: DataPointType.HISTOGRAM };
  for (const [name, kind, unit, attributes] of rows) {
    const data = metric(names(name)[0] ?? "");
    const own = names(name)[0] ?? "";
    expect([own, data?.dataPointType, data?.descriptor.unit]).toEqual([
      own,
      kinds[kind as keyof typeof kinds],
      names(unit)[0],
    ]);
    const ofConsumer = own.startsWith("evgen.") || own.includes("process") || own.includes("consumed");
    const common = ["messaging.system"];
    if (ofConsumer) common.push("messaging.consumer.group.name", "evgen.consumer.name");
    const emitted = new Set(data?.dataPoints.flatMap((point) => Object.keys(point.attributes)));
    expect([own, [...emitted].toSorted()]).toEqual([own, [...common, ...names(attributes)].toSorted()]);
  }

  expect(parked).toEqual([1]);
  expect(sum("messaging.client.sent.messages")).toBe(8);
  expect(sum("messaging.client.sent.messages", { "error.type": "SendFailed" })).toBe(1);
  expect(sum("evgen.consumer.processed")).toBe(7);
  expect(sum("evgen.consumer.failed")).toBe(1);
  expect(sum("evgen.consumer.parked", { "evgen.reason": "failed" })).toBe(1);
  expect(sum("evgen.consumer.parked", { "evgen.reason": "blocked" })).toBe(1);
  expect(sum("evgen.consumer.redriven")).toBe(2);
  expect(sum("evgen.consumer.duplicates")).toBe(1);
  expect(sum("evgen.consumer.gaps")).toBe(1);
  expect(sum("evgen.consumer.upcasts", { "evgen.event.type": "Added", "evgen.event.version": 2 })).toBe(1);
  expect(sum("evgen.consumer.skipped")).toBe(1);
  expect(sum("messaging.process.duration")).toBe(8);
  expect(sum("evgen.consumer.parked.keys")).toBe(0);
  expect(sum("evgen.consumer.lag.events")).toBe(0);
});

it("asks nothing more of a consumer that was closed", async () => {
  let asked = 0;
  const none = { handled: 0, failed: 0, parked: 0, duplicates: 0, gaps: 0, upcasts: 0, skipped: 0, inFlight: 0 };
  const consumer = telemetry.consumer({
    name: "c",
    subscription: "c",
    topics: [],
    counts: () => none,
    parkedKeys: () => ++asked,
    parkedEvents: () => 0,
    lagSeconds: () => 0,
    lagEvents: async () => undefined,
  });
  await reader.forceFlush();
  expect(asked).toBe(1);
  consumer.close();
  await reader.forceFlush();
  expect(asked).toBe(1);
});

it("uses an SDK that is registered, unless it is told not to", async () => {
  spans.reset();
  trace.setGlobalTracerProvider(tracerProvider);
  const broker = createMemoryBroker({ topics: [topic] });
  const silent = await createProducer(broker.client(), counter, { added, renamed }, { telemetry: false });
  await silent.renamed("a", { name: "" });
  expect(spans.getFinishedSpans()).toEqual([]);
  const producer = await createProducer(broker.client(), counter, { added, renamed });
  await producer.renamed("a", { name: "" });
  expect(spans.getFinishedSpans().length).toBe(1);
  trace.disable();
});
