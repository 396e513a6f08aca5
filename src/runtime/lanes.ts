/** Runs jobs of one key in order, and those of different keys at once. */
export interface Lanes<Job> {
  readonly add: (key: string, job: Job) => void;
  /** The jobs of a key that have not started. */
  readonly waiting: (key: string) => readonly Job[];
  /** Forgets the jobs that have not started. */
  readonly clear: () => void;
}

/** Lanes whose jobs `run` does; it must not reject. `dropped` is told of each job that `clear` forgets. */
export const createLanes = <Job>(run: (job: Job) => Promise<void>, dropped: (job: Job) => void): Lanes<Job> => {
  const lanes = new Map<string, Lane<Job>>();
  const drain = async (key: string, lane: Lane<Job>): Promise<void> => {
    while (lane.next < lane.jobs.length) {
      const job = lane.jobs[lane.next++] as Job;
      // Cut off in blocks: shift() would move all the others each time.
      if (lane.next > 256) {
        lane.jobs.splice(0, lane.next);
        lane.next = 0;
      }
      await run(job);
    }
    lanes.delete(key);
  };
  return {
    add(key, job) {
      const lane = lanes.get(key);
      if (lane !== undefined) {
        lane.jobs.push(job);
        return;
      }
      const fresh = { jobs: [job], next: 0 };
      lanes.set(key, fresh);
      void drain(key, fresh);
    },
    waiting(key) {
      const lane = lanes.get(key);
      return lane === undefined ? [] : lane.jobs.slice(lane.next);
    },
    clear() {
      for (const lane of lanes.values()) for (const job of lane.jobs.splice(lane.next)) dropped(job);
    },
  };
};

interface Lane<Job> {
  readonly jobs: Job[];
  next: number;
}
