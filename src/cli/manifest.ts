import { byCodeUnit } from "./by-code-unit.js";
import type { OutputTree } from "./output.js";

/** Its name in the output folder; `sha256sum -c .evgen-manifest` there checks the files. */
export const manifestName = ".evgen-manifest";

/** What begins so in the output folder is evgen's own, and no target's. */
export const reservedPrefix = ".evgen-";

/** There while a build writes. */
export const lockName = ".evgen-lock";

/** Where a build writes every file before it gets its name; there is never more than one. */
export const partialName = ".evgen-partial";

/** Whether a build is writing, or was stopped while it was. */
export const hasLeftovers = (tree: OutputTree): boolean =>
  [lockName, partialName].some((name) => tree.read(name).kind !== "missing");

/**
 * The files that evgen wrote, with the hashes that are its own. A path has several while files are being written, or
 * after a merge: its content is then evgen's in each of these forms.
 */
export type Manifest = ReadonlyMap<string, readonly string[]>;

/**
 * Reads a manifest. What is not a line of one (the marks of a merge conflict, a path that leaves the folder) is passed
 * over: it then owns nothing.
 */
export const parseManifest = (text: string): Manifest => {
  const manifest = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const match = /^([0-9a-f]{64}) [ *](.+?)\r?$/.exec(line);
    const [, hash, path] = match ?? [];
    if (hash === undefined || path === undefined || pathProblem(path) !== undefined) continue;
    const hashes = manifest.get(path);
    if (hashes === undefined) manifest.set(path, [hash]);
    else if (!hashes.includes(hash)) hashes.push(hash);
  }
  return manifest;
};

/** One line a file and hash, sorted by code unit, so that it merges well. */
export const printManifest = (manifest: Manifest): string => {
  const known = printed.get(manifest) ?? print(manifest);
  printed.set(manifest, known);
  return known;
};

const printed = new WeakMap<Manifest, string>();

const print = (manifest: Manifest): string =>
  [...manifest]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .flatMap(([path, hashes]) => hashes.map((hash) => `${hash}  ${path}\n`))
    .join("");

/** Why a path cannot be one of the output folder, on any system. */
export const pathProblem = (path: string): string | undefined => {
  // Nearly all are like this, and there may be thousands.
  if (path.length < 256 && /^(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*\/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(path))
    return undefined;
  if (path === "") return "it is empty";
  if (path.length > 1024) return "it is longer than 1024 characters";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\u0000-\u001f\u007f\\:]/.test(path)) return "it holds a character that paths cannot have everywhere";
  if (!path.isWellFormed()) return "it is not well-formed Unicode";
  if (path.startsWith("/")) return "it is absolute";
  for (const segment of path.split("/")) {
    if (segment === "" || segment === "." || segment === "..") return "it does not stay in the output folder";
    if (segment.startsWith(reservedPrefix)) return `names that begin with ${reservedPrefix} are evgen's own`;
    if (Buffer.byteLength(segment) > 255) return "one of its names is longer than 255 bytes";
  }
  return undefined;
};
