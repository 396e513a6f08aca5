import { visible } from "../diagnostics/visible.js";
import type { Projection } from "../model/model.js";
import type { ProjectionStore } from "../runtime/store.js";
import { environmentFailed, wrongUse } from "./failure.js";

/** A store that a command works on. */
export interface OpenStore {
  readonly store: ProjectionStore;
  readonly close: () => Promise<unknown>;
}

type Kind = Projection["store"];

/** Opens the store of a kind, once; `urls` are those of --store-url, told apart by their schemes. */
export const openStores = (urls: readonly string[] = []) => {
  const open = new Map<Kind, Promise<OpenStore>>();
  const byKind = new Map(urls.map((url) => [kindOf(url), url]));
  return {
    of: async (kind: Kind): Promise<ProjectionStore> => {
      const one = open.get(kind) ?? connect(kind, byKind.get(kind));
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
  if (kind === undefined)
    throw wrongUse(
      `--store-url ${visible(url.replace(/\/\/[^@/]*@/, "//…@"))} is the URL of no store: it begins with ${[...schemes.keys()].map((one) => `${one}://`).join(", ")}.`,
    );
  return kind;
};

const schemes: ReadonlyMap<string, Kind> = new Map([
  ["postgres", "postgres"],
  ["postgresql", "postgres"],
]);

const variables: { readonly [kind in Kind]?: string } = { postgres: "DATABASE_URL" };

const connect = async (kind: Kind, given: string | undefined): Promise<OpenStore> => {
  if (kind === "memory")
    throw wrongUse("Its rows are in the memory of the process that runs it: there is nothing to work on from here.");
  const variable = variables[kind];
  if (variable === undefined) throw wrongUse(`evgen projections does not reach into ${kind}.`);
  const url = given ?? process.env[variable];
  if (url === undefined || url === "")
    throw wrongUse(`Where is ${kind}? Set ${variable}, or say --store-url ${kind}://host/database.`);
  return openPostgres(url);
};

const openPostgres = async (url: string): Promise<OpenStore> => {
  const [{ createPostgresStore }, { default: pg }] = await Promise.all([
    import("../runtime/postgres/index.js"),
    import("pg").catch(() => {
      throw environmentFailed("The package pg is not installed here: npm install pg");
    }),
  ]);
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 10_000 });
  const onRetry = ({ error }: { readonly error: unknown }): void => {
    throw environmentFailed(
      `PostgreSQL cannot be reached: ${error instanceof Error ? error.message || (error as { code?: string }).code : error}`,
    );
  };
  return { store: createPostgresStore(pool, { onRetry }), close: () => pool.end() };
};
