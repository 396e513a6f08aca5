import type { Location } from "./locate.js";
import { visible, widthOf } from "./visible.js";

/** How many columns of a line are shown at most. */
const widest = 100;
/** Tabs are shown as this many spaces. */
const tab = "    ";

/**
 * The line of a location and, below it, carets under what is meant, or under its first line when it has several.
 * `paint` gives the carets their colour.
 */
export const frame = (
  text: string,
  { start, end }: Location,
  paint: (part: "gutter" | "caret", text: string) => string,
): readonly string[] => {
  const cells = cellsOf(text, start.offset, Math.max(end.offset, start.offset + 1));
  const first = cells.findIndex((cell) => cell.marked);
  const [from, to] = window(cells, first);
  const shown = cells.slice(from, to);
  const cut = { left: from > 0 ? "…" : "", right: to < cells.length ? "…" : "" };

  const line = cut.left + shown.map((cell) => cell.text).join("") + cut.right;
  const before = sum(shown.slice(0, first - from)) + cut.left.length;
  const under = Math.max(1, sum(shown.filter((cell) => cell.marked)));

  const number = String(start.line);
  const gutter = `${number.padStart(5)} │ `;
  const empty = `${" ".repeat(Math.max(5, number.length))} │ `;
  return [
    paint("gutter", gutter) + line.trimEnd(),
    `${paint("gutter", empty)}${" ".repeat(before)}${paint("caret", "^".repeat(under))}`,
  ];
};

/** A character of the line as it is shown. */
interface Cell {
  readonly text: string;
  readonly width: number;
  readonly marked: boolean;
}

/** The cells of the line around the mark; of a line that is very long, only those that could be shown. */
const cellsOf = (text: string, start: number, end: number): readonly Cell[] => {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const newline = text.indexOf("\n", start);
  const lineEnd = newline < 0 ? text.length : text[newline - 1] === "\r" && newline > lineStart ? newline - 1 : newline;
  const markEnd = lineStart + text.slice(lineStart, Math.min(end, lineEnd)).trimEnd().length;

  let from = Math.max(lineStart, start - 2 * widest);
  if (isLowSurrogate(text, from) && from > lineStart) from--;
  let to = Math.min(lineEnd, start + 4 * widest);
  if (isLowSurrogate(text, to) && to < lineEnd) to++;

  const cells: Cell[] = [];
  let offset = from;
  for (const character of text.slice(from, to)) {
    const shown = character === "\t" ? tab : offset === 0 && character === "\ufeff" ? "" : visible(character);
    const marked = offset >= start && offset < Math.max(markEnd, start + 1);
    cells.push({ text: shown, width: widthOf(shown), marked });
    offset += character.length;
  }
  // The end of a line, and of a file, can be meant too.
  if (!cells.some((cell) => cell.marked)) cells.push({ text: " ", width: 1, marked: true });
  if (to < lineEnd) cells.push({ text: " ", width: 1, marked: false });
  return cells;
};

const isLowSurrogate = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
};

/** Which cells fit: all of them, or those from a little before the mark on. */
const window = (cells: readonly Cell[], first: number): readonly [from: number, to: number] => {
  if (sum(cells) <= widest) return [0, cells.length];
  let from = first;
  for (let room = Math.floor(widest / 3); from > 0; from--) {
    room -= cells[from - 1]?.width ?? 0;
    if (room < 0) break;
  }
  // Near its start, the line is shown from there.
  if (sum(cells.slice(0, first)) <= widest / 2) from = 0;
  let to = from;
  for (let room = widest; to < cells.length; to++) {
    room -= cells[to]?.width ?? 0;
    if (room < 0) break;
  }
  return [from, Math.max(to, first + 1)];
};

const sum = (cells: readonly Cell[]): number => cells.reduce((width, cell) => width + cell.width, 0);
