import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Model } from "../model/model.js";

/** Something that evgen makes of a model. It reads nothing and writes nothing. */
export interface Target {
  /** As in `generate.targets`; its files are under a folder of this name. */
  readonly name: string;
  /** What the target cannot do with a model that is otherwise sound. */
  check(model: Model): readonly Diagnostic[];
  generate(model: Model, context: TargetContext): Promise<readonly GeneratedFile[]>;
}

export interface TargetContext {
  /** Texts that are expensive to make, by a key that says all they are made from. */
  readonly fragments: { get(key: string): string | undefined; set(key: string, text: string): void };
}

export interface GeneratedFile {
  /** Relative to the output folder, slashes forward: typescript/order.ts */
  readonly path: string;
  readonly content: string;
  readonly executable?: boolean;
}
