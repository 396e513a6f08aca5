import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { viteTemplates } from "./templates/precompile.mjs";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const alias = {
  "evgen/runtime": source("src/runtime/index.ts"),
  "evgen/postgres": source("src/runtime/postgres/index.ts"),
  "evgen/testing": source("src/testing/index.ts"),
  "evgen/websocket": source("src/runtime/websocket/index.ts"),
};

// Two projects: `unit` needs nothing but node; `services` needs the servers that test/services/run.sh starts.
// biome-ignore lint/style/noDefaultExport: vitest wants one
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [viteTemplates],
        resolve: { alias },
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/services/**"],
          testTimeout: 300_000,
          setupFiles: ["test/seed.ts"],
        },
      },
      {
        plugins: [viteTemplates],
        resolve: { alias },
        test: {
          name: "services",
          include: ["test/services/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          setupFiles: ["test/seed.ts"],
        },
      },
    ],
  },
});
