import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Finding } from "../../evolution/finding.js";
import { sha256 } from "../sha256.js";

/** Diagnostics of the model as findings, so that a model that does not compile is reported in the same formats. */
export const findingsOf = (diagnostics: readonly Diagnostic[]): readonly Finding[] => {
  const numbers = new Map<string, number>();
  return diagnostics.map(({ code, severity, message, place, related, help }) => {
    const subject = place.path.map(String);
    const identity = JSON.stringify([code, place.file, subject, place.at ?? "value"]);
    // Mistakes of the YAML itself have no path; they are told apart by their order.
    const number = numbers.get(identity) ?? 0;
    numbers.set(identity, number + 1);
    return {
      ...{ rule: code, level: severity, message, place, subject, related },
      affected: { projections: [], consumers: [] },
      ...(help === undefined ? {} : { help }),
      fingerprint: sha256(`${identity} ${number}`).slice(0, 16),
    };
  });
};
