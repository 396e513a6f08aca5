import { literal } from "../../render/code.js";
import { render } from "../../render/template.js";
import { compareModules, relative } from "./imports.js";
import type { Run } from "./scope.js";

/** The file that exports everything, for those who want one import. */
export const indexFileOf = (files: readonly string[], run: Run): string => {
  const modules = files.map((file) => relative("index", file)).sort(compareModules);
  return render("typescript/index.ts", {
    system: literal(run.model.system),
    imports: [],
    files: modules.map((module) => literal(module)),
  });
};
