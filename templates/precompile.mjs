import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Handlebars from "handlebars";

/** The module that is made of the templates; see src/render/modules.d.ts. */
const id = "evgen:templates";

/** What a bundler loads for the module: every template as code, so that none is parsed when evgen runs. */
const source = () => {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".hbs"))
    .map((file) => file.replaceAll("\\", "/"))
    .sort()
    .map((file) => [file.slice(0, -".hbs".length), precompile(readFileSync(`${folder}/${file}`, "utf8"))]);
  const print = (entries) => `{${entries.map(([name, code]) => `${JSON.stringify(name)}: ${code}`).join(",\n")}}`;
  const isPartial = ([name]) => name.includes("/partials/");
  const partials = all.filter(isPartial).map(([name, code]) => [name.replace("/partials/", "/"), code]);
  return `export const templates = ${print(all.filter((one) => !isPartial(one)))};\nexport const partials = ${print(partials)};\n`;
};

const precompile = (text) =>
  Handlebars.precompile(text, {
    noEscape: true,
    strict: true,
    knownHelpersOnly: true,
    // Only these are left; strict mode alone lets a missing name pass in `#if` and `#each`, hence the proxy of render.
    knownHelpers: { each: true, if: true, unless: true },
  });

/** For esbuild. */
export const esbuildTemplates = {
  name: id,
  setup: (build) => {
    build.onResolve({ filter: new RegExp(`^${id}$`) }, () => ({ path: id, namespace: id }));
    build.onLoad({ filter: /./, namespace: id }, () => ({
      contents: source(),
      loader: "js",
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    }));
  },
};

/** For Vite, and so for the tests. */
export const viteTemplates = {
  name: id,
  resolveId: (name) => (name === id ? `\0${id}` : undefined),
  load: (name) => (name === `\0${id}` ? source() : undefined),
};
