import type { Sample, Snapshot } from "../evolution/snapshot.js";

/** What has been released, with what was found out about it: what its samples are read as, and which steps are proved. */
export const recorded = (released: Snapshot, { samples, proved }: Pick<Snapshot, "samples" | "proved">): Snapshot => {
  const known = new Map(samples.map((sample) => [keyOf(sample), sample]));
  return { ...released, samples: released.samples.map((one) => known.get(keyOf(one)) ?? one), proved };
};

/** One that was changed in the meantime is another sample. */
const keyOf = ({ version, kind, data }: Sample): string => JSON.stringify([version, kind, data]);
