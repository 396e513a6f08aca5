import { compile } from "../../compile.js";
import { keyOf } from "../../diagnostics/diagnostic.js";
import { jsonPlace } from "../../diagnostics/format.js";
import { locator } from "../../diagnostics/locate.js";
import { placeText } from "../../diagnostics/paint.js";
import { visible } from "../../diagnostics/visible.js";
import { describe } from "../../lineage/describe.js";
import { findWho } from "../../lineage/who.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import { findModel } from "../find-model.js";
import { describeFindings } from "../findings.js";
import { createReport } from "../report.js";
import { diskSources } from "../sources.js";
import { whoText } from "../who-text.js";

interface Options {
  readonly model?: string;
  readonly json?: boolean;
}

/** `evgen who`: who produces, carries and reads what a name of the model means, and where its data comes from. */
export const who = async (query: string, options: Options): Promise<ExitCode> => {
  const report = createReport();
  const model = findModel(options.model);
  const sources = diskSources(model.folder);
  const compiled = await compile(model.entry, sources);
  if (compiled.model === undefined) {
    const findings = await describeFindings(compiled.diagnostics, sources.read, model.prefix);
    report.problem(report.colours.stderr ? findings.coloured : findings.plain);
    return exitCode.findings;
  }
  const { model: known } = compiled;
  const found = findWho(known, query);
  if (found.kind === "unknown") {
    const meant = found.suggestion === undefined ? "" : ` Did you mean "${visible(found.suggestion)}"?`;
    throw wrongUse(`There is no ${visible(found.what)}.${meant}`);
  }
  const locate = locator((file) => {
    const source = sources.read(file);
    return source.kind === "text" ? source.text : undefined;
  });
  const answers = found.whos.map((one) => {
    const answer = describe(one, known, compiled.lock);
    return { answer, file: model.prefix + answer.place.file, location: locate(keyOf(answer.place)) };
  });
  if (options.json === true) {
    const placed = answers.map(({ answer, file, location }) => ({ ...answer, place: jsonPlace(file, location) }));
    const result = { format: "evgen-who", version: 1, model: model.prefix + model.entry, answers: placed };
    report.data(`${JSON.stringify(result, undefined, 2)}\n`);
  } else {
    const texts = answers.map(({ answer, file, location }) =>
      whoText(answer, placeText(file, location), report.colours.stdout),
    );
    report.data(texts.join("\n"));
  }
  return exitCode.done;
};
