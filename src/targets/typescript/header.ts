import { literal } from "../../render/code.js";
import type { View } from "../../render/template.js";
import type { Scope } from "./scope.js";

/** What the top of every file shows. It is asked for last, when all imports are known. */
export const header = (scope: Scope): { readonly system: View; readonly imports: View } => ({
  system: literal(scope.model.system),
  imports: scope.imports.statements(),
});
