import { type Diagnostic, diagnostic } from "../../diagnostics/diagnostic.js";
import type { Model } from "../../model/model.js";
import { exportedNames, type Owner } from "./names.js";

/** Names that two elements of the model would export: index.ts exports everything, each name once. */
export const checkExports = (model: Model): readonly Diagnostic[] => {
  const first = new Map<string, Owner>();
  const reported = new Set<Owner>();
  return exportedNames(model).flatMap(({ name, of }) => {
    const before = first.get(name);
    if (before === undefined || before === of || reported.has(of)) {
      first.set(name, before ?? of);
      return [];
    }
    reported.add(of);
    const related = [{ message: `${before.name} is here.`, place: before.place }];
    const parameters = { name: of.name, export: name, other: before.name };
    return [diagnostic("typescript-export-taken", parameters, of.place, { related })];
  });
};
