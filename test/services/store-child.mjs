// A projector as somebody would run it, which kills itself before or after the call of its store's server that it is told. Its
// broker is in memory and has all events anew each time: to the store they are redelivered from the beginning.
import { Client as OpenSearch } from "@opensearch-project/opensearch";
import { createSearchStore } from "evgen/elasticsearch";
import { createPostgresStore } from "evgen/postgres";
import { createRedisStore } from "evgen/redis";
import { createMemoryBroker, createProducer, runProjection } from "evgen/runtime";
import pg from "pg";
import { createClient } from "redis";
import { counter } from "./fault-model.mjs";
import { projectionOf } from "./store-projection.mjs";

const { store: kind, url, table, kill, streams, events } = JSON.parse(process.argv[2]);

let steps = 0;
const step = () => {
  if (++steps !== kill) return;
  process.kill(process.pid, "SIGKILL");
  // The signal takes its time, and nothing may happen in it.
  for (;;);
};
/** The same, with a knife before and after each call of one of its functions. */
const stepping = (target, name) =>
  new Proxy(target, {
    get: (_, property) => {
      const value = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      if (property !== name) return value.bind(target);
      return async (...its) => {
        step();
        const result = await value.apply(target, its);
        step();
        return result;
      };
    },
  });

const stores = {
  redis: async () => createRedisStore(stepping(await createClient({ url }).connect(), "evalSha")),
  search: async () => createSearchStore({ transport: stepping(new OpenSearch({ node: url }).transport, "request") }),
  postgres: async () => {
    const pool = new pg.Pool({ connectionString: url });
    return createPostgresStore({ connect: async () => stepping(await pool.connect(), "query") });
  },
};

const aggregate = counter(1, "persistent://a/b/counters");
const broker = createMemoryBroker({ topics: [aggregate.topic] });
const [renamed] = aggregate.events;
const producer = await createProducer(broker.client(), aggregate, { renamed }, { telemetry: false });
for (let event = 1; event <= events; event++) {
  for (let stream = 0; stream < streams; stream++) {
    await producer.renamed(`k${stream}`, { name: `${event}` }, { id: `k${stream}.${event}`, sequence: event });
  }
}
const store = await stores[kind]();
const consumer = await runProjection(broker.client(), store, projectionOf(aggregate, table), { telemetry: false });
await consumer.whenCaughtUp();
process.exit(consumer.counts.parked === 0 && consumer.counts.failed === 0 ? 0 : 1);
