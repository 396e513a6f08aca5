import { lstatSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { byCodeUnit } from "./by-code-unit.js";
import { sha256 } from "./sha256.js";

/**
 * Changes whenever evgen may make something else of the same model: its own files and those of the libraries that write
 * into the output, by size and time, and the version of Node. Reads no file.
 */
export const codeFingerprint = (): string => {
  const home = fileURLToPath(new URL("../../", import.meta.url));
  const lines = [process.version];
  for (const file of ["package.json", "model.schema.json"]) lines.push(...describe(join(home, file)));
  describeAll(join(home, "dist"), lines);
  for (const library of libraries) lines.push(...describeLibrary(home, library));
  return sha256(lines.join("\n"));
};

/** Those whose version shows in the output or in what is found in a model. */
const libraries = ["ajv", "avsc", "handlebars", "json-schema-to-typescript", "prettier", "yaml"];

const describeAll = (folder: string, lines: string[]): void => {
  let entries: readonly { readonly name: string; isDirectory(): boolean }[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of [...entries].sort((a, b) => byCodeUnit(a.name, b.name))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) describeAll(path, lines);
    else if (!path.endsWith(".d.ts")) lines.push(...describe(path));
  }
};

const describeLibrary = (home: string, library: string): readonly string[] => {
  for (let folder = home; ; folder = dirname(folder)) {
    const lines = describe(join(folder, "node_modules", library, "package.json"));
    if (lines.length > 0 || dirname(folder) === folder) return lines;
  }
};

const describe = (file: string): readonly string[] => {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat === undefined ? [] : [`${file} ${stat.size} ${stat.mtimeMs}`];
};
