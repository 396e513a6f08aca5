import { lstatSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diagnostic } from "../diagnostics/diagnostic.js";
import { visible } from "../diagnostics/visible.js";
import type { GeneratedFile, KnownFile } from "../targets/target.js";
import type { ModelFile } from "./find-model.js";
import { manifestName, pathProblem } from "./manifest.js";
import type { Obstacle } from "./plan.js";
import { foldCase } from "./plan.js";
import { isInside } from "./sources.js";

/** Why files cannot be written where the model wants them, whatever stands there already. */
export const outputProblems = (
  model: ModelFile,
  out: string,
  files: readonly (GeneratedFile | KnownFile)[],
  onDisk: boolean,
): readonly Diagnostic[] => {
  const place = { file: model.entry, path: ["generate", "out"] };
  const problem = folderProblem(model.folder, out, onDisk);
  if (problem !== undefined) return [diagnostic("output-outside", { out: visible(out), problem }, place)];
  return [...pathProblems(out, files), ...collisions(out, files)];
};

const folderProblem = (folder: string, out: string, onDisk: boolean): string | undefined => {
  const wanted = join(folder, out);
  if (out.includes("\u0000") || out.includes("\\")) return "its name holds a character that no folder's has everywhere";
  if (isAbsolute(out) || !isInside(folder, wanted)) return "it is outside of the model's folder";
  if (out.split("/").some((segment) => segment.toLowerCase() === ".git")) return "it is git's own folder";
  if (!onDisk) return undefined;
  for (let existing = wanted; ; existing = dirname(existing)) {
    const stat = lstatSync(existing, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (stat.isSymbolicLink() && !exists(existing)) return "a symbolic link on its way leads nowhere";
    const real = realpathSync(existing);
    if (!isInside(folder, real)) return "a symbolic link on its way leads out of the model's folder";
    return lstatSync(real).isDirectory() ? manifestProblem(wanted) : "something that is not a folder stands on its way";
  }
};

const exists = (path: string): boolean => {
  try {
    realpathSync(path);
    return true;
  } catch {
    return false;
  }
};

const manifestProblem = (folder: string): string | undefined => {
  const stat = lstatSync(join(folder, manifestName), { throwIfNoEntry: false });
  return stat === undefined || stat.isFile() ? undefined : `${manifestName} in it is not a file`;
};

const pathProblems = (out: string, files: readonly (GeneratedFile | KnownFile)[]): readonly Diagnostic[] =>
  files.flatMap(({ path }) => {
    const problem = pathProblem(path);
    if (problem === undefined) return [];
    const [target = ""] = path.split("/");
    const shown = visible(path.length > 200 ? `${path.slice(0, 200)}…` : path);
    return [diagnostic("output-path", { path: shown, target: visible(target), problem }, { file: out, path: [] })];
  });

/** Files of one path, and of paths that are one where case is not told apart or where one is the other's folder. */
const collisions = (out: string, files: readonly (GeneratedFile | KnownFile)[]): readonly Diagnostic[] => {
  const taken = new Map<string, string>();
  const found: Diagnostic[] = [];
  const report = (path: string, other: string) =>
    found.push(
      diagnostic(
        "output-twice",
        { path: visible(path), other: visible(other) },
        { file: `${out}/${visible(path)}`, path: [] },
      ),
    );
  for (const { path } of files) {
    const folded = foldCase(path);
    const other = taken.get(folded);
    if (other === undefined) taken.set(folded, path);
    else report(path, other);
  }
  const folders = new Set<string>();
  let last = "";
  for (const { path } of files) {
    // Files of one folder mostly come one after the other.
    const parent = path.slice(0, path.lastIndexOf("/") + 1);
    if (parent === last) continue;
    last = parent;
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = foldCase(path.slice(0, end));
      if (folders.has(folder)) break;
      folders.add(folder);
      const other = taken.get(folder);
      if (other !== undefined) report(path, other);
    }
  }
  return found;
};

/** What there is to say about files that evgen leaves alone. */
export const obstacleDiagnostics = (out: string, obstacles: readonly Obstacle[]): readonly Diagnostic[] =>
  obstacles.map((obstacle) => describeObstacle(`${out}/${obstacle.path}`, obstacle));

const describeObstacle = (path: string, { kind, what, file, old }: Obstacle): Diagnostic => {
  const place = { file: path, path: [] };
  switch (kind) {
    case "edited": {
      const merge = old !== undefined && /^(<{7}|>{7}) /m.test(Buffer.from(old).toString("utf8"));
      return diagnostic("output-edited", { path, removes: file === undefined, merge }, place);
    }
    case "foreign":
      return diagnostic("output-foreign", { path }, place);
    case "blocked":
      return diagnostic("output-blocked", { path, what: what ?? "something stands there" }, place);
  }
};
