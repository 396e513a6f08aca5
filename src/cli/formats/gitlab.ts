import { repositoryPrefix } from "../repository.js";
import { sha256 } from "../sha256.js";
import { fullText } from "./details.js";
import type { Located } from "./located.js";
import { isSuppressed, locateFindings } from "./located.js";
import type { FindingReport, ModelFindings } from "./print-findings.js";

/** Findings as GitLab's code quality report. Files are relative to the top of the repository. */
export const gitlabOf = ({ results }: FindingReport): string => {
  const issues = results.flatMap((result) =>
    locateFindings(result, repositoryPrefix(result.model))
      .filter((one) => !isSuppressed(one))
      .map((one) => ({
        description: fullText(one),
        check_name: one.rule,
        fingerprint: results.length === 1 ? one.fingerprint : withModel(one.fingerprint, result),
        severity: severityOf(one),
        location: { path: one.at.file, lines: { begin: one.at.location?.start.line ?? 1 } },
      })),
  );
  return `${JSON.stringify(issues, undefined, 2)}\n`;
};

const severityOf = ({ level, verdict, accepted }: Located): "info" | "minor" | "critical" | "blocker" => {
  if (level === "info" || accepted !== undefined) return "info";
  if (level === "warning") return "minor";
  return verdict === "breaking" ? "blocker" : "critical";
};

/** Two models may say the same, and GitLab wants each fingerprint once. */
const withModel = (fingerprint: string, { model }: ModelFindings): string =>
  sha256(`${repositoryPrefix(model)}${model.entry} ${fingerprint}`).slice(0, 16);
