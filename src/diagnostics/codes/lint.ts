import { didYouMean, rule } from "../entry.js";
import { lintDataCodes } from "./lint-data.js";
import { lintNamingCodes } from "./lint-naming.js";
import { lintReadingCodes } from "./lint-reading.js";

/** Of `evgen lint`: what works, and is regretted later in a log that is kept for ever. */
export const lintCodes = {
  ...lintNamingCodes,
  ...lintDataCodes,
  ...lintReadingCodes,
  "lint-rule-unknown": rule(
    "lint",
    "error",
    (p: { readonly name: string; readonly suggestion: string | undefined }) =>
      `There is no rule and no category of lint called "${p.name.slice(0, 80)}".${didYouMean(p.suggestion)}`,
    `\`lint: { rules: … }\` sets levels of rules and of categories of rules, and \`suppress:\` names a rule. What is spelled
wrong would silently do nothing. \`evgen explain\` lists the rules.`,
  ),
  "lint-suppression-unused": rule(
    "lint",
    "warning",
    (p: { readonly rule: string }) => `There is nothing to suppress: the rule ${p.rule} finds nothing here.`,
    `The reason under \`suppress:\` explains something that is no longer so, or that was never found at this element. Remove it,
before it hides the next finding. Rules that are off are not looked at.`,
  ),
};
