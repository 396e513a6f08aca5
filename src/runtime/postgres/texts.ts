/** Why PostgreSQL could not keep a text that is somewhere in a value; undefined where it can. */
export const textProblem = (value: unknown): string | undefined => {
  if (typeof value === "string") {
    if (value.includes("\u0000")) return "a text has the character U+0000, which PostgreSQL does not keep";
    return value.isWellFormed() ? undefined : "a text has half of a surrogate pair, which is no character";
  }
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return undefined;
  for (const [key, one] of Object.entries(value)) {
    const problem = textProblem(key) ?? textProblem(one);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

/** Whether JSON text may hold such a text: they are escaped, but a backslash in a text looks alike. */
export const maySay = (json: string): boolean => suspicious.test(json);

const suspicious = /\\u(?:0000|d[89a-f])/;
