import type { Place } from "../../diagnostics/diagnostic.js";
import { under } from "../../diagnostics/diagnostic.js";
import type { GenerateSettings } from "../../model/model.js";
import type { Context } from "./context.js";
import type { Placed } from "./merge.js";
import type { SourceGenerate } from "./source.js";

/** What is generated, and where. */
export const resolveGenerate = (placed: Placed<SourceGenerate> | undefined, context: Context): GenerateSettings => {
  const { out = "generated", targets = usualTargets, validators = "compiled" } = placed?.source ?? {};
  const place: Place = placed?.place ?? { file: "", path: [] };
  return {
    out: resolveFolder(out, under(place, "out"), context),
    targets: resolveTargets(targets, under(place, "targets"), context),
    validators,
  };
};

/** What is made when the model does not say what. */
const usualTargets: readonly string[] = ["typescript", "schemas", "pulsar-admin"];
const knownTargets: readonly string[] = [...usualTargets, "terraform", "kubernetes", "sql"];

const resolveTargets = (names: readonly string[], place: Place, context: Context): readonly string[] => {
  const targets = new Set<string>();
  for (const [index, name] of names.entries()) {
    const at = under(place, index);
    if (!knownTargets.includes(name)) {
      const suggestion = context.suggest(name, knownTargets);
      const help = `The targets are ${knownTargets.join(", ")}.`;
      context.report("unknown-name", { what: "target", name, where: "", suggestion }, at, { help });
    } else if (targets.has(name)) {
      context.report("duplicate-entry", { what: "target", name }, at);
    } else {
      targets.add(name);
    }
  }
  return [...targets];
};

const resolveFolder = (out: string, place: Place, context: Context): string => {
  const parts = out.split("/").filter((part) => part !== "" && part !== ".");
  const problem = folderProblem(out, parts);
  if (problem === undefined) return parts.join("/");
  context.report("output-folder", { out, problem }, place);
  return "generated";
};

const folderProblem = (out: string, parts: readonly string[]): string | undefined => {
  if (out.includes("\\")) return "has a backslash; folders are separated by / on every system";
  if (out.startsWith("/") || /^[A-Za-z]:/.test(out) || out.startsWith("~"))
    return "is not relative to the model's folder";
  if (parts.includes("..")) return "leads out of the model's folder";
  if (parts.length === 0) return "is the model's folder itself, in which evgen does not own everything";
  if (parts.some((part) => /^(?:\.git|node_modules)$/i.test(part))) return "belongs to another tool";
  if (/[\p{Cc}\u2028\u2029<>:"|?*\p{Surrogate}]/u.test(out))
    return "has characters that not every system allows in names";
  if (parts.some((part) => /[. ]$/.test(part))) return "ends in a dot or a space, which not every system allows";
  return parts.some((part) => part.length > 200) ? "is longer than names of folders can be" : undefined;
};
