import { explain as explainCode, listCodes } from "../../diagnostics/explain.js";
import { visible } from "../../diagnostics/visible.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import { createReport } from "../report.js";

/** `evgen explain`: the paragraph behind a diagnostic, or the list of all codes. */
export const explain = (code: string | undefined): ExitCode => {
  const report = createReport();
  if (code === undefined) {
    for (const known of listCodes()) report.data(`${known.severity.padEnd(7)}  ${known.code}\n`);
    return exitCode.done;
  }
  const explained = explainCode(code);
  if (explained.kind === "unknown") {
    const meant = explained.suggestion === undefined ? "" : ` Did you mean "${explained.suggestion}"?`;
    throw wrongUse(`There is no diagnostic called "${visible(code)}".${meant} evgen explain lists all.`);
  }
  report.data(explained.text);
  return exitCode.done;
};
