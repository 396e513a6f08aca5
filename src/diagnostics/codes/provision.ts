import { entry } from "../entry.js";

/** Of what is to be provisioned. */
export const provisionCodes = {
  "provision-unreleased": entry(
    "error",
    (p: { readonly environment: string | undefined }) =>
      p.environment === undefined
        ? "Nothing of this model has been released."
        : `Nothing of this model has been released, and the environment ${p.environment} takes no drafts.`,
    `What is written in one form stays in the log in that form for ever, so an environment takes released versions only:
\`evgen release\` freezes them in evgen.lock. An environment that may be emptied at any time, such as a developer's own, says
\`drafts: true\`.`,
  ),
  "provision-edited": entry(
    "error",
    (p: { readonly name: string }) => `${p.name} was released, and is no longer what it was.`,
    `A released version, and a type that one uses, never changes: what is stored could no longer be read. \`evgen check\` says
what the change means and how to make it instead. Nothing is provisioned until then.`,
  ),
};
