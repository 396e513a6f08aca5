import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { parse } from "yaml";
import type { Repository } from "./cli/repository.js";

interface Step {
  readonly name: string;
  readonly id: string;
  readonly run: string;
  readonly shell: string;
  readonly "working-directory": string;
  readonly env?: Readonly<Record<string, string>>;
}

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
export const action = parse(readFileSync(join(root, "action.yml"), "utf8")) as {
  readonly inputs: Readonly<Record<string, { readonly default: string; readonly description: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
};

/** What came of the action, as GitHub would show it. */
export interface Job {
  /** Of the step that failed, if one did. */
  readonly code: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly annotations: readonly Annotation[];
  readonly summary: string;
  readonly log: string;
}

interface Annotation {
  readonly kind: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

export interface Event {
  readonly name: string;
  readonly payload?: object;
  readonly ref?: string;
  readonly base?: string;
}

/** Runs the action in a folder as the runner does: expressions are resolved, each step is a file that bash runs. */
export const runAction = (
  workspace: string,
  event: Event,
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Job => {
  for (const name of Object.keys(inputs)) expect(Object.keys(action.inputs)).toContain(name);
  const temporary = mkdtempSync(join(tmpdir(), "evgen-action-"));
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
  const file = (name: string, content = ""): string => {
    writeFileSync(join(temporary, name), content);
    return join(temporary, name);
  };
  const steps: Record<string, Readonly<Record<string, string>>> = {};
  const resolve = (value: string): string =>
    value.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, path: string) => {
      const [context, name = "", , output = ""] = path.split(".");
      if (context === "inputs") return inputs[name] ?? action.inputs[name]?.default ?? expect.unreachable(path);
      expect(context, path).toBe("steps");
      return steps[name]?.[output] ?? "";
    });
  const summary = file("summary");
  let log = "";
  let code = 0;
  for (const step of action.runs.steps) {
    const output = file(`output-${step.id}`);
    const run = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", file(`${step.id}.sh`, step.run)], {
      cwd: join(workspace, resolve(step["working-directory"])),
      encoding: "utf8",
      env: {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:GIT_|GITHUB_|EVGEN_)/.test(name))),
        ...{
          GIT_CONFIG_GLOBAL: "/dev/null",
          GIT_CONFIG_SYSTEM: "/dev/null",
          EVGEN_CACHE_DIR: join(temporary, "cache"),
        },
        ...{ GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: workspace, GITHUB_ACTION_PATH: root },
        ...{ GITHUB_EVENT_NAME: event.name, GITHUB_REF: event.ref ?? "", GITHUB_BASE_REF: event.base ?? "" },
        GITHUB_EVENT_PATH: file("event.json", JSON.stringify(event.payload ?? {})),
        ...{ GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary },
        ...Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, resolve(value)])),
        ...env,
      },
    });
    log += run.stdout;
    if (run.status !== 0) log += run.stderr;
    steps[step.id] = outputsIn(readFileSync(output, "utf8"));
    code = run.status ?? 1;
    if (code !== 0) break;
  }
  const outputs = Object.entries(action.outputs).map(([name, { value }]) => [name, resolve(value)]);
  return {
    ...{ code, log, summary: readFileSync(summary, "utf8"), annotations: annotationsIn(log) },
    outputs: Object.fromEntries(outputs),
  };
};

const outputsIn = (content: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    content
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

/** Commands in a log, as the runner finds them: spaces before them do not matter, `stop-commands` does. */
const annotationsIn = (log: string): readonly Annotation[] => {
  const found: Annotation[] = [];
  let stopped: string | undefined;
  for (const line of log.split(/\r?\n/)) {
    const command = /^::([\w-]+)(?: ([^:]*))?::(.*)$/.exec(line.trimStart());
    if (command === null) continue;
    const [, name = "", properties = "", data = ""] = command;
    if (stopped !== undefined) {
      if (name === stopped) stopped = undefined;
    } else if (name === "stop-commands") stopped = data;
    else if (name !== "group" && name !== "endgroup")
      found.push({
        kind: name,
        properties: Object.fromEntries(properties.split(",").map((pair) => pair.split("=", 2))),
        message: decoded(data),
      });
  }
  return found;
};

const decoded = (data: string): string => data.replaceAll("%0A", "\n").replaceAll("%0D", "\r").replaceAll("%25", "%");

/** As npm installs it. */
export const install = (folder: string): void => {
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  symlinkSync(join(root, "dist/cli/main.js"), join(folder, "node_modules/.bin/evgen"));
};

/** What actions/checkout leaves of a pull request: one commit, a merge of both sides, with a detached head. */
export const pullRequest = (
  work: Repository,
  change: () => void,
): { readonly clone: string; readonly event: Event } => {
  work.git("checkout", "--quiet", "-b", "feature/one");
  change();
  work.git("add", ".");
  work.git("commit", "--quiet", "--allow-empty", "--message", "a change");
  const head = work.git("rev-parse", "HEAD").trim();
  work.git("checkout", "--quiet", "--detach", "main");
  work.git("merge", "--quiet", "--no-ff", "--no-edit", "feature/one");
  work.git("update-ref", "refs/pull/7/merge", "HEAD");
  work.git("checkout", "--quiet", "main");
  work.git("init", "--quiet", "../clone");
  const clone = work.path("../clone");
  work.gitIn("../clone", "remote", "add", "origin", `file://${work.folder}`);
  work.gitIn(
    "../clone",
    "fetch",
    "--quiet",
    "--no-tags",
    "--depth=1",
    "origin",
    "+refs/pull/7/merge:refs/remotes/pull/7/merge",
  );
  work.gitIn("../clone", "checkout", "--quiet", "--detach", "refs/remotes/pull/7/merge");
  install(clone);
  const event = { name: "pull_request", ref: "refs/pull/7/merge", base: "main" };
  return { clone, event: { ...event, payload: { pull_request: { head: { sha: head } } } } };
};
