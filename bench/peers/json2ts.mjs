// The json-schema-to-typescript library over a folder of schemas, a file each, without formatting.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "json-schema-to-typescript";

const [folder] = process.argv.slice(2);
const out = join(folder, "..", "json2ts");
mkdirSync(out, { recursive: true });
for (const file of readdirSync(folder)) {
  const schema = JSON.parse(readFileSync(join(folder, file), "utf8"));
  const name = file.replace(/\.json$/, "");
  writeFileSync(join(out, `${name}.ts`), await compile(schema, name, { format: false, bannerComment: "" }));
}
