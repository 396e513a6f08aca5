import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { OutputTree } from "./output.js";
import { diskOutput } from "./output.js";
import type { SourceTree } from "./sources.js";
import { diskSources, isInside } from "./sources.js";

/** Where a build reads the model and what was generated: on disk, or in the index of git. */
export interface Place {
  readonly sources: SourceTree;
  /** The output folder as it is now; undefined when there is none to be read. `out` is relative to the model's. */
  output(out: string): OutputTree | undefined;
  /** Set in the index of git. */
  readonly staged?: {
    /** Changes when anything that is staged in the output folder does. */
    identify(out: string): string;
    /** Whether the output folder is left out of git: nothing in it is staged, and it is ignored. */
    isIgnored(out: string): boolean;
  };
}

/** The files of a model's folder. */
export const diskPlace = (folder: string): Place => ({
  sources: diskSources(folder),
  output: (out) => {
    const output = join(folder, out);
    return existsSync(output) && isInside(folder, realpathSync(output)) ? diskOutput(output) : undefined;
  },
});
