import type { JsonValue } from "./definitions.js";

/**
 * What generated mappings call. Everything here is pure and exact: decimals are text and are never computed as floating
 * point. A function that can fail returns `undefined`, so that `?? otherwise` reads as the model says it.
 */

/**
 * A number as a decimal with `scale` digits after the point. A double is taken as its shortest decimal text, the one
 * that JavaScript and JSON print (1.005 is 1.005, not 1.00499…), and that is rounded half to even: 1.005 becomes 1.00.
 */
export const numberToDecimal = (value: number | bigint, scale: number): string => {
  const text = String(value);
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return scale === 0 ? text : `${text}.${zeros(scale)}`;
  return roundText(text.includes("e") ? withoutExponent(text) : text, scale);
};

/** A decimal with another number of digits after the point, rounded half to even. */
export const rescaleDecimal = (value: string, scale: number): string => roundText(value, scale);

/** The double that is nearest to a decimal. */
export const decimalToNumber = (value: string): number => Number(value) + 0;

/** A decimal rounded half to even; the caller knows that it is within ±(2^53−1). */
export const decimalToInteger = (value: string): number => Number(roundText(value, 0));

/** A decimal rounded half to even. */
export const decimalToBigint = (value: string): bigint => BigInt(roundText(value, 0));

/** A finite number rounded half to even. */
export const roundToInteger = (value: number): number => {
  const down = Math.floor(value);
  const rest = value - down;
  const rounded = rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
  return rounded + 0;
};

/** A finite number rounded half to even. */
export const roundToBigint = (value: number): bigint => BigInt(roundToInteger(value));

/** -1, 0 or 1, as the first decimal is below, equal to or above the second. */
export const compareDecimals = (a: string, b: string): -1 | 0 | 1 => {
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const [x, y] = [unscaled(a, scale), unscaled(b, scale)];
  return x < y ? -1 : x > y ? 1 : 0;
};

/** The sum of two decimals, exact, with as many digits after the point as the longer one has. */
export const addDecimals = (a: string, b: string): string => {
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const sum = unscaled(a, scale) + unscaled(b, scale);
  return pointed(sum < 0n ? "-" : "", String(sum < 0n ? -sum : sum), scale);
};

/** Seconds since 1970, a fraction rounded half to even to milliseconds, as a timestamp; years 0001 to 9999. */
export const secondsToTimestamp = (value: number | bigint): string =>
  new Date(Number(typeof value === "bigint" ? value * 1000n : secondsToMilliseconds(value))).toISOString();

/** Milliseconds since 1970, a fraction rounded half to even, as a timestamp; years 0001 to 9999. */
export const millisecondsToTimestamp = (value: number | bigint): string =>
  new Date(roundToInteger(Number(value))).toISOString();

/** Whole seconds since 1970 at or before a timestamp. */
export const timestampToSeconds = (value: string): number => Math.floor(Date.parse(value) / 1000);

/** Milliseconds since 1970. */
export const timestampToMilliseconds = (value: string): number => Date.parse(value);

/** The day of a timestamp, in UTC. */
export const timestampToDate = (value: string): string => value.slice(0, 10);

/** The midnight, in UTC, at which a day begins. */
export const dateToTimestamp = (value: string): string => `${value}T00:00:00.000Z`;

/** The UTF-8 of a text. */
export const textToBytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Base64, with padding. */
export const bytesToBase64 = (value: Uint8Array): string =>
  Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");

/** The bytes of base64 text that is known to be valid. */
export const base64ToBytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, "base64"));

/** Any value of a model as JSON: bytes become base64, a bigint the number it is, or its text beyond ±(2^53−1). */
export const toJson = (value: unknown): JsonValue => {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return bytesToBase64(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object") throw new TypeError(`A ${typeof value} is no value of a model.`);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, toJson(item)]),
  );
};

/** The values of a map, each one mapped. */
export const mapValues = <From, To>(
  map: Readonly<Record<string, From>>,
  item: (value: From) => To,
): Readonly<Record<string, To>> => Object.fromEntries(Object.entries(map).map(([key, value]) => [key, item(value)]));

