import { visible } from "../../diagnostics/visible.js";
import { repositoryPrefix } from "../repository.js";
import { fullText } from "./details.js";
import type { Located } from "./located.js";
import { isSuppressed, locateFindings } from "./located.js";
import type { FindingReport } from "./print-findings.js";

/**
 * Findings as workflow commands of GitHub Actions, a line each, which become annotations of the lines that a pull
 * request changes. Files are relative to the top of the repository, which is where GitHub looks for them.
 */
export const githubOf = ({ results }: FindingReport): string =>
  results
    .flatMap((one) => locateFindings(one, repositoryPrefix(one.model)))
    .filter((one) => !isSuppressed(one))
    .map((one) => `::${kindOf(one)} ${properties(one)}::${data(fullText(one))}\n`)
    .join("");

const kindOf = ({ level, accepted }: Located): "error" | "warning" | "notice" =>
  level === "info" || accepted !== undefined ? "notice" : level;

const properties = ({ at, rule, verdict }: Located): string => {
  const { start, end } = at.location ?? {};
  // Columns of several lines are refused.
  const columns = start !== undefined && end !== undefined && start.line === end.line;
  const given: readonly (readonly [string, string | number | undefined])[] = [
    ["file", at.file],
    ["line", start?.line],
    ["endLine", end?.line],
    ["col", columns ? start.column : undefined],
    ["endColumn", columns ? end.column : undefined],
    ["title", `evgen ${rule}${verdict === undefined ? "" : ` (${verdict})`}`],
  ];
  return given
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${property(visible(String(value)))}`]))
    .join(",");
};

/** As the runner reads it back: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
