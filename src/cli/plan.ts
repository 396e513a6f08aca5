import type { GeneratedFile, KnownFile } from "../targets/target.js";
import { byCodeUnit } from "./by-code-unit.js";
import type { Manifest } from "./manifest.js";
import { printManifest } from "./manifest.js";
import type { Found, OutputTree } from "./output.js";
import { hashOf, sha256 } from "./sha256.js";

/** What it takes to make the output folder what the model says. */
export interface Plan {
  /** Sorted by path. Empty: nothing is to be done but perhaps the manifest. */
  readonly changes: readonly Change[];
  /** Files that evgen does not own and so does not touch. Any: nothing at all is written. */
  readonly obstacles: readonly Obstacle[];
  readonly unchanged: number;
  /** The manifest before, and as it is to be. */
  readonly before: Manifest;
  readonly after: Manifest;
  /** Whether the manifest's text has to change. */
  readonly manifestDiffers: boolean;
}

export type Change =
  /** The model makes it, and it is not there. */
  | { readonly kind: "missing"; readonly path: string; readonly file: GeneratedFile }
  /** evgen wrote it, or `--force` was given, and the model makes something else now. */
  | { readonly kind: "modified"; readonly path: string; readonly file: GeneratedFile; readonly old: Uint8Array }
  /** Right but for the executable bit. */
  | { readonly kind: "mode"; readonly path: string; readonly file: GeneratedFile }
  /** evgen wrote it, and the model makes it no longer. */
  | { readonly kind: "orphaned"; readonly path: string; readonly old: Uint8Array };

export interface Obstacle {
  /**
   * `edited`: evgen wrote it and someone changed it. `foreign`: evgen did not write it. `blocked`: something stands
   * there that even `--force` does not remove, such as a folder.
   */
  readonly kind: "edited" | "foreign" | "blocked";
  readonly path: string;
  /** For `blocked`: what stands there. */
  readonly what?: string;
  /** What evgen would write; absent where it would remove. */
  readonly file?: GeneratedFile;
  readonly old?: Uint8Array;
}

export interface PlanOptions {
  /** Whether files that are not evgen's may be overwritten and removed. */
  readonly force?: boolean;
  /** Whether a path is in what is generated now: with `--target`, only these targets' files are. */
  readonly inScope?: (path: string) => boolean;
}

/**
 * Compares what a model makes with what is there. Writes nothing. Undefined when it takes the content of a file of which
 * only the hash is known.
 */
export const makePlan = (
  files: readonly (GeneratedFile | KnownFile)[],
  manifestText: string,
  before: Manifest,
  tree: OutputTree,
  options: PlanOptions = {},
): Plan | undefined => {
  const inScope = options.inScope ?? (() => true);
  const changes: Change[] = [];
  const obstacles: Obstacle[] = [];
  const after = new Map<string, readonly string[]>();
  const generated = new Set<string>();
  const owned = ownership(before);
  let unchanged = 0;

  for (const file of files) {
    generated.add(file.path);
    after.set(file.path, [hashOf(file)]);
    const found = tree.read(file.path, { mode: file.executable === true });
    if (!("content" in file)) {
      if (!isKnown(file, found)) return undefined;
      unchanged++;
      continue;
    }
    const verdict = compare(file, found, owned(file.path), options.force === true);
    if (verdict === undefined) unchanged++;
    else if (verdict.role === "change") changes.push(verdict.change);
    else obstacles.push(verdict.obstacle);
  }
  for (const [path, hashes] of before) {
    if (generated.has(path)) continue;
    if (!inScope(path)) {
      after.set(path, hashes);
      continue;
    }
    const found = tree.read(path);
    if (found.kind === "missing") continue;
    if (found.kind === "other") {
      // Something else stands where evgen's file was: no longer evgen's, so it is left and forgotten.
      continue;
    }
    const old = Uint8Array.from(found.bytes);
    if (options.force === true || isOwn(old, hashes)) changes.push({ kind: "orphaned", path, old });
    else obstacles.push({ kind: "edited", path, old });
  }
  const byPath = (a: { readonly path: string }, b: { readonly path: string }) => byCodeUnit(a.path, b.path);
  return {
    changes: changes.sort(byPath),
    obstacles: obstacles.sort(byPath),
    unchanged,
    before,
    after,
    manifestDiffers: printManifest(after) !== manifestText.replaceAll("\r\n", "\n"),
  };
};

/** Whether a file whose content is not at hand is there, in every way right. */
const isKnown = (file: KnownFile, found: Found): boolean =>
  found.kind === "file" && (found.executable || file.executable !== true) && sha256(found.bytes) === file.sha256;

type Verdict =
  | { readonly role: "change"; readonly change: Change }
  | { readonly role: "obstacle"; readonly obstacle: Obstacle };

const compare = (file: GeneratedFile, found: Found, hashes: readonly string[], force: boolean): Verdict | undefined => {
  const { path } = file;
  switch (found.kind) {
    case "missing":
      return { role: "change", change: { kind: "missing", path, file } };
    case "other": {
      const replaceable = force && found.what === "it is a symbolic link";
      return replaceable
        ? { role: "change", change: { kind: "modified", path, file, old: new Uint8Array() } }
        : { role: "obstacle", obstacle: { kind: "blocked", path, what: found.what, file } };
    }
    case "file": {
      if (isSame(found.bytes, file.content)) {
        const right = found.executable || file.executable !== true;
        return right ? undefined : { role: "change", change: { kind: "mode", path, file } };
      }
      const old = Uint8Array.from(found.bytes);
      if (force || isOwn(old, hashes)) return { role: "change", change: { kind: "modified", path, file, old } };
      return { role: "obstacle", obstacle: { kind: hashes.length > 0 ? "edited" : "foreign", path, file, old } };
    }
  }
};

/** Hashes by path, also where only the case of the path was another: such are one file on some systems. */
const ownership = (manifest: Manifest): ((path: string) => readonly string[]) => {
  let folded: Map<string, string[]> | undefined;
  return (path) => {
    const exact = manifest.get(path);
    if (exact !== undefined) return exact;
    if (folded === undefined) {
      folded = new Map();
      for (const [known, hashes] of manifest) {
        const key = foldCase(known);
        folded.set(key, [...(folded.get(key) ?? []), ...hashes]);
      }
    }
    return folded.get(foldCase(path)) ?? [];
  };
};

/** Equal for paths that are one file where the file system does not tell upper from lower case. */
export const foldCase = (path: string): string =>
  // Nearly every path is plain, and for these the short way gives the same.
  /^[ -~]*$/.test(path) ? path.toLowerCase() : path.normalize("NFC").toUpperCase().toLowerCase();

/** Git on Windows may write other line ends; that is no difference. */
const isSame = (bytes: Uint8Array, content: string): boolean => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.equals(Buffer.from(content))) return true;
  return buffer.includes("\r\n") && buffer.toString("utf8").replaceAll("\r\n", "\n") === content;
};

/** Whether evgen wrote these bytes. An empty file of the manifest is its own too: nothing can be lost with it. */
const isOwn = (bytes: Uint8Array, hashes: readonly string[]): boolean => {
  if (hashes.length === 0) return false;
  if (bytes.byteLength === 0 || hashes.includes(sha256(bytes))) return true;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return text.includes("\r\n") && hashes.includes(sha256(text.toString("utf8").replaceAll("\r\n", "\n")));
};

/** Whether the output is not what the model says. */
export const isStale = (plan: Plan): boolean => plan.changes.length > 0 || plan.manifestDiffers;
