import { Client as Elasticsearch } from "@elastic/elasticsearch";
import { Client as OpenSearch } from "@opensearch-project/opensearch";
import pg from "pg";
import { createClient } from "redis";
import { describe, expect, it } from "vitest";
import { type Server, usePostgres, useRedis, useSearch } from "./servers.js";

/** What the official client of a server writes, durably, and reads. */
interface Notes {
  readonly write: (server: Server) => Promise<void>;
  readonly read: (server: Server) => Promise<unknown>;
}

const postgres: Notes = {
  write: (server) => withPostgres(server, (client) => client.query("create table notes as select 'kept' as note")),
  read: (server) => withPostgres(server, async (client) => (await client.query("select note from notes")).rows[0].note),
};

const withPostgres = async <Result>({ url }: Server, use: (client: pg.Client) => Promise<Result>) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return use(client).finally(() => client.end()) as Promise<never>;
};

const redis: Notes = {
  write: async ({ url }) => {
    const client = await createClient({ url }).connect();
    await client.set("note", "kept");
    client.destroy();
  },
  read: async ({ url }) => {
    const client = await createClient({ url }).connect();
    const note = await client.get("note");
    client.destroy();
    return note;
  },
};

const opensearch: Notes = {
  write: async ({ url }) => {
    await new OpenSearch({ node: url }).index({ index: "notes", id: "1", body: { note: "kept" } });
  },
  read: async ({ url }) => (await new OpenSearch({ node: url }).get({ index: "notes", id: "1" })).body._source?.note,
};

const elasticsearch: Notes = {
  write: async ({ url }) => {
    await new Elasticsearch({ node: url }).index({ index: "notes", id: "1", document: { note: "kept" } });
  },
  read: async ({ url }) =>
    (await new Elasticsearch({ node: url }).get<{ note: string }>({ index: "notes", id: "1" }))._source?.note,
};

describe.each([
  ["PostgreSQL", postgres, usePostgres],
  ["Redis", redis, useRedis],
  ["OpenSearch", opensearch, () => useSearch("opensearch")],
  ["Elasticsearch", elasticsearch, () => useSearch("elasticsearch")],
] as const)("%s", (_name, notes, use) => {
  const server = use();

  it("starts, and has what it has confirmed after it was killed", async ({ skip }) => {
    skip(!server.isOwn, "a server that is not the test's own is not killed");
    await notes.write(server);
    await server.kill();
    await expect(notes.read(server)).rejects.toThrow();
    await server.start();
    expect(await notes.read(server)).toBe("kept");
  });
});
