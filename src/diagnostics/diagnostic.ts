import type { DiagnosticCode, Parameters } from "./catalogue.js";
import { catalogue } from "./catalogue.js";
import type { Entry, Severity } from "./entry.js";

/** Something that evgen has to say about a model: a value, never an exception. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly place: Place;
  /** Other places that belong to the same finding, such as the first of two definitions. */
  readonly related: readonly { readonly message: string; readonly place: Place }[];
  /** What to do about it, when the message alone does not say so. */
  readonly help?: string;
}

/**
 * Where something stands in a file, as the keys that lead to it. Line and column are looked up by the reporter, from
 * the file's text, only when there is something to report.
 */
export interface Place {
  /** The file as it was named to evgen or found by an include; slashes forward, relative to the model's folder. */
  readonly file: string;
  readonly path: readonly (string | number)[];
  /** Whether the key or the value under it is meant; the value when not said. */
  readonly at?: "key" | "value";
  /** Character offsets in the file, where the YAML itself is broken and no path exists. */
  readonly range?: readonly [start: number, end: number];
}

/** Makes a diagnostic of the catalogue's code, whose message takes exactly these parameters. */
export const diagnostic = <C extends DiagnosticCode>(
  code: C,
  parameters: Parameters<C>,
  place: Place,
  extra: { readonly related?: Diagnostic["related"]; readonly help?: string } = {},
): Diagnostic => {
  const entry: Entry<never> = catalogue[code];
  const message = (entry.message as (parameters: Parameters<C>) => string)(parameters);
  return {
    code,
    severity: entry.severity,
    message,
    place,
    related: extra.related ?? [],
    ...(extra.help === undefined ? {} : { help: extra.help }),
  };
};

/** The place of something below `place`. */
export const under = (place: Place, ...keys: readonly (string | number)[]): Place => ({
  file: place.file,
  path: [...place.path, ...keys],
});

/** The same place, meaning its key. */
export const keyOf = (place: Place): Place => ({ ...place, at: "key" });

/** Whether any of them stops the pipeline. */
export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((one) => one.severity === "error");