/** An optional field whose name every object has, such as `constructor`: what is inherited is not the field. */
export const own = <Value extends object, Key extends keyof Value>(
  record: Value | undefined,
  key: Key,
): Value[Key] | undefined => (record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined);

/** What is built from a value, where there is one. */
export const ifPresent = <From, To>(value: From | undefined, build: (value: From) => To): To | undefined =>
  value === undefined ? undefined : build(value);

/** What a table says about a key: only its own entries count, whatever the key is. */
export const lookup = <Value>(
  table: Readonly<Record<string, Value>>,
  key: string | number | bigint | undefined,
): Value | undefined => (key !== undefined && Object.hasOwn(table, String(key)) ? table[String(key)] : undefined);

/** A whole number of 32 bits: digits, with a sign before them if there is one. */
export const parseInt32 = (text: string | undefined): number | undefined =>
  within(parseSafeInteger(text), { min: -2_147_483_648, max: 2_147_483_647 });

/** A whole number within ±(2^53−1): digits, with a sign before them if there is one. */
export const parseSafeInteger = (text: string | undefined): number | undefined => {
  if (text === undefined || !integerText.test(text)) return undefined;
  const value = Number(text) + 0;
  return Number.isSafeInteger(value) ? value : undefined;
};

/** A whole number of 64 bits: digits, with a sign before them if there is one. */
export const parseInt64 = (text: string | undefined): bigint | undefined => {
  if (text === undefined || !integerText.test(text)) return undefined;
  // Longer than any number of 64 bits, unless it is mostly leading zeros: making a bigint of it could take long.
  const digits = text.replace(/^[+-]?0*/, "");
  if (digits.length > 19) return undefined;
  const value = BigInt(digits === "" ? "0" : digits);
  return within(text.startsWith("-") ? -value : value, {
    min: -9_223_372_036_854_775_808n,
    max: 9_223_372_036_854_775_807n,
  });
};

/** A finite double: digits with a point and an exponent, if there are any, in the notation of JSON or of SQL. */
export const parseNumber = (text: string | undefined): number | undefined => {
  if (text === undefined || !numberText.test(text)) return undefined;
  const value = Number(text) + 0;
  return Number.isFinite(value) ? value : undefined;
};

/** A double as `parseNumber` reads it, rounded to the nearest one of 32 bits. */
export const parseFloat32 = (text: string | undefined): number | undefined => {
  const value = parseNumber(text);
  return value === undefined ? undefined : within(Math.fround(value) + 0, {});
};

/** A decimal with at most `precision` digits, `scale` of them after the point; digits beyond them must be zeros. */
export const parseDecimal = (text: string | undefined, precision: number, scale: number): string | undefined => {
  const match = text === undefined ? null : decimalText.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = ""] = match;
  if (/[1-9]/.test(fraction.slice(scale))) return undefined;
  const value = roundText(`${sign === "-" ? "-" : ""}${whole}.${fraction.slice(0, scale)}`, scale);
  return decimalWithin(value, { precision });
};

/** `true` or `false`. */
export const parseBoolean = (text: string | undefined): boolean | undefined =>
  text === "true" ? true : text === "false" ? false : undefined;

/** A UUID in lower case; the text may have it in upper case. */
export const parseUuid = (text: string | undefined): string | undefined =>
  text !== undefined && uuidText.test(text) ? text.toLowerCase() : undefined;

/** A day of the calendar, YYYY-MM-DD, from year 0001 on. */
export const parseDate = (text: string | undefined): string | undefined =>
  text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && isDate(text) ? text : undefined;

