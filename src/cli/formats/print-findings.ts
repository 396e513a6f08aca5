import type { ReadText } from "../../diagnostics/format.js";
import type { Finding } from "../../evolution/finding.js";
import type { ModelFile } from "../find-model.js";
import type { Report } from "../report.js";
import type { FindingFormat } from "./finding-formats.js";

/** What a command has found out, about one model or, with `--staged`, about several. */
export interface FindingReport {
  readonly command: "check" | "lint" | "verify";
  readonly results: readonly ModelFindings[];
}

export interface ModelFindings {
  readonly model: ModelFile;
  readonly findings: readonly Finding[];
  /** The text of a file as places name it. */
  readonly read: ReadText;
  /** The same, for places of the base. */
  readonly readBase?: ReadText;
  /** Where files of the base were: a way from the model's folder, with a slash at its end. There, when not said. */
  readonly baseFolder?: string;
}

/**
 * Prints findings on stdout. Only the format that is asked for is loaded. In `text` and `json` files are named relative to
 * the current folder, in the others relative to the top of the repository.
 */
export const printFindings = async (found: FindingReport, format: FindingFormat, report: Report): Promise<void> => {
  report.data(await formatFindings(found, format, report.colours.stdout));
};

/** The same as text, to be printed or kept. */
export const formatFindings = async (found: FindingReport, format: FindingFormat, colour: boolean): Promise<string> => {
  switch (format) {
    case "text":
      return (await import("./text.js")).textOf(found, colour);
    case "json":
      return (await import("./json.js")).jsonOf(found);
    case "github":
      return (await import("./github.js")).githubOf(found);
    case "junit":
      return (await import("./junit.js")).junitOf(found);
    case "sarif":
      return (await import("./sarif.js")).sarifOf(found);
    case "gitlab":
      return (await import("./gitlab.js")).gitlabOf(found);
  }
};
