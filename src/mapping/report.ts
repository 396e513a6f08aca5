import type { DiagnosticCode, Parameters } from "../diagnostics/catalogue.js";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.js";

/** Notes down something that is wrong with a mapping, and lets the check go on. */
export type Report = <C extends DiagnosticCode>(
  code: C,
  parameters: Parameters<C>,
  place: Place,
  extra?: { readonly related?: Diagnostic["related"]; readonly help?: string },
) => void;
