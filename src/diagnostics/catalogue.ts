import { changeCodes } from "./codes/evolution.js";
import { brokerChanges } from "./codes/evolution-broker.js";
import { lintCodes } from "./codes/lint.js";
import { loadCodes } from "./codes/load.js";
import { lockCodes } from "./codes/lock.js";
import { mappingCodes } from "./codes/mapping.js";
import { modelCodes } from "./codes/model.js";
import { outputCodes } from "./codes/output.js";
import { provisionCodes } from "./codes/provision.js";
import { schemaCodes } from "./codes/schema.js";
import { targetCodes } from "./codes/targets.js";
import { verifyCodes } from "./codes/verify.js";
import type { Change, Entry, Rule } from "./entry.js";

/**
 * Everything that evgen can complain about: a code's severity, its message from typed parameters, and the paragraph
 * that `evgen explain` prints. A code is kebab-case and never changes its meaning.
 */
export const catalogue = {
  ...loadCodes,
  ...schemaCodes,
  ...modelCodes,
  ...mappingCodes,
  ...targetCodes,
  ...outputCodes,
  ...lockCodes,
  ...lintCodes,
  ...verifyCodes,
  ...provisionCodes,
  ...changeCodes,
  ...brokerChanges,
};

export type Code = keyof typeof catalogue;
/** Rules of lint and changes make findings and no diagnostics: they are about what works. */
export type RuleCode = keyof typeof lintCodes;
export type ChangeCode = keyof typeof changeCodes | keyof typeof brokerChanges;
export type DiagnosticCode = Exclude<Code, RuleCode | ChangeCode>;
export type Parameters<C extends Code> = (typeof catalogue)[C] extends Entry<infer P> | Rule<infer P> | Change<infer P>
  ? P
  : never;
