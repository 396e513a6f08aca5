import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Manifest } from "./manifest.js";
import { manifestName, partialName, printManifest } from "./manifest.js";
import type { Change, Plan } from "./plan.js";
import { foldCase } from "./plan.js";

/**
 * Makes the output folder what the plan says; to be called under the lock. It can be killed anywhere: the manifest
 * first gets the hashes of old *and* new contents, every file is the old one, the new one or missing, never a part, and
 * only at the end does the manifest forget the old. So the next build knows all of them as its own.
 */
export const applyPlan = (folder: string, plan: Plan): void => {
  const partial = join(folder, partialName);
  rmSync(partial, { force: true });
  try {
    if (plan.changes.length > 0) replace(partial, join(folder, manifestName), printManifest(both(plan)));
    const folders = new Set<string>([folder]);
    for (const change of plan.changes) writeChange(folder, partial, folders, change);
    removeOrphans(folder, plan);
    if (plan.manifestDiffers || plan.changes.length > 0)
      replace(partial, join(folder, manifestName), printManifest(plan.after));
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
};

const both = (plan: Plan): Manifest => {
  const union = new Map(plan.before);
  for (const [path, hashes] of plan.after) union.set(path, [...new Set([...(plan.before.get(path) ?? []), ...hashes])]);
  return union;
};

const writeChange = (folder: string, partial: string, folders: Set<string>, change: Change): void => {
  const file = join(folder, change.path);
  switch (change.kind) {
    case "orphaned":
      return;
    case "mode":
      chmodSync(file, 0o755);
      return;
    case "missing":
    case "modified": {
      const parent = dirname(file);
      if (!folders.has(parent)) {
        mkdirSync(parent, { recursive: true });
        folders.add(parent);
      }
      writePartial(partial, file, change.file.content, change.file.executable === true);
      // Renaming onto a name that is free costs a tenth of replacing one, where the disk waits for the data.
      if (change.kind === "modified") unlinkSync(file);
      renameSync(partial, file);
    }
  }
};

/** Writes what is to become `file`, and names that one when it fails. */
const writePartial = (partial: string, file: string, content: string, executable: boolean): void => {
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
    const descriptor = openSync(partial, flags, executable ? 0o777 : 0o666);
    try {
      const bytes = Buffer.from(content);
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { path: file }) : error;
  }
};

/** Replaces a file in one step. */
const replace = (partial: string, file: string, content: string): void => {
  writePartial(partial, file, content, false);
  renameSync(partial, file);
};

const removeOrphans = (folder: string, plan: Plan): void => {
  const kept = new Map([...plan.after.keys()].map((path) => [foldCase(path), path]));
  const emptied = new Set<string>();
  for (const change of plan.changes) {
    if (change.kind !== "orphaned") continue;
    const twin = kept.get(foldCase(change.path));
    // Where upper and lower case are one, the old name is the new file's.
    if (twin !== undefined && isSameFile(join(folder, change.path), join(folder, twin))) continue;
    rmSync(join(folder, change.path), { force: true });
  }
  // Also those that a killed build has made and nothing came into.
  for (const path of plan.before.keys()) {
    if (plan.after.has(path)) continue;
    for (let parent = dirname(path); parent !== "."; parent = dirname(parent)) emptied.add(parent);
  }
  for (const parent of [...emptied].sort((a, b) => b.length - a.length)) removeIfEmpty(folder, parent);
};

const isSameFile = (a: string, b: string): boolean => {
  const [one, other] = [lstatSync(a, { throwIfNoEntry: false }), lstatSync(b, { throwIfNoEntry: false })];
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
};

const removeIfEmpty = (folder: string, path: string): void => {
  // Only real folders all the way down: behind a symbolic link is not the output folder.
  for (let parent = path; parent !== "."; parent = dirname(parent))
    if (lstatSync(join(folder, parent), { throwIfNoEntry: false })?.isDirectory() !== true) return;
  try {
    rmdirSync(join(folder, path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOENT") throw error;
  }
};
