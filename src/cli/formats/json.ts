import { jsonPlace } from "../../diagnostics/format.js";
import type { Located, Spot } from "./located.js";
import { countFindings, locateFindings } from "./located.js";
import type { FindingReport, ModelFindings } from "./print-findings.js";

/** Findings as schemas/findings.schema.json describes them; files are relative to the current folder. */
export const jsonOf = ({ command, results }: FindingReport): string => {
  const models = results.map((one) => ({
    model: `${one.model.prefix}${one.model.entry}`,
    findings: locateFindings(one, one.model.prefix),
  }));
  const report = {
    format: "evgen-findings",
    version: 1,
    command,
    counts: countFindings(models.flatMap(({ findings }) => findings)),
    models: models.map(({ model, findings }) => ({ model, findings: findings.map(jsonFinding) })),
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
};

/** The findings of one model alone, for a command that has more to say. */
export const findingsJson = (result: ModelFindings): readonly object[] =>
  locateFindings(result, result.model.prefix).map(jsonFinding);

const jsonFinding = ({ at, base, related, fix, rule, level, verdict, message, ...rest }: Located) => ({
  ...{ rule, level, ...(verdict === undefined ? {} : { verdict }), message, ...place(at) },
  ...(base === undefined ? {} : { base: { name: base.name, ...(base.at === undefined ? {} : place(base.at)) } }),
  related: related.map((one) => ({ message: one.message, ...place(one.at) })),
  ...(fix === undefined ? {} : { fix: { text: fix.text, ...place(fix.at) } }),
  ...rest,
});

const place = ({ file, location }: Spot) => jsonPlace(file, location);
