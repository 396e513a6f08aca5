import type { Removal } from "./removal-units.js";

/** What somebody has agreed to, as it was written: `grow-partitions:orders`. */
export interface Consents {
  readonly names: ReadonlySet<string>;
  readonly removals: readonly Removal[];
}

/** Reads consents; those that mean nothing are given back by what is wrong with them. */
export const parseConsents = (
  texts: readonly string[],
): { readonly consents: Consents; readonly wrong: readonly string[] } => {
  const names = new Set<string>();
  const removals: Removal[] = [];
  const wrong: string[] = [];
  for (const text of texts) {
    const [kind = "", subject = ""] = splitOnce(text, ":");
    const removal = removalOf(kind, subject);
    if (removal !== undefined) removals.push(removal);
    else if (kinds.has(kind) && subject !== "") names.add(text);
    else wrong.push(text);
  }
  return { consents: { names, removals }, wrong };
};

/** As they are written, for help. */
export const consentForms: readonly string[] = [
  "grow-partitions:<topic>",
  "shrink-retention:<tenant>/<namespace>",
  "adopt:<tenant>/<namespace>",
  "take-over:<topic>",
  "take-over:<tenant>/<namespace>",
  "delete-subscription:<topic>/<subscription>",
  "delete-topic:<topic>",
  "revoke:<role>",
];

const kinds: ReadonlySet<string> = new Set(["grow-partitions", "shrink-retention", "adopt", "take-over"]);

const removalOf = (kind: string, subject: string): Removal | undefined => {
  if (subject === "") return undefined;
  switch (kind) {
    case "delete-subscription": {
      const [topic = "", name = ""] = splitOnce(subject, "/");
      return name === "" ? undefined : { kind: "subscription", topic, name };
    }
    case "delete-topic":
      return { kind: "topic", name: subject };
    case "revoke":
      return { kind: "permission", role: subject };
    default:
      return undefined;
  }
};

const splitOnce = (text: string, separator: string): readonly string[] => {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
};
