import type { Place } from "../diagnostics/diagnostic.js";

/** What has been released of the wire: what the model's topics keep. */
export interface Released {
  /** By a topic's url: the names of its event versions in wire order. */
  readonly branches: ReadonlyMap<string, readonly string[]>;
  /** The Avro name of a topic's envelope, without its namespace. */
  envelopeOf(topic: string): string | undefined;
  /** Whether versions may be missing in the model, because somebody else reports them. */
  readonly mayMiss?: boolean;
  /** Where it says what has a position on a topic. */
  placeOf(topic: string, position: number): Place;
}
