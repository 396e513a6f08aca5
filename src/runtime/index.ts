/** What generated code imports, and what its users call. */

export { type AnyRow, applyChange } from "./apply-change.js";
export { checksumOf, type RowsChecksum } from "./checksum.js";
export { type Cancel, type Clock, createManualClock, type ManualClock } from "./clock.js";
export { type Codec, type CodecOptions, createCodec, type Decoded } from "./codec.js";
export {
  type ConsumerOptions,
  createConsumer,
  createDefinedConsumer,
  type DefinedConsumerOptions,
  type NoFunctions,
  type WithFunctions,
} from "./consume.js";
export type {
  Consumer,
  ConsumerCounts,
  ConsumerNotice,
  ConsumerSettings,
  Redriven,
  StreamGap,
} from "./consumer.js";
export * from "./conversions.js";
export type * from "./definitions.js";
export {
  AlreadyClosed,
  ConsumerHalted,
  type FailureCode,
  NotApplied,
  type Problem,
  ProjectionError,
  RowsOutdated,
  SchemaRefused,
  SendFailed,
  StoreMismatch,
  TransportFailed,
  UnknownTarget,
  UnsupportedByTransport,
  ValidationFailed,
} from "./errors.js";
export { type Fold, type FoldedRow, loadFold } from "./fold.js";
export type { GuardMark, GuardStore } from "./guard.js";
export { newId, uuid } from "./ids.js";
export { isMark, type ParkingReason, parkingProperties } from "./logbook.js";
export { createMemoryBroker, type MemoryBroker, type MemoryBrokerOptions, type MemoryClient } from "./memory/broker.js";
export type { Faults } from "./memory/faults.js";
export { MemoryMessageId } from "./memory/message-id.js";
export { createMemoryStore, type MemoryStore } from "./memory-store.js";
export { PulsarMessageId } from "./message-id.js";
export { createNativeClient, type NativeClient, type NativeClientConfig, type PulsarModule } from "./native.js";
export type { LogLine } from "./native-log.js";
export { schemaOf } from "./open-producer.js";
export { isAskedFor, type PagePlan, pageOf, planPage } from "./page.js";
export {
  createProducer,
  type EmitMethods,
  type EmitOptions,
  type Producer,
  type ProducerOptions,
} from "./produce.js";
export { type ProjectionOptions, type ProjectionSettings, runProjection } from "./project.js";
export {
  type Equals,
  type EventMark,
  openReader,
  type Page,
  type PageOptions,
  type ProjectionReader,
  type WaitOptions,
} from "./reader.js";
export { type Stoppable, stopOnSignals } from "./stop-on-signals.js";
export type {
  AnyProjection,
  KeyedRow,
  ProjectionRows,
  ProjectionStore,
  ProjectionWrite,
  RowPage,
  RowQuery,
  StoredTarget,
} from "./store.js";
export { type StoredShape, shapeDifferences } from "./store-shape.js";
export { type StoredForm, storedForm } from "./stored-form.js";
export type {
  ConsumerState,
  ConsumerTelemetry,
  HandledMessage,
  ProducerTelemetry,
  Telemetry,
} from "./telemetry.js";
export type * from "./transport.js";
