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
  const last = createMemory<number>(streams);
  const seen = createMemory<true>(ids);
  return {
    judge(stream, { id, sequence }) {
      if (!ordered || sequence === undefined) return seen.get(id) === true ? "duplicate" : "new";
      return verdictOf(last.get(stream), sequence);
    },
    remember(stream, { id, sequence }) {
      if (ordered && sequence !== undefined) {
        last.set(stream, Math.max(last.get(stream) ?? 0, sequence));
      } else {
        seen.set(id, true);
      }
    },
    last: (stream) => last.get(stream),
  };
};

/** What was said of so many names last, and of up to twice as many. */
interface Memory<Value> {
  readonly get: (name: string) => Value | undefined;
  readonly set: (name: string, value: Value) => void;
}

/**
 * In two halves, of which the older is forgotten when the newer is full: a map from which the oldest is deleted each time
 * would have to look for it behind all the places of those that were deleted before.
 */
const createMemory = <Value>(most: number): Memory<Value> => {
  let newer = new Map<string, Value>();
  let older = new Map<string, Value>();
  return {
    get: (name) => newer.get(name) ?? older.get(name),
    set(name, value) {
      if (newer.size >= most && !newer.has(name)) {
        older = newer;
        newer = new Map();
      }
      newer.set(name, value);
    },
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
