import type { Sources } from "../src/passes/load.js";

/** Files in memory, by path, for tests. `*` and `**` of patterns mean what they mean on disk. */
export const memorySources = (files: { readonly [path: string]: string }): Sources => ({
  read: (path) => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    return text === undefined ? { kind: "missing" } : { kind: "text", text };
  },
  match: (pattern) => {
    const expression = pattern
      .split(/(\*\*\/|\*)/)
      .map((part) =>
        part === "**/" ? "(?:[^/]+/)*" : part === "*" ? "[^/]*" : part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"),
      )
      .join("");
    const matcher = new RegExp(`^${expression}$`);
    return Object.keys(files)
      .filter((path) => matcher.test(path))
      .sort();
  },
});
