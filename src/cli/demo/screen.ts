import { paint } from "../report.js";

/** Where the demo is told. */
export interface Screen {
  title(text: string): void;
  /** A numbered heading, after a pause. */
  step(text: string): Promise<void>;
  line(text: string): void;
  lines(lines: readonly string[]): void;
}

export const createScreen = (options: {
  readonly print: (text: string) => void;
  readonly colour: boolean;
  readonly pause: number;
}): Screen => {
  const { print, colour, pause } = options;
  let steps = 0;
  const line = (text: string): void => print(`   ${text}\n`);
  return {
    title: (text) => print(`${steps === 0 ? "" : "\n"}${paint("bold", text, colour)}\n`),
    step: async (text) => {
      if (pause > 0 && steps > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      print(`\n${paint("cyan", `${++steps}. ${text}`, colour)}\n`);
    },
    line,
    lines: (lines) => {
      for (const text of lines) line(text);
    },
  };
};

/** A table as text, its columns as wide as they have to be. */
export const table = (
  name: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] => {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const print = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return [`${name}:`, ...[head, widths.map((width) => "─".repeat(width)), ...rows].map((cells) => `  ${print(cells)}`)];
};
