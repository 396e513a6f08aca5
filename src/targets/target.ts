import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Aggregate, Model } from "../model/model.js";

/** Something that evgen makes of a model. It reads nothing and writes nothing. */
export interface Target {
  /** As in `generate.targets`; its files are under a folder of this name. */
  readonly name: string;
  /** What the target cannot do with a model that is otherwise sound. */
  check(model: Model): readonly Diagnostic[];
  /** Names of the whole model that a file of one aggregate may ask for, by `TargetContext.names`. */
  names?(model: Model): ReadonlySet<string>;
  /**
   * The files. Those of one aggregate say so with `of`, and may be left out when the aggregate is not wanted: they are
   * made from the aggregate, its topic's name and settings, the named types and the settings of the model, and nothing
   * else of it but the answers of `names`.
   */
  generate(model: Model, context: TargetContext): Promise<readonly GeneratedFile[]>;
}

export interface TargetContext {
  /** Texts that are expensive to make, by a key that says all they are made from. */
  readonly fragments: { get(key: string): string | undefined; set(key: string, text: string): void };
  /** Whether the files of an aggregate have to be made; all have to when it is absent. */
  isWanted?(aggregate: Aggregate): boolean;
  /** The target's own names; they note what is asked. */
  readonly names?: Names;
}

/** A set that can only be asked. */
export type Names = Pick<ReadonlySet<string>, "has">;

export interface GeneratedFile {
  /** Relative to the output folder, slashes forward: typescript/order.ts */
  readonly path: string;
  readonly content: string;
  readonly executable?: boolean;
  /** The only aggregate that it is made from. */
  readonly of?: Aggregate;
}

/** A file that an earlier run has made from all the same, of which the content is not at hand. */
export interface KnownFile extends Omit<GeneratedFile, "content" | "of"> {
  readonly sha256: string;
}

/** What was made of aggregates, by texts that together say all it was made from. */
export interface KnownFiles {
  get(key: readonly string[]): readonly KnownFile[] | undefined;
  set(key: readonly string[], files: readonly (GeneratedFile | KnownFile)[]): void;
}
