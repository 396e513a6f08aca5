import { visible } from "../diagnostics/visible.js";
import type { BuildOptions, BuildResult } from "./build-model.js";
import { unifiedDiff } from "./diff.js";
import type { Change, Obstacle } from "./plan.js";
import type { Report } from "./report.js";
import { paint } from "./report.js";

/** Says what a build did or found, in text. */
export const reportBuild = (result: BuildResult, options: BuildOptions, report: Report): void => {
  const { findings, outcome } = result;
  const compares = options.check && result.plan !== undefined;
  const problems = report.colours.stderr ? findings.coloured : findings.plain;
  if (outcome === "findings" && result.plan === undefined) {
    // They end with a line of counts, and what that meant for the files belongs to it.
    report.problem(options.check ? problems : `${problems.trimEnd()}. Nothing was written.\n`);
    return;
  }
  // What --check has to say about files is said with their differences.
  if (!(compares && outcome === "findings")) report.problem(problems);
  if (compares) for (const line of differences(result, report.colours.stdout)) report.data(line);
  const text = summary(result, options);
  if (outcome === "findings" || outcome === "stale") report.problem(`${text}\n`);
  else report.note(`${text}\n`);
};

const summary = ({ model, out, outcome, plan, unchanged }: BuildResult, options: BuildOptions): string => {
  const shown = visible(`${model.prefix}${out ?? ""}`);
  const entry = visible(`${model.prefix}${model.entry}`);
  switch (outcome) {
    case "fresh":
      return `${shown}: up to date, ${plural(unchanged, "file")}.`;
    case "ignored":
      return `${shown}: not in git, so only the model was checked.`;
    case "written": {
      const counts = [
        [count(plan?.changes, "missing", "modified", "mode"), "written"],
        [count(plan?.changes, "orphaned"), "removed"],
        [unchanged, "unchanged"],
      ] as const;
      return `${shown}: ${counts.map(([number, what]) => `${number} ${what}`).join(", ")}.`;
    }
    case "stale":
      return `${shown} is not what ${entry} makes: ${tally(plan?.changes ?? [])}. Run evgen build.`;
    case "findings":
      return options.check
        ? `${shown} is not what ${entry} makes: ${tally([...(plan?.changes ?? []), ...(plan?.obstacles ?? [])])}. See evgen explain output-edited.`
        : `Nothing was written: ${plural(plan?.obstacles.length ?? 0, "file")} in the way. --force overwrites what evgen did not write.`;
  }
};

const tally = (files: readonly (Change | Obstacle)[]): string => {
  const kinds = ["missing", "modified", "mode", "orphaned", "edited", "foreign", "blocked"] as const;
  const counts = kinds.flatMap((kind) => {
    const number = count(files, kind);
    return number === 0 ? [] : [`${number} ${kind === "mode" ? "not executable" : kind}`];
  });
  return counts.length === 0 ? "its manifest differs" : counts.join(", ");
};

const count = (files: readonly (Change | Obstacle)[] | undefined, ...kinds: readonly string[]): number =>
  files?.filter(({ kind }) => kinds.includes(kind)).length ?? 0;

const plural = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

/** A line for each file, and the difference where there is one to be seen. */
const differences = function* ({ plan, model, out }: BuildResult, colour: boolean): Generator<string> {
  const prefix = `${model.prefix}${out ?? ""}/`;
  for (const file of sorted([...(plan?.changes ?? []), ...(plan?.obstacles ?? [])])) {
    yield `${paint("bold", file.kind.padEnd(8), colour)}  ${visible(prefix + file.path)}${blockedBy(file)}\n`;
    const diff = diffOf(prefix, file);
    // On a terminal, what someone wrote into a file must not steer it.
    if (diff !== undefined)
      yield colour ? colourDiff(visibleLines(diff)) : process.stdout.isTTY ? visibleLines(diff) : diff;
  }
};

const sorted = <T extends { readonly path: string }>(files: T[]): readonly T[] =>
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));

const blockedBy = (file: Change | Obstacle): string =>
  file.kind === "blocked" && file.what !== undefined ? `: ${file.what}` : "";

const diffOf = (prefix: string, file: Change | Obstacle): string | undefined => {
  if (file.kind !== "modified" && file.kind !== "edited" && file.kind !== "foreign") return undefined;
  if (file.file === undefined || file.old === undefined) return undefined;
  const old = Buffer.from(file.old).toString("utf8").replaceAll("\r\n", "\n");
  return unifiedDiff(`${prefix}${file.path}`, `${prefix}${file.path} (as generated)`, old, file.file.content);
};

const visibleLines = (text: string): string =>
  text
    .split(/([\n\t])/)
    .map((part) => (part === "\n" || part === "\t" ? part : visible(part)))
    .join("");

const colourDiff = (diff: string): string =>
  diff.replace(/^([-+@]).*$/gm, (line, first: string) =>
    paint(/^(---|\+\+\+) /.test(line) ? "bold" : first === "-" ? "red" : first === "+" ? "green" : "cyan", line, true),
  );

/** The machine format of `evgen build --json`. */
export const reportJson = (results: readonly BuildResult[], options: BuildOptions, report: Report): void => {
  const builds = results.map(({ model, out, outcome, plan, unchanged, findings }) => ({
    model: `${model.prefix}${model.entry}`,
    ...(out === undefined ? {} : { out: `${model.prefix}${out}` }),
    outcome,
    diagnostics: findings.items,
    unchanged,
    files: sorted([...(plan?.changes ?? []), ...(plan?.obstacles ?? [])]).map((file) => {
      const diff = options.check ? diffOf(`${model.prefix}${out ?? ""}/`, file) : undefined;
      return { path: file.path, state: file.kind, ...(diff === undefined ? {} : { diff }) };
    }),
  }));
  report.data(`${JSON.stringify({ format: "evgen-build", version: 1, check: options.check, builds }, undefined, 2)}\n`);
};
