import { under } from "../../diagnostics/diagnostic.js";
import type { VerifySettings } from "../../model/model.js";
import type { Context } from "./context.js";
import type { Placed } from "./merge.js";
import type { SourceDocument } from "./source.js";

/** What `evgen verify` runs. */
export const resolveVerify = (
  placed: Placed<NonNullable<SourceDocument["verify"]>> | undefined,
  context: Context,
): VerifySettings => {
  const functions = placed?.source.functions;
  if (placed === undefined || functions === undefined) return {};
  const problem = problemWith(functions);
  if (problem === undefined) return { functions };
  const value = JSON.stringify(functions.slice(0, 80));
  context.report("setting-value", { setting: "verify.functions", value, problem }, under(placed.place, "functions"));
  return {};
};

const problemWith = (file: string): string | undefined => {
  if (file.includes("\\")) return "has a backslash; folders are separated by / on every system";
  if (file.startsWith("/") || /^[A-Za-z]:/.test(file)) return "is not relative to the model's folder";
  if (file.split("/").includes("..")) return "leads out of the model's folder; name it with evgen verify --functions";
  if (/\.[cm]?[jt]s$/.test(file)) return undefined;
  return "is no module: its name ends in .js, .mjs, .cjs, .ts, .mts or .cts";
};
