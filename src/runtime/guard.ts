import type { EventHeader } from "./definitions.js";

/** What an event is, by those that were handled before. */
export type Verdict = "new" | "duplicate" | "gap";

/** That a consumer has handled an event. */
export interface GuardMark {
  readonly consumer: string;
  /** Whose sequence it is: the aggregate and its id. */
  readonly stream: string;
  /** Of the event as it is stored. */
  readonly id: string;
  readonly sequence?: number | undefined;
}

/**
 * Remembers durably what was handled, where that is wanted: in a database, a file. Asked before each event that the
 * process does not know itself. A handler that writes `context.mark` in the transaction of its own effect makes the
 * effect once; `write` is then called all the same, and must change nothing.
 */
export interface GuardStore {
  /** The last sequence of the stream that was handled, and whether this event was. */
  read(mark: GuardMark): Promise<{ readonly last?: number | undefined; readonly seen: boolean }>;
  write(mark: GuardMark): Promise<void>;
}

/** Remembers what was handled, so that a redelivery is noticed. In memory: it starts anew with the process. */
export interface Guard {
  readonly judge: (stream: string, header: Numbered) => Verdict;
  readonly remember: (stream: string, header: Numbered) => void;
  /** The last sequence of a stream, as far as it is known. */
  readonly last: (stream: string) => number | undefined;
}

type Numbered = Pick<EventHeader, "id" | "sequence">;

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
      return verdictOf(last.get(stream), sequence);
    },
    remember(stream, { id, sequence }) {
      if (ordered && sequence !== undefined) {
        const before = last.get(stream) ?? 0;
        // Deleted first, so that the stream that was silent for longest is the first to be forgotten.
        last.delete(stream);
        last.set(stream, Math.max(before, sequence));
        forgetOldest(last, streams);
      } else {
        seen.add(id);
        forgetOldest(seen, ids);
      }
    },
    last: (stream) => last.get(stream),
  };
};

const verdictOf = (before: number | undefined, sequence: number): Verdict => {
  if (before === undefined || sequence === before + 1) return "new";
  return sequence <= before ? "duplicate" : "gap";
};

/** The verdict where a store remembers: the process's own memory knows duplicates, the rest is asked. */
export const judgeDurably = async (
  guard: Guard,
  store: GuardStore,
  ordered: boolean,
  mark: GuardMark,
): Promise<Verdict> => {
  if (guard.judge(mark.stream, mark) === "duplicate") return "duplicate";
  const { last, seen } = await store.read(mark);
  if (seen) return "duplicate";
  if (!ordered || mark.sequence === undefined) return "new";
  // A subscription may begin in the middle of a stream, so the first event that is seen of it is none too late.
  return last === undefined ? "new" : verdictOf(last, mark.sequence);
};

const forgetOldest = (
  known: { size: number; keys(): Iterator<string>; delete(key: string): boolean },
  most: number,
) => {
  if (known.size <= most) return;
  const oldest = known.keys().next();
  if (!oldest.done) known.delete(oldest.value);
};
