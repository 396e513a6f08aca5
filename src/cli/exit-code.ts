/** What the process says about how it went; the same for every command. */
export const exitCode = {
  done: 0,
  /** Model errors, stale output, files in the way: something for the user to look at. */
  findings: 1,
  wrongUse: 2,
  /** The file system, git or a broker failed. */
  environment: 3,
  /** A mistake of evgen itself. */
  bug: 70,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
