import type { Event, GuardMark, GuardStore } from "../../src/runtime/index.js";

/**
 * A database by hand, which outlives the processes of a test: effects, and what was handled, in one step. A process that
 * was killed has no effect any more.
 */
export const createKeeper = () => {
  const effects = new Map<string, string[]>();
  const last = new Map<string, number>();
  const seen = new Set<string>();
  const name = ({ consumer, stream }: GuardMark) => `${consumer} ${stream}`;
  const write = (mark: GuardMark) => {
    if (mark.sequence !== undefined) {
      last.set(name(mark), Math.max(mark.sequence, last.get(name(mark)) ?? 0));
    } else {
      seen.add(`${name(mark)} ${mark.id}`);
    }
  };
  const guard: GuardStore = {
    read: async (mark) => ({
      last: last.get(name(mark)),
      seen: seen.has(`${name(mark)} ${mark.id}`),
    }),
    write: async (mark) => write(mark),
  };
  return {
    guard,
    /** The ids of the events that had their effect, by key, in that order. */
    effects,
    /** As a transaction whose constraint is that a stream has no number twice, and that none is left out. */
    take: (event: Event<string, unknown>, mark: GuardMark) => {
      const before = last.get(name(mark)) ?? 0;
      if (mark.sequence !== undefined && mark.sequence <= before) return;
      if (mark.sequence !== undefined && mark.sequence > before + 1) throw new Error(`${before + 1} is missing`);
      if (mark.sequence === undefined && seen.has(`${name(mark)} ${mark.id}`)) return;
      effects.set(event.aggregateId, [...(effects.get(event.aggregateId) ?? []), event.id]);
      write(mark);
    },
  };
};
