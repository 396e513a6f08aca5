import fc from "fast-check";

/**
 * What random tests begin with: the same each time, so that a run says something about the commit that it is of.
 * `EVGEN_SEED=random` draws another one, `EVGEN_SEED=<number>` takes that one. A property that fails prints it.
 */
const wanted = process.env["EVGEN_SEED"] ?? "20261125";
export const seed = wanted === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);
if (!Number.isSafeInteger(seed))
  throw new Error(`EVGEN_SEED is a whole number or "random", not ${JSON.stringify(wanted)}`);

fc.configureGlobal({ seed });
