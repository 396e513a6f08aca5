import { spawn, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** A folder of its own for one test, with its own cache, in which the compiled command line is run as a process. */
export interface Workspace {
  readonly folder: string;
  /** The compiled command line. */
  readonly main: string;
  path(...parts: readonly string[]): string;
  write(path: string, content: string): void;
  read(path: string): string;
  /** Contents and modes of all files below a folder, by path; evgen's own left out. */
  files(folder: string): ReadonlyMap<string, string>;
  evgen(args: readonly string[], options?: RunOptions): Run;
  /** Starts it and goes on. */
  start(args: readonly string[], options?: RunOptions): ReturnType<typeof spawn>;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the workspace. */
  readonly cwd?: string;
  /** Options of node itself. */
  readonly node?: readonly string[];
  readonly input?: string;
}

interface Run {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const workspace = (): Workspace => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "evgen-test-")));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const folder = join(top, "work");
  mkdirSync(folder);
  const path = (...parts: readonly string[]) => join(folder, ...parts);
  const write = (file: string, content: string): void => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), content);
  };
  const settings = (options: RunOptions) => ({
    cwd: path(options.cwd ?? "."),
    env: { ...cleanEnvironment(), EVGEN_CACHE_DIR: join(top, "cache"), ...options.env },
  });
  return {
    folder,
    main,
    path,
    write,
    read: (file) => readFileSync(path(file), "utf8"),
    files: (below) => listFiles(path(below)),
    evgen: (args, options = {}) => {
      const run = spawnSync(process.execPath, [...(options.node ?? []), main, ...args], {
        ...settings(options),
        encoding: "utf8",
        input: options.input ?? "",
        maxBuffer: 2 ** 28,
      });
      return { code: run.status, signal: run.signal, stdout: run.stdout, stderr: run.stderr };
    },
    start: (args, options = {}) =>
      spawn(process.execPath, [...(options.node ?? []), main, ...args], {
        ...settings(options),
        stdio: ["ignore", "pipe", "pipe"],
      }),
  };
};

const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(GIT_|NODE_|NO_COLOR|FORCE_COLOR|EVGEN_)/.test(name)),
  );

const listFiles = (folder: string): ReadonlyMap<string, string> => {
  const files = new Map<string, string>();
  const visit = (below: string): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        files.set(`${path}/`, "");
        visit(path);
      } else
        files.set(
          path,
          `${(statSync(join(folder, path)).mode & 0o111) !== 0 ? "x" : "-"} ${readFileSync(join(folder, path), "utf8")}`,
        );
    }
  };
  visit("");
  return files;
};

/** A sound model with these events, each with one text field of the given name. */
export const modelOf = (events: Readonly<Record<string, string>>, more = ""): string =>
  `evgen: 1
system: shop
aggregates:
  Order:
    key: { orderId: uuid }
    events:
${Object.entries(events)
  .map(([name, field]) => `      ${name}: { versions: { 1: { fields: { ${field}: string } } } }\n`)
  .join("")}${more}`;
