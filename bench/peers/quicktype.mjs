// The quicktype library over a folder of schemas, a file each.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FetchingJSONSchemaStore, InputData, JSONSchemaInput, quicktype } from "quicktype-core";

const [folder] = process.argv.slice(2);
const out = join(folder, "..", "quicktype");
mkdirSync(out, { recursive: true });
for (const file of readdirSync(folder)) {
  const name = file.replace(/\.json$/, "");
  const schemaInput = new JSONSchemaInput(new FetchingJSONSchemaStore());
  await schemaInput.addSource({ name, schema: readFileSync(join(folder, file), "utf8") });
  const inputData = new InputData();
  inputData.addInput(schemaInput);
  const { lines } = await quicktype({ inputData, lang: "typescript", rendererOptions: { "just-types": true } });
  writeFileSync(join(out, `${name}.ts`), lines.join("\n"));
}
