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

/** A rule of lint: what it weighs by default, which a model can change, and which others it goes with. */
export interface Rule<P> {
  readonly severity: RuleLevel;
  readonly category: Category;
  readonly message: (parameters: P) => string;
  readonly explanation: string;
}

export type RuleLevel = Severity | "info" | "off";

export const categories = ["naming", "documentation", "privacy", "data", "size", "reading", "lint"] as const;
export type Category = (typeof categories)[number];

export const rule = <P = Record<never, never>>(
  category: Category,
  severity: RuleLevel,
  message: (parameters: P) => string,
  explanation: string,
): Rule<P> => ({ category, severity, message, explanation });

/** A rule of `evgen check`: what a change of something that was released means. */
export interface Change<P> {
  readonly severity: Severity | "info";
  /** `none` for what is about the model alone. */
  readonly verdict: "safe" | "covered" | "rebuild" | "breaking" | "unknown" | "none";
  readonly message: (parameters: P) => string;
  /** The code of the change the other way round, which may be the same, or why there is none. */
  readonly mirror: string | { readonly none: string };
  readonly explanation: string;
}

export const change = <P = Record<never, never>>(
  verdict: Change<P>["verdict"],
  message: (parameters: P) => string,
  mirror: Change<P>["mirror"],
  explanation: string,
  severity: Change<P>["severity"] = levels[verdict],
): Change<P> => ({ severity, verdict, message, mirror, explanation });

const levels = {
  safe: "info",
  covered: "info",
  rebuild: "warning",
  unknown: "warning",
  breaking: "error",
  none: "warning",
} as const;

/** The end of a message about an unknown name. */
export const didYouMean = (suggestion: string | undefined): string =>
  suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`;

/** The candidate that was probably meant: at most 40 % of its letters differ, and no more than 5. */
export const suggest = (name: string, candidates: Iterable<string>): string | undefined => {
  if (name.length > longest) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate.length > longest) continue;
    const limit = Math.min(Math.floor(Math.max(name.length, candidate.length) * 0.4), 5, bestDistance - 1);
    // One and two letters are a name of their own rather than a slip; capitals alone always are a slip.
    if (limit < 0 || Math.abs(name.length - candidate.length) > limit) continue;
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance <= limit && (distance > 0 || candidate !== name) && (limit > 0 || distance === 0)) {
      [best, bestDistance] = [candidate, distance];
      if (distance === 0) break;
    }
  }
  return best;
};

/** No one means a name of this length by another one, and hostile ones would take long to compare. */
const longest = 200;

/** Kept, since thousands of candidates are compared one after the other. */
const rows = [new Uint16Array(longest + 2), new Uint16Array(longest + 2)] as const;

/** How many letters differ, or more than `limit` when that many do. What both begin with costs next to nothing. */
const editDistance = (left: string, right: string, limit: number): number => {
  let same = 0;
  while (same < left.length && left.charCodeAt(same) === right.charCodeAt(same)) same++;
  const a = left.slice(same);
  const b = right.slice(same);
  let [previous, row]: readonly [Uint16Array, Uint16Array] = rows;
  for (let j = 0; j <= b.length; j++) previous[j] = j;
  for (let i = 1; i <= a.length; i++) {
    // A way that leaves the diagonal by more than the limit costs more than the limit.
    const from = Math.max(1, i - limit);
    const to = Math.min(b.length, i + limit);
    row[from - 1] = from === 1 ? i : limit + 1;
    let least = row[from - 1] ?? 0;
    for (let j = from; j <= to; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      const here = Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      row[j] = here;
      if (here < least) least = here;
    }
    if (least > limit) return limit + 1;
    if (to < b.length) row[to + 1] = limit + 1;
    [previous, row] = [row, previous];
  }
  return previous[b.length] ?? 0;
};
