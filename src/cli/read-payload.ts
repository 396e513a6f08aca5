import type { Model, Topic } from "../model/model.js";
import { createCodec, encodingOf } from "../runtime/codec.js";
import type { ParkedEvent } from "../runtime/dead-letters.js";
import type { Functions } from "../runtime/definitions.js";
import { envelopeOf } from "../runtime/shape.js";
import type { Message } from "../runtime/transport.js";
import { definitionsOf } from "../verify/definitions-of.js";

/** What is in a parked message; everything in a form that JSON can carry. */
export interface Payload {
  /** As it was written, where the bytes can be read at all. */
  readonly stored?: { readonly header: unknown; readonly data?: unknown };
  /** What a handler of today's model is given: the event in its current version, or those that it became. */
  readonly reads?: readonly { readonly type: string; readonly data: unknown }[];
  /** Why a handler cannot be given anything. */
  readonly unreadable?: string;
  /** The bytes, where they cannot be read. */
  readonly base64?: string;
}

/** Reads payloads by a model, on the one decode path that its generated code takes. */
export const createPayloadReader = (model: Model): ((parked: ParkedEvent, message: Message) => Promise<Payload>) => {
  const { aggregates } = definitionsOf(model);
  const open = async (topic: Topic) => {
    const own = topic.aggregates.flatMap((aggregate) => aggregates.get(aggregate) ?? []);
    const definition = own[0]?.topic;
    if (definition === undefined) return undefined;
    const codec = await createCodec({ topic: definition, aggregates: own, functions: absent });
    return { codec, encoding: await encodingOf(definition, envelopeOf(definition)) };
  };
  const opened = new Map<Topic, ReturnType<typeof open>>();
  return async (parked, message) => {
    const bytes = message.getData();
    const base64 = bytes.toString("base64");
    // By its name: in another environment the rest of it is another.
    const topic = model.topics.find(({ name }) => name === parked.topic.slice(parked.topic.lastIndexOf("/") + 1));
    const reading = topic === undefined ? undefined : (opened.get(topic) ?? open(topic));
    if (topic !== undefined && reading !== undefined) opened.set(topic, reading);
    const found = await reading;
    if (found === undefined) return { unreadable: `the model has no topic "${parked.topic}"`, base64 };
    const raw = found.encoding.decode(bytes);
    if (typeof raw === "string") return { unreadable: raw, base64 };
    const known = raw.branch !== undefined;
    const stored = { header: plain(raw.header), ...(known ? { data: plain(raw.data) } : {}) };
    const decoded = found.codec.decode(bytes);
    if (decoded.kind === "events")
      return { stored, reads: decoded.events.map(({ type, data }) => ({ type, data: plain(data) })) };
    const unreadable = "reason" in decoded ? decoded.reason : "it is of no aggregate of the topic";
    return { stored, unreadable, ...(known ? {} : { base64 }) };
  };
};

/** The functions of `by:` are the user's, and only in their own code. */
const absent: Functions = new Proxy<Functions>(
  {},
  {
    get: (_, name) => () => {
      throw new Error(`it calls your function ${String(name)}, which evgen does not have`);
    },
  },
);

/** As JSON can carry it: integers of 64 bits as text, bytes in base64. */
const plain = (value: unknown): unknown => {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
};
