import { readFileSync } from "node:fs";

/** What the package says of itself. */
export const packageManifest = (): { readonly version: string; readonly bugs?: string | { readonly url?: string } } =>
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
