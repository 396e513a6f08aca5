/** Names come from a model: in compiled code they stand only as JSON, which is why a hostile one can do nothing. */
export const printedName = (text: string): string =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, (c) => (c === "\u2028" ? "\\u2028" : "\\u2029"));
