/** Whether a JSON value holds a negative zero, which JSON.stringify makes a zero. */
export const hasNegativeZero = (value: unknown): boolean => {
  if (typeof value === "number") return Object.is(value, -0);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasNegativeZero);
};

/**
 * JSON text of a value in memory that loses nothing: negative zeros, every digit of a bigint, bytes as base64. Slower
 * than JSON.stringify.
 */
export const exactText = (value: unknown): string => {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (value instanceof Uint8Array) {
    return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")}"`;
  }
  if (Array.isArray(value)) return `[${value.map(exactText).join(",")}]`;
  let text = "";
  for (const [key, one] of Object.entries(value)) {
    if (one !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${exactText(one)}`;
  }
  return `{${text}}`;
};
