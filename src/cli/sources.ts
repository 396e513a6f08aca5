import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { visible } from "../diagnostics/visible.js";
import type { Sources, SourceText } from "../passes/load.js";
import { byCodeUnit } from "./by-code-unit.js";
import { environmentFailed } from "./failure.js";
import type { Pattern, Positions } from "./pattern.js";
import { enter, isDeep, names, parsePattern, start } from "./pattern.js";
import { sha256 } from "./sha256.js";

/** The files of a model, with what it takes to know later whether they are still the same. */
export interface SourceTree extends Sources {
  /** Changes when the content does: a hash, or why there is none. */
  identify(path: string): string;
  /** Folders that were looked into, relative to the model's; for watching. */
  readonly folders: ReadonlySet<string>;
}

/**
 * Why a file is too large to be read, if it is. 16 MiB are far more than anyone writes by hand, and little enough to be
 * parsed. A lock is written by evgen, and holds some 5 KiB of each event: 256 MiB are fifty thousand.
 */
export const tooLarge = (path: string, bytes: number): string | undefined => {
  const mebibytes = path.endsWith(".lock") ? 256 : 16;
  return bytes > mebibytes * 2 ** 20 ? `it is larger than ${mebibytes} MiB` : undefined;
};

const depthLimit = 64;
const entryLimit = 200_000;

/** The files in the model's folder; each is read once, so that a build sees one state of it. */
export const diskSources = (folder: string): SourceTree => {
  const root = realpathSync(folder);
  const texts = new Map<string, SourceText>();
  const folders = new Set<string>();

  const read = (path: string): SourceText => {
    let text = texts.get(path);
    if (text === undefined) {
      text = readSource(root, path);
      texts.set(path, text);
      folders.add(path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".");
    }
    return text;
  };
  const match = (text: string): readonly string[] => {
    const pattern = parsePattern(text);
    return pattern === undefined ? [] : find(root, pattern, folders);
  };
  const identify = (path: string): string => {
    const source = read(path);
    if (source.kind === "text") return sha256(source.text);
    return source.kind === "missing" ? "missing" : `refused: ${source.reason}`;
  };
  return { read, match, identify, folders };
};

const readSource = (root: string, path: string): SourceText => {
  if (path.includes("\u0000")) return { kind: "refused", reason: "its name holds a character that no file's has" };
  const wanted = join(root, path);
  if (isAbsolute(path) || path.includes("\\") || !isInside(root, wanted))
    return { kind: "refused", reason: "it is outside of the model's folder" };
  try {
    const file = realpathSync.native(wanted);
    if (!isInside(root, file))
      return { kind: "refused", reason: "it is a symbolic link that leads out of the model's folder" };
    const { size, ...stat } = describe(file);
    if (stat.kind !== "file") return { kind: "refused", reason: `it is ${stat.kind}` };
    const excess = tooLarge(path, size);
    if (excess !== undefined) return { kind: "refused", reason: excess };
    const bytes = readFileSync(file);
    if (!isUtf8(bytes)) return { kind: "refused", reason: "it is not text in UTF-8" };
    return { kind: "text", text: bytes.toString("utf8") };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "missing" };
    if (code === "ELOOP") return { kind: "refused", reason: "its symbolic links lead in a circle" };
    if (code === "EACCES" || code === "EPERM") return { kind: "refused", reason: "permission to read it is denied" };
    if (code === "ENAMETOOLONG") return { kind: "refused", reason: "its name is too long" };
    return { kind: "refused", reason: `the operating system does not let it be read (${code})` };
  }
};

const describe = (file: string): { readonly kind: string; readonly size: number } => {
  const stat = statSync(file);
  // What is not a file is not opened: reading a FIFO would wait for ever.
  const kind = stat.isFile() ? "file" : stat.isDirectory() ? "a folder" : "not a regular file";
  return { kind, size: stat.size };
};

/** Whether a path is below the folder, or the folder itself. Both absolute. */
export const isInside = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
};

const find = (root: string, pattern: Pattern, folders: Set<string>): readonly string[] => {
  const found: string[] = [];
  let seen = 0;
  const visit = (folder: string, positions: Positions, depth: number): void => {
    folders.add(folder === "" ? "." : folder);
    for (const entry of entriesOf(join(root, folder))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (++seen > entryLimit || depth > depthLimit)
        throw environmentFailed(
          `The pattern ${visible(pattern.segments.join("/"))} searches too many folders (at ${visible(path)}). Name the folders of the model in it.`,
        );
      const link = entry.isSymbolicLink();
      if (entry.isDirectory() || (link && isFolderInside(root, path))) {
        const next = enter(pattern, positions, entry.name);
        if (next.length > 0 && !(link && isDeep(pattern, next))) visit(path, next, depth + 1);
      } else if (names(pattern, positions, entry.name)) found.push(path);
    }
  };
  visit("", start(pattern), 0);
  return found.sort(byCodeUnit);
};

const entriesOf = (folder: string) => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // Gone meanwhile, or not ours to read: then nothing in it is named.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return [];
  }
};

const isFolderInside = (root: string, path: string): boolean => {
  try {
    const real = realpathSync.native(join(root, path));
    return isInside(root, real) && statSync(real).isDirectory();
  } catch {
    return false;
  }
};
