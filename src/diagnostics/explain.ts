import { catalogue } from "./catalogue.js";
import type { Change, Entry, Rule, RuleLevel } from "./entry.js";
import { suggest } from "./entry.js";

/** The paragraph behind a diagnostic, with its code and severity above; or what was probably meant by an unknown code. */
export const explain = (
  code: string,
):
  | { readonly kind: "known"; readonly text: string }
  | { readonly kind: "unknown"; readonly suggestion: string | undefined } => {
  const entry = entries.get(code);
  if (entry === undefined) return { kind: "unknown", suggestion: suggest(code, entries.keys()) };
  return { kind: "known", text: `${code} (${kindOf(entry)})\n\n${wrap(entry.explanation)}\n` };
};

/** "error", or for a rule of lint "warning; lint, naming", and for one of check "error; check, breaking" */
const kindOf = (entry: AnyEntry): string => {
  if ("category" in entry) return `${entry.severity}; lint, ${entry.category}`;
  if (!("verdict" in entry)) return entry.severity;
  return entry.verdict === "none" ? `${entry.severity}; check` : `${entry.severity}; check, ${entry.verdict}`;
};

type AnyEntry = Entry<never> | Rule<never> | Change<never>;

/** Every code that evgen knows with its severity, sorted by code unit. */
export const listCodes = (): readonly { readonly code: string; readonly severity: RuleLevel }[] =>
  [...entries].map(([code, { severity }]) => ({ code, severity }));

const entries: ReadonlyMap<string, AnyEntry> = new Map(
  Object.entries(catalogue as { readonly [code: string]: AnyEntry }).sort(([a], [b]) => (a < b ? -1 : 1)),
);

/** Paragraphs in lines of at most 80 characters; what is indented or a list stays as it is. */
const wrap = (markdown: string): string => {
  const lines: string[] = [];
  let paragraph: string[] = [];
  const flush = (): void => {
    lines.push(...fill(paragraph.join(" ").split(" ")));
    paragraph = [];
  };
  for (const line of markdown.split("\n")) {
    if (line !== "" && !/^(?: |- )/.test(line)) paragraph.push(line);
    else {
      if (paragraph.length > 0) flush();
      lines.push(line);
    }
  }
  if (paragraph.length > 0) flush();
  return lines.join("\n");
};

const fill = (words: readonly string[]): readonly string[] => {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > 80) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
};
