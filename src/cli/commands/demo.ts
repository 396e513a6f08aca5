import { runDemo } from "../demo/run-demo.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { mayColour } from "../report.js";

/** `evgen demo`: the example model from end to end, told step by step. */
export const demo = async (options: { readonly fast?: boolean }): Promise<ExitCode> => {
  const pause = process.stdout.isTTY === true && options.fast !== true ? 1_200 : 0;
  await runDemo({ print: (text) => void process.stdout.write(text), colour: mayColour(process.stdout), pause });
  return exitCode.done;
};
