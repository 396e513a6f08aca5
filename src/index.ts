/** evgen as a library: models to generated files in memory. Reading and writing files is up to the caller. */
export { compile, generate } from "./compile.js";
export type { Diagnostic, Place } from "./diagnostics/diagnostic.js";
export { explain, listCodes } from "./diagnostics/explain.js";
export { format, type JsonDiagnostic, type JsonPlace, type ReadText, toJson } from "./diagnostics/format.js";
export type * from "./model/model.js";
export type * from "./model/type.js";
export type { DocumentCache, Sources, SourceText } from "./passes/load.js";
export type { GeneratedFile, Target, TargetContext } from "./targets/target.js";
