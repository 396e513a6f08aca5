import { visible } from "../diagnostics/visible.js";
import type { Projection } from "../model/model.js";
import type { StoreRetry } from "../runtime/retrying.js";
import type { ProjectionStore } from "../runtime/store.js";
import { environmentFailed, wrongUse } from "./failure.js";

interface OpenStore {
  readonly store: ProjectionStore;
  readonly close: () => Promise<unknown>;
}

type Kind = Projection["store"];

/** How a command is told where rows are. */
export interface StoreOptions {
  /** Told apart by their schemes. */
  readonly storeUrl?: readonly string[];
  /** Of PostgreSQL. */
  readonly storeSchema?: string;
  /** What keys in Redis, and indexes of a search server begin with. */
  readonly storePrefix?: string;
}

/** Opens each store when it is asked for, and once. */
export const openStores = (options: StoreOptions) => {
  const open = new Map<Kind, Promise<OpenStore>>();
  const urls = new Map(options.storeUrl?.map((url) => [kindOf(url), url]));
  return {
    of: async (kind: Kind): Promise<ProjectionStore> => {
      const one = open.get(kind) ?? connect(kind, urls.get(kind), options);
      open.set(kind, one);
      return (await one).store;
    },
    close: async (): Promise<void> => {
      for (const one of await Promise.allSettled(open.values()))
        if (one.status === "fulfilled") await one.value.close();
    },
  };
};

const kindOf = (url: string): Kind => {
  const scheme = /^([a-z]+):\/\//.exec(url)?.[1] ?? "";
  const kind = schemes.get(scheme);
  if (kind !== undefined) return kind;
  const known = [...schemes.keys()].map((one) => `${one}://`).join(", ");
  throw wrongUse(`--store-url ${visible(withoutLogin(url))} is the URL of no store: it begins with ${known}.`);
};

const withoutLogin = (url: string): string => url.replace(/\/\/[^@/]*@/, "//…@");

const schemes: ReadonlyMap<string, Kind> = new Map([
  ["postgres", "postgres"],
  ["postgresql", "postgres"],
  ["redis", "redis"],
  ["rediss", "redis"],
  ["http", "elasticsearch"],
  ["https", "elasticsearch"],
]);

const connect = async (kind: Kind, given: string | undefined, options: StoreOptions): Promise<OpenStore> => {
  if (kind === "memory")
    throw wrongUse("Its rows are in the memory of the process that runs it: there is nothing to work on from here.");
  const { variables, example, connect: open } = kinds[kind];
  const url = given ?? variables.map((name) => process.env[name]).find((one) => one !== undefined && one !== "");
  if (url === undefined)
    throw wrongUse(`Where is ${kind}? Set ${variables.join(" or ")}, or say --store-url ${example}.`);
  return open(url, options);
};

interface Connector {
  /** That may hold the URL. */
  readonly variables: readonly string[];
  readonly example: string;
  readonly connect: (url: string, options: StoreOptions) => Promise<OpenStore>;
}

/** A command says at once that a store is not there, where a projection waits for it. */
const notThere = (name: string) => ({
  onRetry({ error, hindrance }: Pick<StoreRetry, "error" | "hindrance">): void {
    if (hindrance === "somebody") return;
    const { message = "", code = "" } = (error ?? {}) as { readonly message?: string; readonly code?: string };
    throw environmentFailed(`${name} cannot be reached: ${message || code}`);
  },
});

const notInstalled = (name: string) => (): never => {
  throw environmentFailed(`The package ${name} is not installed here: npm install ${name}`);
};

const kinds: { readonly [kind in Exclude<Kind, "memory">]: Connector } = {
  postgres: {
    variables: ["DATABASE_URL"],
    example: "postgres://host/database",
    connect: async (connectionString, { storeSchema: schema }) => {
      const [{ createPostgresStore }, { default: pg }] = await Promise.all([
        import("../runtime/postgres/index.js"),
        import("pg").catch(notInstalled("pg")),
      ]);
      const pool = new pg.Pool({ connectionString, max: 2, connectionTimeoutMillis: 10_000 });
      const options = { ...notThere("PostgreSQL"), ...(schema === undefined ? {} : { schema }) };
      return { store: createPostgresStore(pool, options), close: () => pool.end() };
    },
  },
  redis: {
    variables: ["REDIS_URL"],
    example: "redis://host:6379",
    connect: async (url, { storePrefix: prefix = "" }) => {
      const [{ createRedisStore }, { createClient }] = await Promise.all([
        import("../runtime/redis/index.js"),
        import("redis").catch(notInstalled("redis")),
      ]);
      const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 10_000 } });
      // What is lost later rejects what is asked.
      client.on("error", () => undefined);
      const { onRetry } = notThere("Redis");
      await client.connect().catch((error: unknown) => onRetry({ error, hindrance: "server" }));
      return { store: createRedisStore(client, { onRetry, prefix }), close: async () => client.destroy() };
    },
  },
  elasticsearch: {
    variables: ["ELASTICSEARCH_URL", "OPENSEARCH_URL"],
    example: "https://host:9200",
    connect: async (node, { storePrefix: prefix = "" }) => {
      const [{ createSearchStore }, { Client }] = await Promise.all([
        import("../runtime/elasticsearch/index.js"),
        searchClient(node),
      ]);
      const client = new Client({ node, maxRetries: 0, requestTimeout: 30_000 });
      return {
        store: createSearchStore(client, { ...notThere("The search server"), prefix }),
        close: () => client.close(),
      };
    },
  },
};

/** The client of the server's own maker: that of Elasticsearch refuses an OpenSearch. */
const searchClient = async (node: string) => {
  const opensearch = () =>
    import("@opensearch-project/opensearch").catch(notInstalled("@opensearch-project/opensearch"));
  return node === process.env["OPENSEARCH_URL"]
    ? opensearch()
    : import("@elastic/elasticsearch").catch(() => opensearch());
};
