import type { ProjectionStore } from "../../runtime/store.js";
import { onceTests } from "./once.js";
import { pageTests } from "./pages.js";
import { targetTests } from "./targets.js";
import { typeTests } from "./types.js";

/** A store that is held against the contract. */
export interface StoreUnderTest {
  /** A store on the same data each time, as another process would open it. A store in memory is the same one. */
  connect(): Promise<ProjectionStore>;
  /** Whether events of several streams may count and collect in one row. Default: true. */
  readonly sharedRows?: boolean;
  /** How many samples properties try. Default: 25. */
  readonly runs?: number;
  /** Of those samples. Default: the same ones each time. */
  readonly seed?: number;
}

export interface StoreTest {
  readonly name: string;
  /** Rejects with an AssertionError where the store does otherwise. */
  run(): Promise<void>;
}

/**
 * What every ProjectionStore does in the same way, for whichever test runner:
 *
 *     for (const { name, run } of storeContract({ connect })) it(name, run);
 *
 * Each test makes targets of its own, whose names begin with `contract_`, and drops them.
 */
export const storeContract = (store: StoreUnderTest): readonly StoreTest[] => [
  ...onceTests(store),
  ...typeTests(store),
  ...pageTests(store),
  ...targetTests(store),
];
