import { hash } from "node:crypto";
import type { Parameters, RuleCode } from "../diagnostics/catalogue.js";
import { catalogue } from "../diagnostics/catalogue.js";
import type { Place } from "../diagnostics/diagnostic.js";
import type { RuleLevel } from "../diagnostics/entry.js";
import type { Finding } from "../evolution/finding.js";

/** What a finding is about. */
export interface Element {
  readonly place: Place;
  /** Names that lead to it, outermost first. */
  readonly subject: readonly string[];
  /** Elements around it that it is not below of in the file: what stands under them counts for it. */
  readonly within?: readonly Place[];
}

interface Extra {
  readonly help?: string;
  readonly fix?: Finding["fix"];
  readonly related?: Finding["related"];
}

export type Report = <R extends RuleCode>(rule: R, parameters: Parameters<R>, element: Element, extra?: Extra) => void;

/** A finding before it is known whether somebody suppressed it. */
export interface Found {
  readonly finding: Finding;
  readonly places: readonly Place[];
}

export interface Reporter {
  readonly report: Report;
  readonly found: readonly Found[];
  /** Says why a finding is as it should be. */
  accept(one: Found, reason: string): void;
  findings(): readonly Finding[];
}

/** Takes findings of rules that are on, at the levels that the model gives them. */
export const createReporter = (levels: ReadonlyMap<RuleCode, RuleLevel>): Reporter => {
  const found: Found[] = [];
  const accepted = new Map<Found, string>();
  const report: Report = (rule, parameters, element, extra = {}) => {
    const level = levels.get(rule) ?? "off";
    if (level === "off") return;
    const message = (catalogue[rule].message as (parameters: Parameters<typeof rule>) => string)(parameters);
    const finding: Finding = {
      ...{ rule, level, message, place: element.place, subject: element.subject },
      affected: { projections: [], consumers: [] },
      related: extra.related ?? [],
      ...(extra.help === undefined ? {} : { help: extra.help }),
      ...(extra.fix === undefined ? {} : { fix: extra.fix }),
      fingerprint: hash("sha256", JSON.stringify([rule, ...element.subject]), "hex").slice(0, 16),
    };
    found.push({ finding, places: [element.place, ...(element.within ?? [])] });
  };
  return {
    report,
    found,
    accept: (one, reason) => void accepted.set(one, reason),
    findings: () =>
      found.map((one) => {
        const reason = accepted.get(one);
        return reason === undefined ? one.finding : { ...one.finding, accepted: reason };
      }),
  };
};
