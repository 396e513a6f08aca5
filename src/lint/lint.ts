import type { Finding } from "../evolution/finding.js";
import type { Model } from "../model/model.js";
import type { LintDocument } from "./document.js";
import { subjectsOf } from "./fields.js";
import { createReporter } from "./report.js";
import { checkData } from "./rules/data.js";
import { checkDocumentation } from "./rules/documentation.js";
import { checkNaming } from "./rules/naming.js";
import { checkPrivacy } from "./rules/privacy.js";
import { checkReading } from "./rules/reading.js";
import { checkSize } from "./rules/size.js";
import { levelsOf } from "./settings.js";
import { suppress } from "./suppressions.js";

/**
 * What an experienced reviewer would say about a sound model. Rules look at what can still be changed: the current
 * versions of events that are neither retired nor deprecated. What `suppress:` gives a reason for is in the result, as
 * accepted; rules that are off find nothing.
 */
export const lint = (model: Model, documents: readonly LintDocument[]): readonly Finding[] => {
  const settings = levelsOf(documents);
  const reporter = createReporter(settings.levels);
  const subjects = subjectsOf(model);
  for (const check of [checkNaming, checkDocumentation, checkPrivacy, checkData, checkSize, checkReading])
    check(subjects, reporter.report);
  settings.reportUnknown(reporter.report);
  suppress(documents, settings.levels, reporter);
  return reporter.findings();
};