/** A time of RFC 3339, of any offset, as a timestamp in UTC; digits beyond milliseconds are cut. */
export const parseTimestamp = (text: string | undefined): string | undefined => {
  const match = text === undefined ? null : timestampText.exec(text);
  if (match === null) return undefined;
  const [, date = "", time = "", fraction = "", offset = ""] = match;
  if (!isDate(date)) return undefined;
  const milliseconds = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${offset.toUpperCase()}`);
  return millisecondsWithin(milliseconds);
};

/** Seconds since 1970 as a timestamp, if it is one of the years 0001 to 9999. */
export const parseSeconds = (value: number | bigint | undefined): string | undefined =>
  value === undefined || Math.abs(Number(value)) > 1e12
    ? undefined
    : millisecondsWithin(Number(typeof value === "bigint" ? value * 1000n : secondsToMilliseconds(value)));

/** Milliseconds since 1970 as a timestamp, if it is one of the years 0001 to 9999. */
export const parseMilliseconds = (value: number | bigint | undefined): string | undefined =>
  value === undefined ? undefined : millisecondsWithin(roundToInteger(Number(value)));

/** The text, if it is one of the members. */
export const parseEnum = <const Member extends string>(
  text: string | undefined,
  members: readonly Member[],
): Member | undefined => members.find((member) => member === text);

/** Bytes from base64, with or without padding. */
export const parseBase64 = (text: string | undefined): Uint8Array | undefined => {
  if (text === undefined || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const bytes = base64ToBytes(text);
  // Decoding ignores what does not belong, so what it gave is held against what it was given.
  return bytesToBase64(bytes).replace(/=+$/, "") === text.replace(/=+$/, "") &&
    (text.length % 4 === 0 || !text.endsWith("="))
    ? bytes
    : undefined;
};

/** A JSON text's value. `null` is a value too, so what is taken instead is given here, not by `??`. */
export const parseJson = (text: string | undefined, otherwise: JsonValue): JsonValue => {
  if (text === undefined) return otherwise;
  try {
    const value = JSON.parse(text) as JsonValue;
    return isWritable(value) ? value : otherwise;
  } catch {
    return otherwise;
  }
};

/** The number, if it is within the bounds, which are inclusive. */
export const within = <N extends number | bigint>(
  value: N | undefined,
  bounds: { readonly min?: N; readonly max?: N },
): N | undefined =>
  value === undefined ||
  !Number.isFinite(Number(value)) ||
  (bounds.min !== undefined && value < bounds.min) ||
  (bounds.max !== undefined && value > bounds.max)
    ? undefined
    : value;

/** The decimal, if it has at most `precision` digits and is within the bounds, which are inclusive. */
export const decimalWithin = (
  value: string | undefined,
  bounds: { readonly precision?: number; readonly min?: string; readonly max?: string },
): string | undefined => {
  if (value === undefined) return undefined;
  const digits = value.replace(/^-?(?:0(?=\.))?/, "").replace(".", "").length;
  return (bounds.precision !== undefined && digits > bounds.precision) ||
    (bounds.min !== undefined && compareDecimals(value, bounds.min) < 0) ||
    (bounds.max !== undefined && compareDecimals(value, bounds.max) > 0)
    ? undefined
    : value;
};

/** The text, if its length in code points is within the bounds and the pattern is found in it. */
export const textWithin = (
  value: string | undefined,
  bounds: { readonly minLength?: number; readonly maxLength?: number; readonly pattern?: RegExp },
): string | undefined => {
  if (value === undefined) return undefined;
  const length = codePoints(value);
  return (bounds.minLength !== undefined && length < bounds.minLength) ||
    (bounds.maxLength !== undefined && length > bounds.maxLength) ||
    bounds.pattern?.test(value) === false
    ? undefined
    : value;
};

/** The bytes, if their number is within the bounds. */
export const bytesWithin = (
  value: Uint8Array | undefined,
  bounds: { readonly minLength?: number; readonly maxLength?: number },
): Uint8Array | undefined =>
  value === undefined ||
  (bounds.minLength !== undefined && value.length < bounds.minLength) ||
  (bounds.maxLength !== undefined && value.length > bounds.maxLength)
    ? undefined
    : value;

const integerText = /^[+-]?\d+$/;
const numberText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const decimalText = /^([+-]?)(\d+)(?:\.(\d+))?$/;
const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const timestampText =
  /^(\d{4}-\d{2}-\d{2})[Tt]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Rounds decimal text without exponent half to even and gives it the one canonical form. */
const roundText = (text: string, scale: number): string => {
  const sign = text.startsWith("-") ? "-" : "";
  const point = text.indexOf(".");
  const whole = text.slice(sign.length, point < 0 ? undefined : point);
  const fraction = point < 0 ? "" : text.slice(point + 1);
  const kept = whole + (fraction.length > scale ? fraction.slice(0, scale) : fraction + zeros(scale - fraction.length));
  if (fraction.length <= scale || !roundsUp(kept, fraction, scale)) return pointed(sign, kept, scale);
  return pointed(sign, kept.length < 16 ? String(Number(kept) + 1) : String(BigInt(kept) + 1n), scale);
};

const roundsUp = (kept: string, fraction: string, scale: number): boolean => {
  const next = fraction.charCodeAt(scale);
  if (next !== five) return next > five;
  for (let i = scale + 1; i < fraction.length; i++) if (fraction.charCodeAt(i) !== zero) return true;
  return kept !== "" && kept.charCodeAt(kept.length - 1) % 2 === 1;
};

const zero = 48;
const five = 53;

/** Digits with a point before the last `scale` of them: no leading zeros, and no minus before a zero. */
const pointed = (sign: string, digits: string, scale: number): string => {
  const padded = digits.length > scale ? digits : digits.padStart(scale + 1, "0");
  const split = padded.length - scale;
  let start = 0;
  while (start < split - 1 && padded.charCodeAt(start) === zero) start++;
  const text = scale === 0 ? padded.slice(start) : `${padded.slice(start, split)}.${padded.slice(split)}`;
  return sign !== "" && /[1-9]/.test(text) ? sign + text : text;
};

/** 1.5e-7 as 0.00000015. */
const withoutExponent = (text: string): string => {
  const [, sign = "", whole = "", fraction = "", exponent = ""] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${zeros(-point)}${digits}`;
  return point >= digits.length
    ? `${sign}${digits}${zeros(point - digits.length)}`
    : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
};

