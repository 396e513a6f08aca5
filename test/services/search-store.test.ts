import { Client as Elasticsearch } from "@elastic/elasticsearch";
import { Client as OpenSearch } from "@opensearch-project/opensearch";
import { describe, it } from "vitest";
import { createSearchStore, type SearchClient } from "../../src/runtime/elasticsearch/index.js";
import { storeContract } from "../../src/testing/index.js";
import { useSearch } from "./servers.js";
import { switches } from "./switches.js";

const clients = {
  opensearch: (node: string): SearchClient => new OpenSearch({ node }),
  elasticsearch: (node: string): SearchClient => new Elasticsearch({ node }),
};

describe.each(["opensearch", "elasticsearch"] as const)("a store in %s", (engine) => {
  const server = useSearch(engine);
  const connect = async () =>
    createSearchStore(clients[engine](server.url), { prefix: "test-", settings: { number_of_replicas: 0 } });
  // An index takes its time to be made, so properties try less.
  for (const { name, run } of storeContract({ connect, sharedRows: false, runs: 6 })) it(name, run);

  it("is switched by evgen projections", async () =>
    switches(
      "elasticsearch",
      await connect(),
      { [`${engine.toUpperCase()}_URL`]: server.url },
      "--store-prefix",
      "test-",
    ));
});
