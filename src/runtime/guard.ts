import type { EventHeader } from "./definitions.js";

/** What an event is, by those that were handled before. */
type Verdict = "new" | "duplicate" | "gap";

/** Remembers what was handled, so that a redelivery is noticed. In memory: it starts anew with the process. */
export interface Guard {
  readonly judge: (stream: string, header: EventHeader) => Verdict;
  readonly remember: (stream: string, header: EventHeader) => void;
}

/**
 * A guard that knows the last sequence of so many streams and the ids of so many events. Without order (`shared`) a
 * lower sequence says nothing, so ids alone count.
 */
export const createGuard = (ordered: boolean, streams: number, ids: number): Guard => {
  const last = new Map<string, number>();
  const seen = new Set<string>();
  return {
    judge(stream, { id, sequence }) {
      if (!ordered || sequence === undefined) return seen.has(id) ? "duplicate" : "new";
      const before = last.get(stream);
      if (before === undefined || sequence === before + 1) return "new";
      return sequence <= before ? "duplicate" : "gap";
    },
    remember(stream, { id, sequence }) {
      if (ordered && sequence !== undefined) {
        // Deleted first, so that the stream that was silent for longest is the first to be forgotten.
        last.delete(stream);
        last.set(stream, sequence);
        forgetOldest(last, streams);
      } else {
        seen.add(id);
        forgetOldest(seen, ids);
      }
    },
  };
};

const forgetOldest = (
  known: { size: number; keys(): Iterator<string>; delete(key: string): boolean },
  most: number,
) => {
  if (known.size <= most) return;
  const oldest = known.keys().next();
  if (!oldest.done) known.delete(oldest.value);
};
