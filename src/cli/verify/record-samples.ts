import { join } from "node:path";
import { findLock } from "../../evolution/lock/find-lock.js";
import { lockFile } from "../../evolution/lock/read-lock.js";
import { snapshotIn } from "../../evolution/lock/snapshot-in.js";
import { printLock } from "../../evolution/lock/write-lock.js";
import { recorded } from "../../verify/recorded.js";
import { wrongUse } from "../failure.js";
import type { ModelFile } from "../find-model.js";
import { withLock } from "../lock.js";
import { replaceFile } from "../replace-file.js";
import { diskSources } from "../sources.js";

/** Notes in the lock what its samples are read as and what was proved, and nothing else; false when it says so already. */
export const recordSamples = (model: ModelFile, verified: Parameters<typeof recorded>[1]): Promise<boolean> => {
  const file = lockFile(model.entry);
  return withLock(join(model.folder, ".evgen-release"), () => {
    const sources = diskSources(model.folder);
    const { lock } = findLock(model.entry, sources);
    const snapshot = lock === undefined ? undefined : snapshotIn(lock).snapshot;
    if (snapshot === undefined) throw wrongUse(`There is no ${file} to note anything in: run evgen release first.`);
    const text = printLock(recorded(snapshot, verified));
    const before = sources.read(file);
    if (before.kind === "text" && before.text === text) return false;
    replaceFile(join(model.folder, file), text);
    return true;
  });
};
