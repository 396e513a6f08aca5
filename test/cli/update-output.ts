// Brings the output folder named first up to the files named second (JSON: [{ path, content, executable }]), with the
// code of `evgen build` from there on where everything is in memory.
import { readFileSync } from "node:fs";
import { exitCode } from "../../src/cli/exit-code.js";
import { asFailure } from "../../src/cli/failure.js";
import { diskOutput } from "../../src/cli/output.js";
import { updateOutput } from "../../src/cli/update-output.js";

const [folder = "", files = ""] = process.argv.slice(2);
try {
  const options = { check: false, force: false, targets: undefined };
  const wanted = JSON.parse(readFileSync(files, "utf8"));
  const plan = await updateOutput(
    folder,
    () => diskOutput(folder),
    wanted,
    async () => wanted,
    options,
  );
  process.exitCode = plan.obstacles.length > 0 ? exitCode.findings : exitCode.done;
} catch (thrown) {
  const failure = asFailure(thrown);
  if (failure === undefined) throw thrown;
  process.stderr.write(`evgen: ${failure.message}\n`);
  process.exitCode = failure.exitCode;
}
