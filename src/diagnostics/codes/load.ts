import { entry } from "../entry.js";

/** Of reading the files: paths, includes, YAML, and the form that the language's JSON Schema gives. */
export const loadCodes = {
  "yaml-syntax": entry(
    "error",
    (p: { readonly problem: string }) => p.problem,
    "The file is not YAML 1.2. The message is the parser's; the place is where it gave up, which is at or after the mistake.",
  ),
};
