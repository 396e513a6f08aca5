/**
 * A pattern of `include:`, as segments. `*` stands for any part of a name, `**` for any folders; everything else stands
 * for itself. Names that begin with a dot are found only by a segment that does, and `**` never enters node_modules.
 */
export interface Pattern {
  readonly segments: readonly string[];
}

/** Reads a pattern relative to the model's folder; undefined when it leaves the folder. */
export const parsePattern = (text: string): Pattern | undefined => {
  if (text.startsWith("/") || text.includes("\\") || text.includes("\u0000") || /^[A-Za-z]:/.test(text))
    return undefined;
  const segments: string[] = [];
  for (const segment of text.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return { segments };
};

/** Positions in a pattern that a folder's path has led to; none: nothing below it can match. */
export type Positions = readonly number[];

export const start = (pattern: Pattern): Positions => close(pattern, [0]);

/** The positions after entering a folder. */
export const enter = (pattern: Pattern, positions: Positions, folder: string): Positions => {
  const next: number[] = [];
  for (const position of positions) {
    const segment = pattern.segments[position];
    if (segment === undefined) continue;
    if (segment === "**") {
      if (!folder.startsWith(".") && folder !== "node_modules") next.push(position);
    } else if (matches(segment, folder)) next.push(position + 1);
  }
  return close(pattern, next);
};

/** Whether the pattern names a file of a folder with these positions. */
export const names = (pattern: Pattern, positions: Positions, file: string): boolean =>
  positions.some((position) => {
    const segment = pattern.segments[position];
    if (segment === undefined || position !== pattern.segments.length - 1) return false;
    return segment === "**" ? !file.startsWith(".") : matches(segment, file);
  });

/** Whether any position goes on by `**`, which is not led through symbolic links. */
export const isDeep = (pattern: Pattern, positions: Positions): boolean =>
  positions.some((position) => pattern.segments[position] === "**");

/** `**` also stands for no folder at all. */
const close = (pattern: Pattern, positions: readonly number[]): Positions => {
  const closed = new Set<number>();
  for (const position of positions) {
    closed.add(position);
    for (let next = position; pattern.segments[next] === "**" && next < pattern.segments.length - 1; )
      closed.add(++next);
  }
  return [...closed];
};

/** `*` by the two-pointer way: linear in practice, never exponential. */
const matches = (segment: string, name: string): boolean => {
  if (name.startsWith(".") && !segment.startsWith(".")) return false;
  let [s, n, star, retry] = [0, 0, -1, 0];
  while (n < name.length) {
    if (segment[s] === "*") [star, retry, s] = [s, n, s + 1];
    else if (segment[s] === name[n]) [s, n] = [s + 1, n + 1];
    else if (star >= 0) [s, retry, n] = [star + 1, retry + 1, retry + 1];
    else return false;
  }
  while (segment[s] === "*") s++;
  return s === segment.length;
};
