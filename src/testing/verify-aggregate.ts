import type { AggregateDefinition, Functions } from "../runtime/definitions.js";
import type { CounterExample, Proof, ProvedVersion } from "./prove.js";

/** How an aggregate is verified. */
export interface VerifyOptions {
  /** What the upcasters call for `by:`; needed where there are some. */
  readonly functions?: object | undefined;
  /** How many events of each stored version are tried. Default: 100. */
  readonly runs?: number;
  /** Makes the same events again. Default: new ones each time. */
  readonly seed?: number;
  /** Milliseconds for all of it; what is slow is then tried less often. Default: no limit. */
  readonly time?: number;
  /** One stored version, `OrderPlacedV1`. Default: all. */
  readonly only?: string;
  /** From a counter-example: tries that event alone. Needs `seed` and `only`. */
  readonly path?: string;
}

/** Thrown when a stored event cannot be read as it should. */
export class VerificationFailed extends Error {
  override readonly name = "VerificationFailed";
  readonly proof: Proof;

  constructor(aggregate: string, proof: Proof) {
    super(describe(aggregate, proof));
    this.proof = proof;
  }
}

/**
 * Proves that whatever was stored can be read, with the generated code and the functions that really run. Events of
 * every version are made from its schema, written, read, taken to the current version and validated; functions are run
 * twice, with a clock that stands still. Throws VerificationFailed with the smallest event that fails.
 */
export const verifyAggregate = async (aggregate: AggregateDefinition, options: VerifyOptions = {}): Promise<Proof> => {
  const { proveAggregate } = await import("./prove.js");
  const proof = await proveAggregate(aggregate, { ...options, functions: options.functions as Functions | undefined });
  if (proof.versions.some((version) => version.found.length > 0 || version.untried !== undefined))
    throw new VerificationFailed(aggregate.name, proof);
  return proof;
};

const describe = (aggregate: string, { seed, versions }: Proof): string => {
  const examples = versions.flatMap((version) => [
    ...(version.untried === undefined ? [] : [`${version.event}V${version.version} is not tried: ${version.untried}`]),
    ...version.found.map((example) => describeExample(version, example, seed)),
  ]);
  return `not every stored event of ${aggregate} can be read as it should:\n\n${examples.join("\n\n")}\n`;
};

const describeExample = ({ event, version }: ProvedVersion, example: CounterExample, seed: number): string => {
  const step = example.step === undefined ? "" : `, ${example.step}`;
  const header = example.header === undefined ? "" : ` of ${JSON.stringify(example.header)}`;
  const again = JSON.stringify({ only: `${event}V${version}`, seed, path: example.path });
  return [
    `${event}V${version}${step}: ${example.reason}`,
    `  shown by ${JSON.stringify(example.data)}${header}`,
    ...(example.result === undefined ? [] : [`  which becomes ${example.result}`]),
    `  again with verifyAggregate(…, ${again})`,
  ].join("\n");
};
