import type { RuleCode } from "../diagnostics/catalogue.js";
import { lintCodes } from "../diagnostics/codes/lint.js";
import type { Category, Rule, RuleLevel } from "../diagnostics/entry.js";
import { categories, suggest } from "../diagnostics/entry.js";
import type { LintDocument } from "./document.js";
import { mapOf } from "./document.js";
import type { Report } from "./report.js";

/** All rules, in the order of the catalogue. */
export const rules: ReadonlyMap<RuleCode, Rule<never>> = new Map(
  Object.entries(lintCodes) as unknown as readonly (readonly [RuleCode, Rule<never>])[],
);

export const isRule = (name: string): name is RuleCode => rules.has(name as RuleCode);

/** The level of each rule: what the model says of it, else of its category, else its own. */
export const levelsOf = (documents: readonly LintDocument[]) => {
  const document = documents.find(({ value }) => Object.hasOwn(mapOf(value), "lint"));
  const written = mapOf(mapOf(mapOf(document?.value)["lint"])["rules"]) as { readonly [name: string]: RuleLevel };
  const levels = new Map(
    [...rules].map(([name, { category, severity }]) => [name, written[name] ?? written[category] ?? severity] as const),
  );
  const reportUnknown = (report: Report): void => {
    for (const name of Object.keys(written)) {
      if (isRule(name) || categories.includes(name as Category)) continue;
      const path = ["lint", "rules", name];
      reportUnknownRule(name, { file: document?.file ?? "", path }, report);
    }
  };
  return { levels, reportUnknown };
};

export const reportUnknownRule = (
  name: string,
  place: { readonly file: string; readonly path: readonly string[] },
  report: Report,
): void => {
  const suggestion = suggest(name, [...rules.keys(), ...(place.path[0] === "lint" ? categories : [])]);
  const at = { ...place, at: "key" } as const;
  const fix = suggestion === undefined ? {} : { fix: { place: at, text: suggestion } };
  report("lint-rule-unknown", { name, suggestion }, { place: at, subject: place.path }, fix);
};
