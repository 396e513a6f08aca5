export type Severity = "error" | "warning";

/** One thing that evgen can complain about. */
export interface Entry<P> {
  readonly severity: Severity;
  readonly message: (parameters: P) => string;
  /** Markdown: what the rule protects, and what to do. */
  readonly explanation: string;
}

export const entry = <P = Record<never, never>>(
  severity: Severity,
  message: (parameters: P) => string,
  explanation: string,
): Entry<P> => ({ severity, message, explanation });

/** The end of a message about an unknown name. */
export const didYouMean = (suggestion: string | undefined): string =>
  suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`;

/** The candidate that was probably meant: at most 40 % of its letters differ. */
export const suggest = (name: string, candidates: Iterable<string>): string | undefined => {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const limit = Math.floor(Math.max(name.length, candidate.length) * 0.4);
    if (limit < 1 || Math.abs(name.length - candidate.length) > limit) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
};

const editDistance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
};
