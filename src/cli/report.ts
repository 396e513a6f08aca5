/** Where a command prints: data on stdout, everything else on stderr. */
export interface Report {
  /** Data: what someone may pipe into another program. */
  data(text: string): void;
  /** Findings and errors: shown even with `--quiet`. */
  problem(text: string): void;
  /** What was done; not with `--quiet`. */
  note(text: string): void;
  /** Whether stdout and stderr may have colours. */
  readonly colours: { readonly stdout: boolean; readonly stderr: boolean };
}

export const createReport = (options: { readonly quiet?: boolean | undefined } = {}): Report => ({
  data: (text) => void process.stdout.write(text),
  problem: (text) => void process.stderr.write(text),
  note: (text) => {
    if (options.quiet !== true) process.stderr.write(text);
  },
  colours: { stdout: mayColour(process.stdout), stderr: mayColour(process.stderr) },
});

/** Whether a stream is a terminal that shows colours, and nobody said no to them. */
export const mayColour = (stream: NodeJS.WriteStream): boolean => {
  const { NO_COLOR: noColour, TERM: term } = process.env;
  return stream.isTTY === true && (noColour === undefined || noColour === "") && term !== "dumb";
};

/** ANSI colours and weights, or the text as it is. */
export const paint = (style: keyof typeof codes, text: string, on: boolean): string =>
  on ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
