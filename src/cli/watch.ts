import type { FSWatcher } from "node:fs";
import { existsSync, watch as watchFolder } from "node:fs";
import { dirname, join } from "node:path";
import { visible } from "../diagnostics/visible.js";
import type { BuildOptions, BuildResult } from "./build-model.js";
import { buildModel } from "./build-model.js";
import type { Cache } from "./cache.js";
import type { ExitCode } from "./exit-code.js";
import { exitCode } from "./exit-code.js";
import { asFailure, environmentFailed } from "./failure.js";
import type { ModelFile } from "./find-model.js";
import { reservedPrefix } from "./manifest.js";
import type { Place } from "./place.js";
import { diskPlace } from "./place.js";
import type { Report } from "./report.js";
import { reportBuild } from "./report-build.js";

/** Milliseconds of quiet before a build: an editor that saves touches a file several times. */
const quiet = 50;

/** Builds whenever a file of the model changes, until Ctrl-C. */
export const watch = async (
  model: ModelFile,
  options: BuildOptions,
  cache: Cache,
  report: Report,
): Promise<ExitCode> => {
  const watchers = new Map<string, FSWatcher>();
  const changes = createSignal();
  let stopped = false;
  let last: BuildResult["outcome"] | "failed" | undefined;
  const stop = (): void => {
    stopped = true;
    changes.raise();
  };
  process.on("SIGINT", stop);
  report.note("Building on every change of the model. Ctrl-C ends.\n");
  process.on("SIGTERM", stop);

  try {
    while (!stopped) {
      // Folders are watched before they are read again, so that no change falls between.
      changes.reset();
      const place = diskPlace(model.folder);
      last = await buildOnce(model, place, options, cache, report, last);
      if (watchMore(watchers, model.folder, place.sources.folders, changes.raise)) {
        // What changed before a new folder was watched is seen by reading once more.
        continue;
      }
      await changes.raised();
      if (!stopped) await changes.settled(quiet);
    }
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    for (const watcher of watchers.values()) watcher.close();
  }
  return exitCode.done;
};

const buildOnce = async (
  model: ModelFile,
  place: Place,
  options: BuildOptions,
  cache: Cache,
  report: Report,
  last: BuildResult["outcome"] | "failed" | undefined,
): Promise<BuildResult["outcome"] | "failed"> => {
  try {
    const result = await buildModel(model, place, options, cache);
    // Other files of the folders change too; that is no news.
    if (result.outcome !== "fresh" || last === undefined || last === "findings" || last === "failed")
      reportBuild(result, options, report);
    return result.outcome;
  } catch (thrown) {
    // A full disk or a folder in the way may be mended while watching; a bug ends it.
    const failure = asFailure(thrown);
    if (failure === undefined || failure.exitCode === exitCode.wrongUse) throw thrown;
    report.problem(`evgen: ${failure.message}\n`);
    return "failed";
  }
};

/** Watches folders that are not yet, or for one that is gone the nearest above it; whether there were any. */
const watchMore = (
  watchers: Map<string, FSWatcher>,
  root: string,
  folders: ReadonlySet<string>,
  onChange: () => void,
): boolean => {
  const wanted = new Set<string>();
  for (const folder of folders) {
    let existing = join(root, folder);
    while (!existsSync(existing) && existing !== root && dirname(existing) !== existing) existing = dirname(existing);
    wanted.add(existing);
  }
  for (const [folder, watcher] of watchers) {
    if (wanted.has(folder)) continue;
    watcher.close();
    watchers.delete(folder);
  }
  let isNew = false;
  for (const folder of wanted) {
    if (watchers.has(folder)) continue;
    const watcher = openWatcher(folder, onChange);
    const forget = (): void => {
      watcher.close();
      if (watchers.get(folder) === watcher) watchers.delete(folder);
      onChange();
    };
    watcher.on("error", forget);
    watchers.set(folder, watcher);
    isNew = true;
  }
  return isNew;
};

const openWatcher = (folder: string, onChange: () => void): FSWatcher => {
  try {
    return watchFolder(folder, (_event, name) => {
      if (name?.startsWith(reservedPrefix) !== true) onChange();
    });
  } catch (error) {
    // The system says "no space" of its limit of watches too, which would mislead.
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw environmentFailed(`${visible(folder)}: the system does not let the folder be watched (${code}).`);
  }
};

/** A flag that can be waited for. */
const createSignal = () => {
  let count = 0;
  let wake: (() => void) | undefined;
  return {
    raise: (): void => {
      count++;
      wake?.();
    },
    reset: (): void => {
      count = 0;
    },
    raised: (): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve;
        if (count > 0) resolve();
      }),
    /** Until it was not raised for so many milliseconds. */
    settled: async (milliseconds: number): Promise<void> => {
      for (let before = -1; before !== count; ) {
        before = count;
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
      }
    },
  };
};
