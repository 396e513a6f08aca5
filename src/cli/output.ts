import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

/** The output folder as it is, on disk or in the index of git. Paths are relative to it, slashes forward. */
export interface OutputTree {
  /** Whether a file is executable is looked up only when asked for; else it is said to be. */
  read(path: string, options?: { readonly mode: boolean }): Found;
}

export type Found =
  | { readonly kind: "missing" }
  /** The bytes are valid until the next read. */
  | { readonly kind: "file"; readonly bytes: Uint8Array; readonly executable: boolean }
  /** Something that evgen never writes, or never goes through. */
  | { readonly kind: "other"; readonly what: string };

/** The output folder on disk. Symbolic links are neither read nor gone through. */
export const diskOutput = (folder: string): OutputTree => {
  const parents = new Map<string, Found | undefined>();

  /** What keeps a folder from being gone into; undefined when nothing does. */
  const blocked = (path: string): Found | undefined => {
    const known = parents.get(path);
    if (known !== undefined || parents.has(path)) return known;
    const slash = path.lastIndexOf("/");
    const found = (slash < 0 ? undefined : blocked(path.slice(0, slash))) ?? describeFolder(join(folder, path), path);
    parents.set(path, found);
    return found;
  };
  return {
    read: (path, options) => {
      const slash = path.lastIndexOf("/");
      const parent = slash < 0 ? undefined : blocked(path.slice(0, slash));
      return parent ?? readFound(`${folder}/${path}`, options?.mode === true);
    },
  };
};

const describeFolder = (folder: string, path: string): Found | undefined => {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return { kind: "missing" };
  if (stat.isDirectory()) return undefined;
  return { kind: "other", what: `${path} is ${stat.isSymbolicLink() ? "a symbolic link" : "not a folder"}` };
};

/** Windows knows no executable bit. */
const alwaysExecutable = process.platform === "win32";

let buffer = Buffer.allocUnsafeSlow(256 * 1024);

const readFound = (file: string, mode: boolean): Found => {
  let descriptor: number;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for ever.
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    return describeError(error);
  }
  try {
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, buffer, length, buffer.length - length, null);
      length += count;
      if (length < buffer.length) break;
      buffer = Buffer.concat([buffer], buffer.length * 2);
    }
    // Only a file gives bytes without having been asked for its kind, and most have some: this saves a call a file.
    const stat = length === 0 || mode ? fstatSync(descriptor) : undefined;
    if (stat !== undefined && !stat.isFile()) return { kind: "other", what: "it is not a regular file" };
    const executable = stat === undefined || alwaysExecutable || (stat.mode & 0o111) !== 0;
    return { kind: "file", bytes: buffer.subarray(0, length), executable };
  } catch (error) {
    return describeError(error);
  } finally {
    closeSync(descriptor);
  }
};

const describeError = (error: unknown): Found => {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return { kind: "missing" };
    case "ELOOP":
    case "EMLINK":
      return { kind: "other", what: "it is a symbolic link" };
    case "EISDIR":
      return { kind: "other", what: "it is a folder" };
    case "ENXIO":
    case "EAGAIN":
      return { kind: "other", what: "it is not a regular file" };
    default:
      throw error;
  }
};
