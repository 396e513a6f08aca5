import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { byCodeUnit } from "./by-code-unit.js";
import { wrongUse } from "./failure.js";
import type { ModelFile } from "./find-model.js";
import { findModel, modelIn, usualNames } from "./find-model.js";
import type { Place } from "./place.js";
import type { Index } from "./staged.js";
import { indexBelow, openIndex, stagedPlace } from "./staged.js";

/** The model that was named, or else all that are staged below the current folder, for a hook without arguments. */
export const stagedModels = (
  named: string | undefined,
): readonly { readonly model: ModelFile; readonly place: Place }[] => {
  if (named !== undefined) {
    const model = findModel(named);
    return [{ model, place: stagedPlace(openIndex(model.folder)) }];
  }
  const here = realpathSync(".");
  const index = openIndex(here);
  const paths = candidates(index);
  if (paths.length === 0)
    throw wrongUse("No model is staged: no model.yaml or evgen.yaml in git names `evgen: 1`. Name the model's file.");
  return paths.map((path) => ({
    model: modelIn(join(here, dirname(path)), basename(path)),
    place: stagedPlace(indexBelow(index, dirname(path))),
  }));
};

const candidates = (index: Index): readonly string[] => {
  const paths = [...index.entries.keys()]
    .filter((path) => usualNames.includes(basename(path)) && !path.split("/").includes("node_modules"))
    .sort(byCodeUnit);
  index.prefetch(paths);
  // Others call their files model.yaml too: ours name the language's version.
  return paths.filter((path) => /^["']?evgen["']?[ \t]*:/m.test(index.content(path)?.toString("utf8") ?? ""));
};
