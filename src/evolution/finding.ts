import type { Code } from "../diagnostics/catalogue.js";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.js";

/**
 * What `evgen check` and `evgen lint` have to say: a diagnostic with what a reviewer and a CI system need beside it. All
 * report formats are made of these.
 */
export interface Finding {
  /** Its id in the catalogue: `evgen explain <rule>` knows it. */
  readonly rule: Code;
  /** `error` makes the command exit with 1; `off` rules make no findings. */
  readonly level: Level;
  /** What the change means for a log that is kept for ever; lint, which is not about changes, has none. */
  readonly verdict?: Verdict;
  readonly message: string;
  /** In the model as it is now: what changed, or what held it when it is gone. */
  readonly place: Place;
  /** Where the base says otherwise. */
  readonly base?: BasePlace;
  /** Names that lead to what it is about, outermost first: Order, OrderPlaced, v2, total.amount. */
  readonly subject: readonly string[];
  /** How stored versions are read, `v1 → v2 → v3`, where that matters. */
  readonly chain?: string;
  readonly affected: { readonly projections: readonly string[]; readonly consumers: readonly string[] };
  /** A stored payload (data form) that shows the damage, and what comes of it. */
  readonly example?: { readonly version: string; readonly data: string; readonly result: string };
  readonly related: Diagnostic["related"];
  /** The smallest change that would make it safe. */
  readonly help?: string;
  /** What to write at a place of the model instead, where that is certain to mend it. */
  readonly fix?: { readonly place: Place; readonly text: string };
  /**
   * 16 hexadecimal digits of a hash of rule, subject and what changed into what; never of English or of positions. The
   * same change has the same one on every machine, and any other change another one. Of what is held against a broker it
   * begins with `brokerMark`.
   */
  readonly fingerprint: string;
  /** Why somebody accepted it; it no longer counts as an error then. */
  readonly accepted?: string;
}

/** What fingerprints of findings about a broker begin with: only there can anybody tell whether they are still found. */
export const brokerMark = "pulsar-";

export type Level = "error" | "warning" | "info";

export type Verdict = "safe" | "covered" | "rebuild" | "breaking" | "unknown";

/** Where the base of a comparison says something. */
export interface BasePlace {
  /** As it is shown: `evgen.lock`, `git:main`, `pulsar:prod`. */
  readonly name: string;
  /** In a file of the base: evgen.lock, or a model file at a git ref, whose text `read` of the report gives. */
  readonly place?: Place;
}
