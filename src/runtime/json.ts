import { isUtf8 } from "node:buffer";
import { NotAvro } from "./avro-values.js";
import type { EventHeader, TopicDefinition } from "./definitions.js";
import type { Encoding, Stored } from "./encoding.js";
import { exactText } from "./exact-json.js";
import { formats } from "./formats.js";
import { compileExactness, type Exactness } from "./json-exactness.js";
import { compileReviver, type Reviver, wrapLargeIntegers } from "./json-reviver.js";
import type { Envelope } from "./shape.js";
import { millisecondsOf, timestampOf } from "./times.js";

/**
 * The JSON encoding of a topic: the envelope's record as plain JSON. `time` is a number of milliseconds, as the
 * registered definition says and as typed clients of Pulsar read it; in `data` times and decimals are text, bytes are
 * base64, and a bigint is a number with all its digits.
 */
export const jsonEncoding = (topic: TopicDefinition, envelope: Envelope): Encoding => {
  const bigints = topic.long === "bigint";
  const exact = envelope.branches.map((branch) => compileExactness(branch));
  const revivers = envelope.branches.map((branch) => compileReviver(branch, bigints));
  return {
    encode: (header, data, branch) => Buffer.from(encode(header, data, exact[branch] as Exactness), "utf8"),
    decode: (payload) => decode(payload, bigints, envelope, revivers),
  };
};

const encode = (header: EventHeader, data: unknown, exact: Exactness): string => {
  const { id, type, version, aggregateId, sequence, time, correlationId, causationId, metadata } = header;
  const special = exact(data);
  const record = {
    id,
    type,
    version,
    aggregateId,
    sequence,
    time: millisecondsOf(time),
    correlationId,
    causationId,
    metadata,
    data: special ? undefined : data,
  };
  let text = JSON.stringify(record);
  if (special) text = `${text.slice(0, -1)},"data":${exactText(data)}}`;
  // JSON.stringify writes half a pair as an escape: what Avro cannot carry is refused here too.
  if (text.includes("\\") && /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(text)) {
    throw new NotAvro("text holds half of a surrogate pair");
  }
  return text;
};

const decode = (
  payload: Buffer,
  bigints: boolean,
  envelope: Envelope,
  revivers: readonly (Reviver | undefined)[],
): Stored | string => {
  if (!isUtf8(payload)) return "the payload is not UTF-8";
  const text = payload.toString("utf8");
  const wrapped = bigints ? wrapLargeIntegers(text) : text;
  let parsed: unknown;
  try {
    parsed = JSON.parse(wrapped);
  } catch (error) {
    return `the payload is not JSON: ${(error as Error).message}`;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return "the payload is not a JSON object";
  const header = headerOf(parsed as RawHeader);
  if (typeof header === "string") return header;
  const raw = (parsed as RawHeader).data;
  if (typeof raw !== "object" || raw === null) return '"data" is not an object';
  const branch = envelope.indexes.get(`${header.type}V${header.version}`);
  if (branch === undefined) return { header, branch, data: undefined };
  try {
    revivers[branch]?.(raw, wrapped !== text);
  } catch (error) {
    if (error instanceof RangeError || error instanceof NotAvro) return error.message;
    throw error;
  }
  return { header, branch, data: raw };
};

interface RawHeader {
  readonly id: unknown;
  readonly type: unknown;
  readonly version: unknown;
  readonly aggregateId: unknown;
  readonly sequence: unknown;
  readonly time: unknown;
  readonly correlationId: unknown;
  readonly causationId: unknown;
  readonly metadata: unknown;
  readonly data: unknown;
}

const headerOf = (raw: RawHeader): EventHeader | string => {
  const { id, type, version, aggregateId, metadata } = raw;
  if (typeof id !== "string") return '"id" is not text';
  if (typeof type !== "string") return '"type" is not text';
  if (typeof version !== "number" || version !== (version | 0)) return '"version" is not an integer';
  if (typeof aggregateId !== "string") return '"aggregateId" is not text';
  const time = timeOf(raw.time);
  if (time === undefined) return '"time" is neither milliseconds since 1970 nor a timestamp';
  const sequence = raw.sequence ?? undefined;
  if (sequence !== undefined && !Number.isSafeInteger(sequence)) return '"sequence" is not an integer';
  const correlationId = raw.correlationId ?? undefined;
  const causationId = raw.causationId ?? undefined;
  if (correlationId !== undefined && typeof correlationId !== "string") return '"correlationId" is not text';
  if (causationId !== undefined && typeof causationId !== "string") return '"causationId" is not text';
  if (!isTexts(metadata)) return '"metadata" is not an object of texts';
  return {
    id,
    type,
    version,
    aggregateId,
    sequence: sequence as number | undefined,
    time,
    correlationId,
    causationId,
    metadata,
  };
};

const timeOf = (time: unknown): string | undefined => {
  if (typeof time === "number") {
    return Number.isSafeInteger(time) &&
      Math.abs(time) < 3e14 &&
      time > -62_135_596_800_001 &&
      time < 253_402_300_800_000
      ? timestampOf(time)
      : undefined;
  }
  return typeof time === "string" && formats.timestamp.test(time) ? time : undefined;
};

const isTexts = (value: unknown): value is Record<string, string> => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  for (const key in value) {
    if (typeof (value as Record<string, unknown>)[key] !== "string" || key === "__proto__") return false;
  }
  return true;
};
