import { under } from "../../diagnostics/diagnostic.js";
import type { Acceptance } from "../../model/model.js";
import type { Finding } from "../finding.js";
import { brokerMark } from "../finding.js";
import type { Session } from "./session.js";
import { report } from "./session.js";

/** Marks what somebody has accepted, by its fingerprint, and reports entries of the model that accept nothing. */
export const accept = (
  session: Session,
  others: readonly Pick<Acceptance, "finding" | "reason">[],
): readonly Finding[] => {
  const { accepted } = session.model;
  if (accepted.length + others.length === 0) return session.findings;
  const reasons = new Map([...others, ...accepted].map(({ finding, reason }) => [finding, reason]));
  const used = new Set<string>();
  const findings = session.findings.splice(0).map((finding) => {
    const reason = finding.level === "info" ? undefined : reasons.get(finding.fingerprint);
    if (reason === undefined) return finding;
    used.add(finding.fingerprint);
    return { ...finding, accepted: reason };
  });
  for (const { finding, place } of accepted) {
    // What is accepted of a broker is found there alone, and of one broker perhaps, and not of the next.
    if (used.has(finding) || finding.startsWith(brokerMark)) continue;
    const found = { place: under(place, "finding"), subject: ["accept", finding], change: null };
    report(session, "acceptance-unused", { finding }, found);
  }
  return [...findings, ...session.findings];
};
