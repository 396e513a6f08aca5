import { visible } from "../diagnostics/visible.js";
import { wrongUse } from "./failure.js";

/** What a model is compared with, as `--against` names it: `lock`, `git:main`, `pulsar:prod`. */
export type Against =
  | { readonly kind: "lock" }
  /** `left` asks for the commit where HEAD left it, `git:v1...`, as with `git diff`. */
  | { readonly kind: "git"; readonly ref: string; readonly left?: boolean }
  /** `where` names an environment or is a URL. */
  | { readonly kind: "pulsar"; readonly where?: string };

export const parseAgainst = (text: string): Against => {
  if (text === "lock") return { kind: "lock" };
  if (text.startsWith("git:")) {
    const ref = text.slice("git:".length);
    if (ref === "" || ref.startsWith("-") || /[\s\0]/.test(ref))
      throw wrongUse(`--against ${visible(text)}: a branch, a tag or a commit is expected, such as git:main.`);
    return /[^.]\.\.\.$/.test(ref) ? { kind: "git", ref: ref.slice(0, -3), left: true } : { kind: "git", ref };
  }
  if (text === "pulsar") return { kind: "pulsar" };
  if (text.startsWith("pulsar:")) return { kind: "pulsar", where: text.slice("pulsar:".length) };
  throw wrongUse(
    `--against ${visible(text)}: lock, git:<ref>, such as git:main, or pulsar[:<environment>] is expected.`,
  );
};
