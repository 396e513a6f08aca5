import { join } from "node:path";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { folderOf, generate, modelOf, root, textOf } from "./generated.js";

const bundle = async (folder: string, source: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: folder, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    external: ["evgen/runtime"],
    absWorkingDir: root,
  });
  return outputFiles[0]?.text ?? "";
};

it.each(["compiled", "precompiled"])("bundles one event without the others, with validators %s", async (validators) => {
  const yaml = `${textOf("model.example.yaml").replace(/^generate:[\s\S]*/m, "")}
generate: { targets: [typescript], validators: ${validators} }`;
  const folder = folderOf(await generate(await modelOf(yaml)));
  const one = await bundle(folder, `export { paymentReceived } from ${JSON.stringify(join(folder, "index.ts"))};`);
  expect(one).toContain("PaymentReceived");
  expect(one).not.toMatch(
    /OrderPlaced|OrderShipped|OrderCancelled|createOrder|lineItem|envelope|CustomerSpend|Warehouse/,
  );
  const none = await bundle(folder, `import ${JSON.stringify(join(folder, "index.ts"))};`);
  // An import of what is external stays, since esbuild does not know what it does.
  expect(none.replace(/^import (\{[^}]*\} from )?"evgen\/runtime";$|^\/\/.*$/gm, "").trim()).toBe("");
});
