import { createHash, randomFillSync } from "node:crypto";
import type { Uuid } from "./definitions.js";

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The text as a key of the type `uuid`. Throws a TypeError when it is not a UUID in lower case. */
export const uuid = (text: string): Uuid => {
  if (!isUuid(text)) throw new TypeError(`${JSON.stringify(text)} is not a UUID in lower case`);
  return text;
};

/** Whether the text is a UUID in lower case. */
export const isUuid = (text: string): text is Uuid => form.test(text);

/** A new UUID of version 7: ids that are made later sort later, also within one millisecond. */
export const newId = (now: number = Date.now()): Uuid => {
  // A clock that stands still or steps back must not break the order, so the last time is kept and a counter goes on.
  if (now > lastTime) {
    lastTime = now;
    counter = nextRandom() & 0x7ff;
  } else if (++counter > 0xfff) {
    lastTime++;
    counter = 0;
  }
  const high = Math.floor(lastTime / 0x10000);
  const low = lastTime % 0x10000;
  const r0 = nextRandom();
  const r1 = nextRandom();
  const r2 = nextRandom();
  const r3 = nextRandom();
  return `${four(high >>> 16)}${four(high & 0xffff)}-${four(low)}-${four(0x7000 | counter)}-${four(0x8000 | (r0 & 0x3fff))}-${four(r1)}${four(r2)}${four(r3)}` as Uuid;
};

let lastTime = 0;
let counter = 0;

const pool = new Uint16Array(1024);
let position = pool.length;

const nextRandom = (): number => {
  if (position === pool.length) {
    randomFillSync(pool);
    position = 0;
  }
  return pool[position++] as number;
};

const hex: readonly string[] = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

const four = (number: number): string => (hex[number >>> 8] as string) + (hex[number & 0xff] as string);

/** The UUID of version 5 for a name in the namespace of another UUID: the same for the same two, always. */
export const derivedId = (namespace: string, name: string): Uuid => {
  const hash = createHash("sha1");
  // Ids of other producers are not always UUIDs; their text serves as well.
  hash.update(isUuid(namespace) ? Buffer.from(namespace.replaceAll("-", ""), "hex") : Buffer.from(namespace, "utf8"));
  const bytes = hash.update(name, "utf8").digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const text = bytes.toString("hex");
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}` as Uuid;
};