const zeros = (count: number): string => (count === 2 ? "00" : "0".repeat(count));

const scaleOf = (decimal: string): number => {
  const point = decimal.indexOf(".");
  return point < 0 ? 0 : decimal.length - point - 1;
};

const unscaled = (decimal: string, scale: number): bigint =>
  BigInt(decimal.replace(".", "") + zeros(scale - scaleOf(decimal)));

/** Multiplying by 1000 would round twice: 1.0005 * 1000 is not 1000.5. */
const secondsToMilliseconds = (seconds: number): number =>
  Number.isSafeInteger(seconds) ? seconds * 1000 : Number(numberToDecimal(seconds, 3).replace(".", ""));

const millisecondsWithin = (milliseconds: number): string | undefined =>
  milliseconds >= -62_135_596_800_000 && milliseconds <= 253_402_300_799_999
    ? new Date(milliseconds).toISOString()
    : undefined;

const isDate = (text: string): boolean => {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return year >= 1 && days !== undefined && day >= 1 && day <= days;
};

/** JSON may hold what no event can: 1e999, which is read as infinity, half of a surrogate pair, nesting without end. */
const isWritable = (value: JsonValue, depth = 0): boolean => {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return !halfPair.test(value);
  if (typeof value !== "object" || value === null) return true;
  if (depth >= maxDepth) return false;
  return Object.entries(value).every(
    ([key, item]) => key !== "__proto__" && !halfPair.test(key) && isWritable(item, depth + 1),
  );
};

const halfPair = /\p{Surrogate}/u;
const maxDepth = 200;

const codePoints = (text: string): number => {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next < 0xdc00 || next > 0xdfff) continue;
    count--;
    i++;
  }
  return count;
};
