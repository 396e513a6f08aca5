import type { Sources } from "../passes/load.js";
import type { SourceTree } from "./sources.js";

/** All that a build asked its sources, with the answers, as JSON: what has to be the same for the result to be. */
export interface Inputs {
  readonly files: readonly (readonly [path: string, identity: string])[];
  readonly matches: readonly (readonly [pattern: string, paths: readonly string[]])[];
}

/** Sources that write down what they are asked. */
export const recordInputs = (
  tree: SourceTree,
): {
  readonly sources: Sources;
  readonly inputs: () => Inputs;
  /** Reads again what was read, and nothing else. */
  readonly seen: Sources["read"];
} => {
  const files = new Map<string, string>();
  const matches = new Map<string, readonly string[]>();
  return {
    sources: {
      read: (path) => {
        const text = tree.read(path);
        if (!files.has(path)) files.set(path, tree.identify(path));
        return text;
      },
      match: (pattern) => {
        const paths = tree.match(pattern);
        matches.set(pattern, paths);
        return paths;
      },
    },
    inputs: () => ({ files: [...files], matches: [...matches] }),
    seen: (path) => (files.has(path) ? tree.read(path) : { kind: "missing" }),
  };
};

/** Whether the sources would answer the same now. */
export const areSame = (inputs: Inputs, tree: SourceTree): boolean =>
  inputs.files.every(([path, identity]) => tree.identify(path) === identity) &&
  inputs.matches.every(([pattern, paths]) => {
    const now = tree.match(pattern);
    return now.length === paths.length && now.every((path, i) => path === paths[i]);
  });
