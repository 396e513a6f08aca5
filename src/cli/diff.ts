/**
 * The difference of two texts in the unified format, with three lines of context; empty when they are equal. Of texts
 * that have little in common, the part that differs is shown as a whole.
 */
export const unifiedDiff = (oldName: string, newName: string, before: string, after: string): string => {
  if (before === after) return "";
  const [a, b] = [splitLines(before), splitLines(after)];
  const hunks = toHunks(editScript(a, b));
  return `--- ${oldName}\n+++ ${newName}\n${hunks.join("")}`;
};

const context = 3;
/** More differences than this are not worth finding the shortest way: it costs their square. */
const effort = 2_000;

interface Edit {
  readonly kind: " " | "-" | "+";
  readonly line: string;
}

/** Lines with their ends, so that a missing last one is a difference. */
const splitLines = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const editScript = (a: readonly string[], b: readonly string[]): readonly Edit[] => {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const keep = (lines: readonly string[]): Edit[] => lines.map((line) => ({ kind: " ", line }));
  return [
    ...keep(a.slice(0, head)),
    ...shortest(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...keep(a.slice(a.length - tail)),
  ];
};

/** The greedy algorithm of Myers, 1986: for each number of edits, how far along every diagonal one comes. */
const shortest = (a: readonly string[], b: readonly string[]): readonly Edit[] => {
  const most = Math.min(a.length + b.length, effort);
  const trace: Int32Array[] = [];
  const reach = new Int32Array(2 * most + 3);
  const at = (diagonal: number) => reach[diagonal + most + 1] ?? 0;
  // The trace costs memory by the square of the edits as well.
  for (let edits = 0; edits <= most && trace.length * reach.length <= 4_000_000; edits++) {
    trace.push(reach.slice());
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = diagonal === -edits || (diagonal !== edits && at(diagonal - 1) < at(diagonal + 1));
      let x = down ? at(diagonal + 1) : at(diagonal - 1) + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      reach[diagonal + most + 1] = x;
      if (x >= a.length && x - diagonal >= b.length) return walkBack(a, b, trace, most);
    }
  }
  return [...a.map((line): Edit => ({ kind: "-", line })), ...b.map((line): Edit => ({ kind: "+", line }))];
};

const walkBack = (a: readonly string[], b: readonly string[], trace: readonly Int32Array[], most: number): Edit[] => {
  const edits: Edit[] = [];
  let [x, y] = [a.length, b.length];
  for (let step = trace.length - 1; step >= 0; step--) {
    const at = (diagonal: number) => trace[step]?.[diagonal + most + 1] ?? 0;
    const diagonal = x - y;
    const down = diagonal === -step || (diagonal !== step && at(diagonal - 1) < at(diagonal + 1));
    const from = down ? diagonal + 1 : diagonal - 1;
    const fromX = at(from);
    const fromY = fromX - from;
    while (x > fromX && y > fromY) {
      edits.push({ kind: " ", line: a[--x] ?? "" });
      y--;
    }
    if (step === 0) break;
    edits.push(down ? { kind: "+", line: b[fromY] ?? "" } : { kind: "-", line: a[fromX] ?? "" });
    [x, y] = [fromX, fromY];
  }
  return edits.reverse();
};

const toHunks = (edits: readonly Edit[]): readonly string[] => {
  const hunks: string[] = [];
  let [oldLine, newLine, index] = [1, 1, 0];
  while (index < edits.length) {
    let first = index;
    while (edits[first]?.kind === " ") first++;
    if (first === edits.length) break;
    const begin = Math.max(index, first - context);
    oldLine += begin - index;
    newLine += begin - index;
    let last = first;
    for (let i = first; i < edits.length && i <= last + 2 * context; i++) if (edits[i]?.kind !== " ") last = i;
    const hunk = edits.slice(begin, Math.min(edits.length, last + context + 1));
    const [oldCount, newCount] = [count(hunk, "+"), count(hunk, "-")];
    hunks.push(`@@ -${range(oldLine, oldCount)} +${range(newLine, newCount)} @@\n${hunk.map(printEdit).join("")}`);
    oldLine += oldCount;
    newLine += newCount;
    index = begin + hunk.length;
  }
  return hunks;
};

const count = (hunk: readonly Edit[], without: "+" | "-"): number => hunk.filter(({ kind }) => kind !== without).length;

const range = (line: number, lines: number): string =>
  lines === 1 ? `${line}` : `${lines === 0 ? line - 1 : line},${lines}`;

const printEdit = ({ kind, line }: Edit): string =>
  line.endsWith("\n") ? `${kind}${line}` : `${kind}${line}\n\\ No newline at end of file\n`;
