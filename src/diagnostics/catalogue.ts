import { loadCodes } from "./codes/load.js";
import { lockCodes } from "./codes/lock.js";
import { mappingCodes } from "./codes/mapping.js";
import { modelCodes } from "./codes/model.js";
import { outputCodes } from "./codes/output.js";
import { schemaCodes } from "./codes/schema.js";
import { targetCodes } from "./codes/targets.js";
import type { Entry } from "./entry.js";

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
};

export type Code = keyof typeof catalogue;
export type Parameters<C extends Code> = (typeof catalogue)[C] extends Entry<infer P> ? P : never;
