import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { JsonDiagnostic } from "../diagnostics/format.js";
import type { Sources } from "../passes/load.js";

/** Diagnostics, ready to be shown, so that the warnings of a build that has nothing to do can be shown again. */
export interface Findings {
  /** As text for people, without and with colours; empty when there are none. */
  readonly plain: string;
  readonly coloured: string;
  /** As the machine formats have them. */
  readonly items: readonly JsonDiagnostic[];
}

/** Diagnostics with their lines and columns. `prefix` goes before the names of files, to be found from where one is. */
export const describeFindings = async (
  diagnostics: readonly Diagnostic[],
  read: Sources["read"],
  prefix: string,
): Promise<Findings> => {
  if (diagnostics.length === 0) return { plain: "", coloured: "", items: [] };
  const { format, toJson } = await import("../diagnostics/format.js");
  const shown = diagnostics.map((one) => ({
    ...one,
    place: { ...one.place, file: prefix + one.place.file },
    related: one.related.map((other) => ({ ...other, place: { ...other.place, file: prefix + other.place.file } })),
  }));
  const textOf = (file: string): string | undefined => {
    const source = read(file.slice(prefix.length));
    return source.kind === "text" ? source.text : undefined;
  };
  return {
    plain: format(shown, textOf),
    coloured: format(shown, textOf, true),
    items: toJson(shown, textOf),
  };
};
