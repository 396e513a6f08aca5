import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import type { JsonValue } from "../model/type.js";
import type { DocumentCache } from "../passes/load.js";
import type { KnownNames, KnownTypes } from "../passes/resolve/known-types.js";
import type { ProvedMappings } from "../passes/resolve/mappings.js";
import type { GeneratedFile, KnownFile, KnownFiles, TargetContext } from "../targets/target.js";
import { hashOf, sha256 } from "./sha256.js";

/**
 * What evgen remembers of a model between two runs, outside of the repository. It only saves time: what is broken, old
 * or cannot be read is as if it were not there, and what cannot be written is not.
 */
export interface Cache {
  /** A record by its name, or undefined. */
  load(name: string): string | undefined;
  save(name: string, body: string): void;
}

/** The cache of a model, by the absolute path of its first file; `fingerprint` is that of evgen's own code. */
export const openCache = (model: string, fingerprint: string): Cache => {
  const home = cacheHome();
  if (home === undefined) return noCache;
  const folder = join(home, sha256(model).slice(0, 32));
  return {
    load: (name) => {
      try {
        const bytes = readFileSync(join(folder, name));
        const end = bytes.indexOf("\n");
        const body = bytes.subarray(end + 1);
        // The hash finds a file that was cut off or changed: the cache must never change a result.
        return bytes.toString("utf8", 0, end) === `${fingerprint} ${sha256(body)}` ? body.toString("utf8") : undefined;
      } catch {
        return undefined;
      }
    },
    save: (name, body) => {
      try {
        if (makeFolder(folder)) forgetOld(home);
        const partial = join(folder, `${name}.${process.pid}`);
        writeFileSync(partial, `${fingerprint} ${sha256(body)}\n${body}`, { mode: 0o600 });
        renameSync(partial, join(folder, name));
        const now = Date.now() / 1000;
        utimesSync(folder, now, now);
      } catch {
        // Then the next run takes longer.
      }
    },
  };
};

export const noCache: Cache = { load: () => undefined, save: () => undefined };

/** Parsed documents, what was proved, fragments, and the hashes of files by what they are made from; a file for each. */
export interface Memories {
  readonly documents: DocumentCache;
  readonly proved: ProvedMappings;
  readonly types: KnownTypes;
  readonly fragments: TargetContext["fragments"];
  readonly files: KnownFiles;
  /** What is worth keeping also of a model with mistakes. */
  saveChecked(): void;
  save(): void;
}

export const openMemories = (cache: Cache): Memories => {
  const documents = openMemory(cache, "documents");
  const proved = openMemory(cache, "proved");
  const fragments = openMemory(cache, "fragments");
  const files = openMemory(cache, "files");
  const hashOfAll = createHashOfAll();
  return {
    documents: {
      get: (text) => documents.get(sha256(text)) as JsonValue | undefined,
      set: (text, value) => {
        if (isExact(value)) documents.set(sha256(text), value);
      },
    },
    fragments: {
      get: (key) => asText(fragments.get(sha256(key))),
      set: (key, text) => fragments.set(sha256(key), text),
    },
    proved: {
      has: (origin) => proved.get(hashOfAll(origin)) === true,
      add: (origin) => proved.set(hashOfAll(origin), true),
    },
    // Beside what was proved of them: origins of types are never those of mappings.
    types: {
      get: (origin) => proved.get(hashOfAll(origin)) as KnownNames | undefined,
      set: (origin, names) => proved.set(hashOfAll(origin), names as unknown as JsonValue),
    },
    saveChecked: () => {
      documents.save();
      // What is wrong elsewhere may have kept it from being asked for.
      proved.save({ keepsUnused: true });
    },
    files: {
      get: (key) => files.get(hashOfAll(key)) as readonly KnownFile[] | undefined,
      set: (key, made) => files.set(hashOfAll(key), made.map(known)),
    },
    save: () => {
      documents.save();
      proved.save();
      // Files that were known did not ask for the fragments that they are made of.
      fragments.save({ keepsUnused: true });
      files.save();
    },
  };
};

