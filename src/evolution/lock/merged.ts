import { lastLine, sortKeyOf, splitFact } from "./line.js";

/**
 * The text of a lock that a merge has left with both sides' lines, with or without marks between them: each line once, in
 * order. Whether they fit together is for the reader of the lock to say. Texts that are no lock come back as they are.
 */
export const mergedLock = (text: string): string => {
  const [first = "", second = "", ...rest] = text.split("\n");
  const lines = new Map<string, string>();
  // What both sides came from, as `merge.conflictStyle = diff3` shows it, is on neither side.
  let isOrigin = false;
  for (const line of rest) {
    if (line === "" || line === lastLine) continue;
    if (/^(?:<{7}|\|{7}|={7}|>{7})(?: |$)/.test(line)) {
      isOrigin = line.startsWith("|");
      continue;
    }
    if (isOrigin) continue;
    const fact = splitFact(line);
    if (fact === undefined) return text;
    lines.set(line, sortKeyOf(fact));
  }
  const sorted = [...lines].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([line]) => line);
  return [first, second, ...sorted, lastLine, ""].join("\n");
};
