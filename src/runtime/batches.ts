/** Collects what is asked for one by one into batches, one after the other. */
export interface Batches<In, Out> {
  /** Resolves with what became of it in its batch. */
  add(item: In): Promise<Out>;
}

/** What became of one item of a batch. */
export type Settled<Out> = PromiseSettledResult<Out>;

/**
 * While one batch runs the next one collects, so that batches are as large as it takes to keep up, and an item that
 * comes alone does not wait. `run` gives an outcome for each item, in their order; when it rejects, all of them do.
 */
export const createBatches = <In, Out>(
  run: (items: readonly In[]) => Promise<readonly Settled<Out>[]>,
  largest: number,
): Batches<In, Out> => {
  let waiting: Waiting<In, Out>[] = [];
  let running = false;
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, largest);
      waiting = waiting.slice(largest);
      try {
        const outcomes = await run(batch.map(({ item }) => item));
        for (const [at, { resolve, reject }] of batch.entries()) {
          const outcome = outcomes[at];
          if (outcome?.status === "fulfilled") resolve(outcome.value);
          else reject(outcome?.reason);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      // So that those who have waited can come with their next ones.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    running = false;
  };
  return {
    add: (item) =>
      new Promise<Out>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (running) return;
        running = true;
        // What comes in the same turn goes along.
        setImmediate(() => void drain());
      }),
  };
};

interface Waiting<In, Out> {
  readonly item: In;
  readonly resolve: (outcome: Out) => void;
  readonly reject: (error: unknown) => void;
}
