import { didYouMean, entry } from "../entry.js";

/** Of resolving names and types: what the parts of a model mean together. */
export const modelCodes = {
  "unknown-type": entry(
    "error",
    (p: { readonly name: string; readonly suggestion: string | undefined }) =>
      `There is no type called "${p.name}".${didYouMean(p.suggestion)}`,
    "A field's type is one of the built-in types or a name under `types:`; names are global to the model.",
  ),
};
