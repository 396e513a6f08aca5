import { toJson } from "../../runtime/conversions.js";
import type { Functions } from "../../runtime/definitions.js";

/** Memory that two threads share, in which one says what it runs, so that the other knows when it does not come back. */
export interface Marks {
  /** How many calls there have been; the number of the function that runs, from 1, or 0; bytes of text. */
  readonly state: Int32Array<SharedArrayBuffer>;
  /** What the function was given, as JSON. */
  readonly text: Uint8Array<SharedArrayBuffer>;
}

export const createMarks = (): Marks => ({
  state: new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)),
  text: new Uint8Array(new SharedArrayBuffer(16_384)),
});

/** The functions, each of which marks its calls; `names` says which number is whose. */
export const markCalls = (functions: Functions, names: readonly string[], { state, text }: Marks): Functions => {
  const encoder = new TextEncoder();
  const own = new Uint8Array(text.length);
  return Object.fromEntries(
    Object.entries(functions).map(([name, run]) => [
      name,
      (...parameters: never) => {
        const { written } = encoder.encodeInto(JSON.stringify(toJson(parameters[0])), own);
        text.set(own.subarray(0, written));
        Atomics.store(state, 2, written);
        Atomics.add(state, 0, 1);
        Atomics.store(state, 1, names.indexOf(name) + 1);
        try {
          return run(...parameters);
        } finally {
          Atomics.store(state, 1, 0);
        }
      },
    ]),
  );
};

/** The call that is running, if one is. */
export const runningCall = ({
  state,
  text,
}: Marks): { readonly count: number; readonly index: number; readonly given: string } | undefined => {
  const index = Atomics.load(state, 1) - 1;
  if (index < 0) return undefined;
  return {
    count: Atomics.load(state, 0),
    index,
    given: new TextDecoder().decode(new Uint8Array(text.subarray(0, Atomics.load(state, 2)))),
  };
};
