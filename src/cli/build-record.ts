import type { GeneratedFile, KnownFile } from "../targets/target.js";
import type { Cache } from "./cache.js";
import type { Findings } from "./findings.js";
import type { Manifest } from "./manifest.js";
import { hasLeftovers, manifestName, parseManifest, printManifest } from "./manifest.js";
import type { Place } from "./place.js";
import type { Inputs } from "./recording.js";
import { areSame } from "./recording.js";
import { sha256 } from "./sha256.js";

/** What is known of the last build that left nothing to do. While all of it holds, there is nothing to do again. */
export interface BuildRecord {
  readonly inputs: Inputs;
  readonly out: string;
  /** How many files are generated. */
  readonly files: number;
  readonly executables: readonly string[];
  /** The hash of the manifest, or in the index that of all its entries. */
  readonly output: string;
  /** Warnings, which are shown again. */
  readonly findings: Findings;
}

/** Builds of one model that have records of their own. */
export interface Slot {
  readonly staged: boolean;
  readonly targets: readonly string[] | undefined;
}

export const loadRecord = (cache: Cache, slot: Slot): BuildRecord | undefined => {
  const body = cache.load(nameOf(slot));
  return body === undefined ? undefined : JSON.parse(body);
};

export const saveRecord = (
  cache: Cache,
  slot: Slot,
  place: Place,
  build: {
    readonly inputs: Inputs;
    readonly out: string;
    readonly files: readonly (GeneratedFile | KnownFile)[];
    readonly manifest: Manifest;
    readonly findings: Findings;
  },
): void => {
  const record: BuildRecord = {
    inputs: build.inputs,
    out: build.out,
    files: build.files.length,
    executables: build.files.filter(({ executable }) => executable === true).map(({ path }) => path),
    output: place.staged?.identify(build.out) ?? sha256(printManifest(build.manifest)),
    findings: build.findings,
  };
  cache.save(nameOf(slot), JSON.stringify(record));
};

/** Whether inputs and outputs are what they were. On disk every file is read and hashed: times can lie. */
export const isFresh = (record: BuildRecord, place: Place): boolean => {
  if (!areSame(record.inputs, place.sources)) return false;
  if (place.staged !== undefined) return place.staged.identify(record.out) === record.output;
  const tree = place.output(record.out);
  if (tree === undefined || hasLeftovers(tree)) return false;
  const manifest = tree.read(manifestName);
  if (manifest.kind !== "file" || sha256(manifest.bytes) !== record.output) return false;
  const executables = new Set(record.executables);
  for (const [path, [hash]] of parseManifest(Buffer.from(manifest.bytes).toString("utf8"))) {
    const mode = executables.has(path);
    const found = tree.read(path, { mode });
    if (found.kind !== "file" || sha256(found.bytes) !== hash || (mode && !found.executable)) return false;
  }
  return true;
};

const nameOf = ({ staged, targets }: Slot): string =>
  `${staged ? "staged" : "build"}${targets === undefined ? "" : `-${sha256([...targets].sort().join(" ")).slice(0, 16)}`}`;
