import type { DiagnosticCode, Parameters } from "../../diagnostics/catalogue.js";
import type { Diagnostic, Place } from "../../diagnostics/diagnostic.js";
import { diagnostic, hasErrors } from "../../diagnostics/diagnostic.js";
import { suggest } from "../../diagnostics/entry.js";

/** What every step of resolving needs: how longs are held, and where to say what is wrong. */
export interface Context {
  readonly long: "number" | "bigint";
  readonly report: <C extends DiagnosticCode>(code: C, parameters: Parameters<C>, place: Place, extra?: Extra) => void;
  /** Takes over what another part has found. True when there is an error among it. */
  readonly add: (found: readonly Diagnostic[]) => boolean;
  /** The name that was probably meant; it stops looking when a model holds thousands of mistakes. */
  readonly suggest: (name: string, candidates: Iterable<string>) => string | undefined;
  /** All that was found so far, each finding once. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether there is an error among it. */
  failed(): boolean;
  /** How often anything was found, what was known already included. */
  reports(): number;
}

interface Extra {
  readonly related?: Diagnostic["related"];
  readonly help?: string;
}

export const createContext = (long: "number" | "bigint"): Context => {
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  let failed = false;
  let reports = 0;
  const add = (found: readonly Diagnostic[]): boolean => {
    reports += found.length;
    for (const one of found) {
      const key = JSON.stringify([one.code, one.place.file, one.place.path, one.message]);
      if (seen.has(key)) continue;
      seen.add(key);
      diagnostics.push(one);
    }
    const wrong = hasErrors(found);
    failed ||= wrong;
    return wrong;
  };

  let comparisons = 500_000;
  return {
    long,
    diagnostics,
    failed: () => failed,
    reports: () => reports,
    add,
    report: (code, parameters, place, extra) => void add([diagnostic(code, parameters, place, extra)]),
    suggest: (name, candidates) => {
      if (name.length > longestName) return undefined;
      const affordable: string[] = [];
      for (const candidate of candidates) {
        if (comparisons-- <= 0) return undefined;
        if (candidate.length <= longestName) affordable.push(candidate);
      }
      return suggest(name, affordable);
    },
  };
};

/** Names that are longer have been refused before. */
const longestName = 100;
