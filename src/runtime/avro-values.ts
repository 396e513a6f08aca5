import { isUtf8 } from "node:buffer";
import { exactText, hasNegativeZero } from "./exact-json.js";
import { dateOf, daysOf, millisecondsOf, timestampOf } from "./times.js";

/** What avsc reads from and writes to: a buffer and a place in it. Writing beyond its end is noticed by avsc afterwards. */
export interface Tap {
  buf: Buffer;
  pos: number;
  readLong(): number;
  writeLong(value: number): void;
  writeString(value: string): void;
  readDouble(): number;
  writeDouble(value: number): void;
  readFloat(): number;
  writeFloat(value: number): void;
  writeBytes(value: Buffer): void;
  unpackLongBytes(): Buffer;
  /** The payload with a character for each byte, where it is short. */
  latin?: string;
  /** How many items without bytes have been read: nothing else bounds them. */
  empty?: number;
  packLongBytes(value: Buffer): void;
}

/** A value that Avro cannot carry, or bytes that are not what the schema says. */
export class NotAvro extends Error {
  override readonly name = "NotAvro";
}

const malformed = (reason: string): never => {
  throw new NotAvro(reason);
};

/** How values in memory are written to and read from Avro's bytes; the compiled code of avro.ts calls these. */
export const values = {
  malformed,

  // Most texts are short and ASCII: they are written without asking for their length in bytes.
  writeText(tap: Tap, text: string): void {
    const { length } = text;
    const { buf, pos } = tap;
    let at = 0;
    if (length < 64) {
      buf[pos] = length << 1;
      for (let code = 0; at < length; at++) {
        code = text.charCodeAt(at);
        if (code > 127) break;
        buf[pos + 1 + at] = code;
      }
    }
    if (at === length) tap.pos = pos + 1 + length;
    else writeLongText(tap, text);
  },
  // A part of a text costs less than a call that decodes bytes; it is used where there is only ASCII.
  readText(tap: Tap): string {
    const { buf, latin } = tap;
    const length = values.readLong(tap);
    const start = tap.pos;
    const end = start + length;
    if (length < 0 || end > buf.length) malformed("the payload ends too early");
    if (latin !== undefined) {
      let at = start;
      while (at < end && (buf[at] as number) < 128) at++;
      if (at === end) {
        tap.pos = end;
        return latin.substring(start, end);
      }
    }
    tap.pos = end;
    const text = buf.toString("utf8", start, end);
    // U+FFFD is what invalid bytes would be replaced by, in silence.
    if (text.includes("\ufffd") && !isUtf8(buf.subarray(start, end))) malformed("text is not UTF-8");
    return text;
  },

  writeKey(tap: Tap, key: string): void {
    if (key === "__proto__") malformed('a map has the key "__proto__"');
    values.writeText(tap, key);
  },
  readKey(tap: Tap): string {
    const key = values.readText(tap);
    if (key === "__proto__") malformed('a map has the key "__proto__"');
    return key;
  },

  writeBoolean(tap: Tap, value: boolean): void {
    tap.buf[tap.pos++] = value ? 1 : 0;
  },
  readBoolean(tap: Tap): boolean {
    const byte = tap.buf[tap.pos++];
    return byte === 1 ? true : byte === 0 ? false : malformed("a boolean is neither 0 nor 1");
  },

  // avsc's own arithmetic loses the last bit near 2^53, so large ones go through 64 bits.
  writeLong(tap: Tap, value: number): void {
    if (value < exact && value > -exact) tap.writeLong(value);
    else values.writeBigint(tap, BigInt(value));
  },
  readLong(tap: Tap): number {
    const from = tap.pos;
    const byte = tap.buf[from] as number;
    if (byte < 128) {
      tap.pos = from + 1;
      return (byte >> 1) ^ -(byte & 1);
    }
    const value = tap.readLong();
    if (tap.pos > tap.buf.length) malformed("the payload ends too early");
    if (value < exact && value > -exact) return value;
    tap.pos = from;
    const whole = values.readBigint(tap);
    const number = Number(whole);
    return Number.isSafeInteger(number) ? number : malformed(`${whole} is beyond 2^53`);
  },
  readInt(tap: Tap): number {
    const value = values.readLong(tap);
    return value === (value | 0) ? value : malformed(`${value} is beyond 32 bits`);
  },
  writeBigint(tap: Tap, value: bigint): void {
    scratch.writeBigInt64LE(value);
    tap.packLongBytes(scratch);
  },
  readBigint(tap: Tap): bigint {
    const from = tap.pos;
    const value = tap.unpackLongBytes().readBigInt64LE();
    if (tap.pos > tap.buf.length) malformed("the payload ends too early");
    if (tap.pos - from > 10) malformed("a long has more than ten bytes");
    return value;
  },

  writeFloat(tap: Tap, value: number): void {
    tap.writeFloat(value);
  },
  readFloat(tap: Tap): number {
    return finite(tap.readFloat());
  },
  writeDouble(tap: Tap, value: number): void {
    tap.writeDouble(value);
  },
  readDouble(tap: Tap): number {
    return finite(tap.readDouble());
  },

  writeBytes(tap: Tap, bytes: Uint8Array): void {
    tap.writeBytes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  },
  readBytes(tap: Tap): Uint8Array {
    return new Uint8Array(slice(tap));
  },

  writeTimestamp(tap: Tap, text: string): void {
    tap.writeLong(millisecondsOf(text));
  },
  readTimestamp(tap: Tap): string {
    return timestampOf(values.readLong(tap));
  },
  writeDate(tap: Tap, text: string): void {
    tap.writeLong(daysOf(text));
  },
  readDate(tap: Tap): string {
    return dateOf(values.readLong(tap));
  },

  writeJson(tap: Tap, value: unknown): void {
    tap.writeString(jsonText(value));
  },
  readJson(tap: Tap): unknown {
    const text = values.readText(tap);
    try {
      return JSON.parse(text);
    } catch {
      return malformed("a field of the type json does not hold JSON");
    }
  },

  /** Unscaled, in two's complement, as short as it goes. */
  writeDecimal(tap: Tap, text: string, scale: number): void {
    // Fifteen digits are exact in a number; a sign and a point may stand between them.
    if (text.length > 15) {
      writeLargeDecimal(tap, text, scale);
      return;
    }
    const negative = text.charCodeAt(0) === 45;
    let unscaled = 0;
    for (let at = negative ? 1 : 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code !== 46) unscaled = unscaled * 10 + (code - 48);
    }
    if (negative) unscaled = -unscaled;
    let length = 1;
    for (let limit = 128; length < 7 && (unscaled >= limit || unscaled < -limit); limit *= 256) length++;
    tap.writeLong(length);
    let high = Math.floor(unscaled / 0x1000000);
    let low = unscaled - high * 0x1000000;
    const from = tap.pos;
    for (let at = from + length - 1; at >= from; at--) {
      if (from + length - 1 - at < 3) {
        tap.buf[at] = low & 0xff;
        low >>= 8;
      } else {
        tap.buf[at] = high & 0xff;
        high = Math.floor(high / 256);
      }
    }
    tap.pos = from + length;
  },
  readDecimal(tap: Tap, scale: number): string {
    const { buf } = tap;
    const length = values.readLong(tap);
    const from = tap.pos;
    if (length <= 0 || length > buf.length - from) malformed("a decimal has no bytes, or more than there are");
    tap.pos = from + length;
    if (length > 6) return decimalText(largeUnscaled(buf.subarray(from, from + length)).toString(), scale);
    let unscaled = (buf[from] as number) >= 128 ? -1 : 0;
    for (let at = from; at < from + length; at++) unscaled = unscaled * 256 + (buf[at] as number);
    return decimalText(String(unscaled), scale);
  },

  /** How many items a block has; refuses a number that the rest of the payload cannot hold. */
  readCount(tap: Tap, smallest: number): number {
    let count = values.readLong(tap);
    if (count < 0) {
      count = -count;
      values.readLong(tap);
    }
    if (smallest === 0) {
      tap.empty = (tap.empty ?? 0) + count;
      return tap.empty <= mostEmptyItems ? count : malformed("an array of empty records is too long");
    }
    return count <= (tap.buf.length - tap.pos) / smallest
      ? count
      : malformed("an array or map is longer than the payload");
  },
};

