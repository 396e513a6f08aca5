#!/usr/bin/env node
import { readFileSync } from "node:fs";

// A closed pipe (`evgen build --check | head`) ends what is printed, not what is done.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

const [first, ...rest] = process.argv.slice(2);
if ((first === "--version" || first === "-V") && rest.length === 0) {
  // Answered before anything is loaded: editors and scripts ask for it often.
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  process.stdout.write(`${manifest.version}\n`);
} else {
  const { run } = await import("./program.js");
  process.exitCode = await run(process.argv.slice(2));
}
