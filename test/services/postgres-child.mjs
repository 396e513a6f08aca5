// A projector that is killed: it writes all that there is from the beginning, and dies before its statement KILL_BEFORE.
import { readFileSync } from "node:fs";
import pg from "pg";
import { createPostgresStore } from "../../dist/runtime/postgres/index.js";

const [url, plan] = process.argv.slice(2);
const { projection, streams } = JSON.parse(readFileSync(plan, "utf8"));
const killBefore = Number(process.env.KILL_BEFORE);
let statements = 0;

const pool = new pg.Pool({ connectionString: url, max: 2 });
const counted = {
  connect: async () => {
    const client = await pool.connect();
    return {
      query(text, values) {
        if (++statements === killBefore) process.kill(process.pid, "SIGKILL");
        return client.query(text, values);
      },
      release: (error) => client.release(error),
    };
  },
};

const rows = await createPostgresStore(counted, { maxBatch: 10 }).open(projection);
const outcomes = await Promise.all(
  streams.map(async (writes) => {
    let applied = 0;
    for (const write of writes) if ((await rows.write(write)) === "applied") applied++;
    return applied;
  }),
);
await pool.end();
process.stdout.write(`${statements} ${outcomes.reduce((sum, one) => sum + one, 0)}`);