export type Values = typeof values;

type WellFormed = string & { isWellFormed(): boolean };

const exact = 2 ** 50;
const mostEmptyItems = 1_000_000;
const scratch = /* @__PURE__ */ Buffer.alloc(8);

const writeLongText = (tap: Tap, text: string): void => {
  if (!(text as WellFormed).isWellFormed()) malformed("text holds half of a surrogate pair");
  tap.writeString(text);
};

const finite = (value: number): number => (Number.isFinite(value) ? value : malformed("a number is not finite"));

const slice = (tap: Tap): Buffer => {
  const length = values.readLong(tap);
  if (length < 0 || length > tap.buf.length - tap.pos) malformed("the payload ends too early");
  tap.pos += length;
  return tap.buf.subarray(tap.pos - length, tap.pos);
};

const writeLargeDecimal = (tap: Tap, text: string, scale: number): void => {
  const unscaled = BigInt(scale === 0 ? text : text.replace(".", ""));
  let length = 1;
  while (BigInt.asIntN(length * 8, unscaled) !== unscaled) length++;
  const hex = BigInt.asUintN(length * 8, unscaled)
    .toString(16)
    .padStart(length * 2, "0");
  tap.writeBytes(Buffer.from(hex, "hex"));
};

const largeUnscaled = (bytes: Buffer): bigint => {
  if (bytes.length > 1024) malformed("a decimal has more than 1,024 bytes");
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString("hex")}`));
};

const decimalText = (unscaled: string, scale: number): string => {
  if (scale === 0) return unscaled;
  const negative = unscaled.charCodeAt(0) === 45;
  const digits = (negative ? unscaled.slice(1) : unscaled).padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${negative ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
};

/** JSON text that keeps a negative zero, which JSON.stringify makes a zero. */
const jsonText = (value: unknown): string => (hasNegativeZero(value) ? exactText(value) : JSON.stringify(value));