/** The hash of some texts, of which the same ones come again and again. */
const createHashOfAll = (): ((texts: readonly string[]) => string) => {
  const hashes = new Map<string, string>();
  const hashOnce = (text: string): string => {
    const hash = hashes.get(text) ?? sha256(text);
    hashes.set(text, hash);
    return hash;
  };
  return (texts) => sha256(texts.map(hashOnce).join(" "));
};

const known = (file: GeneratedFile | KnownFile): { readonly [key: string]: JsonValue } => ({
  path: file.path,
  sha256: hashOf(file),
  ...(file.executable === undefined ? {} : { executable: file.executable }),
});

const asText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Lines of a hash and a JSON text, so that what did not change is neither parsed nor printed again. */
const openMemory = (cache: Cache, name: string) => {
  let lines: Map<string, string> | undefined;
  const used = new Map<string, string>();
  let isNew = false;

  const known = (): Map<string, string> => {
    if (lines === undefined) {
      lines = new Map();
      for (const line of (cache.load(name) ?? "").split("\n"))
        if (line.length > 64) lines.set(line.slice(0, 64), line.slice(65));
    }
    return lines;
  };
  return {
    get: (key: string): unknown => {
      const line = used.get(key) ?? known().get(key);
      if (line === undefined) return undefined;
      used.set(key, line);
      return JSON.parse(line);
    },
    set: (key: string, value: JsonValue): void => {
      const line = JSON.stringify(value);
      used.set(key, line);
      if (known().get(key) !== line) isNew = true;
    },
    save: ({ keepsUnused = false } = {}): void => {
      if (!isNew && (keepsUnused || used.size === known().size)) return;
      const all = keepsUnused ? withUnused(used, known()) : used;
      cache.save(name, [...all].map(([key, line]) => `${key} ${line}`).join("\n"));
    },
  };
};

/** With what was not asked for, up to a size that no model needs: it may be again. */
const withUnused = (used: ReadonlyMap<string, string>, all: ReadonlyMap<string, string>): Map<string, string> => {
  const kept = new Map(used);
  let room = 32 * 1024 * 1024;
  for (const line of used.values()) room -= line.length;
  for (const [key, line] of all) {
    if (kept.has(key)) continue;
    room -= line.length;
    if (room < 0) break;
    kept.set(key, line);
  }
  return kept;
};

/** Whether JSON gives the same value back. YAML knows numbers that JSON does not. */
const isExact = (value: JsonValue): boolean => {
  const rest: JsonValue[] = [value];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (typeof next === "number") {
      if (!Number.isFinite(next) || Object.is(next, -0)) return false;
    } else if (typeof next === "object" && next !== null) {
      for (const child of Object.values(next) as JsonValue[]) {
        if (child === undefined || typeof child === "bigint") return false;
        rest.push(child);
      }
    }
  }
  return true;
};

const cacheHome = (): string | undefined => {
  const { EVGEN_CACHE_DIR: own, XDG_CACHE_HOME: xdg } = process.env;
  if (own !== undefined && own !== "") return isAbsolute(own) ? own : join(process.cwd(), own);
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "evgen");
  try {
    return join(homedir(), ".cache", "evgen");
  } catch {
    return undefined;
  }
};

/** Whether it had to be made. Node's own way with `recursive` never ends in file systems such as /proc. */
const makeFolder = (folder: string): boolean => {
  if (existsSync(folder)) return false;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
  return true;
};

/** Milliseconds after which the cache of a model that nobody builds is removed. */
const keptFor = 60 * 24 * 60 * 60_000;

const forgetOld = (home: string): void => {
  for (const name of readdirSync(home)) {
    if (!/^[0-9a-f]{32}$/.test(name)) continue;
    const folder = join(home, name);
    if (Date.now() - statSync(folder).mtimeMs > keptFor) rmSync(folder, { recursive: true, force: true });
  }
};
