import type { Aggregate, Event } from "../../model/model.js";
import { type Code, code, identifier, joinCode, trusted } from "../../render/code.js";
import { render } from "../../render/template.js";
import type { TargetContext } from "../target.js";
import { header } from "./header.js";
import { validatorFile } from "./names.js";
import { schemaValue } from "./schema.js";
import { openScope, type Run } from "./scope.js";

/**
 * The validators of every event as modules of their own, for places without eval: what Ajv would compile on first use,
 * printed. It takes some milliseconds a schema, so what has not changed is taken from the fragments.
 */
export const validatorFiles = async (
  aggregates: readonly Aggregate[],
  run: Run,
  fragments: TargetContext["fragments"],
): Promise<readonly { readonly file: string; readonly of: Aggregate; readonly content: string }[]> => {
  const files = [];
  for (const of of aggregates) {
    for (const event of of.events) {
      const scope = openScope(run, validatorFile(event));
      const type = scope.imports.type("evgen/runtime", "Validate");
      const text = await validators(event, type, run, fragments);
      files.push({ file: scope.file, of, content: render("typescript/event.validate.ts", { ...header(scope), text }) });
    }
  }
  return files;
};

const validators = async (event: Event, type: Code, run: Run, fragments: TargetContext["fragments"]): Promise<Code> => {
  const schemas = event.versions.map((version) => [version.name, schemaValue(version.type, run)] as const);
  const key = `typescript validators ${type} ${JSON.stringify(schemas)}`;
  const known = fragments.get(key);
  if (known !== undefined) return trusted(known, "an earlier run");
  const text = await standalone(schemas, type);
  fragments.set(key, text);
  return text;
};

/** A fresh Ajv for each event: it numbers what it prints, and one event's text must not depend on another's. */
const standalone = async (schemas: readonly (readonly [string, object])[], type: Code): Promise<Code> => {
  const [{ createAjv }, { default: ajvStandalone }] = await Promise.all([
    import("../../runtime/ajv.js"),
    import("ajv/dist/standalone/index.js"),
  ]);
  const ajv = createAjv({ code: { source: true, esm: true, lines: true } });
  for (const [name, schema] of schemas) ajv.addSchema(schema, name);
  const names = Object.fromEntries(schemas.map(([name]) => [`validate${name}`, name]));
  const lines = ajvStandalone.default(ajv, names).split("\n");
  return joinCode(
    lines.filter((line) => line !== '"use strict";').map((line) => declaration(line, type)),
    code`\n`,
  );
};

/** A line of Ajv's output, all of whose declarations stand at the beginning of one. */
const declaration = (line: string, type: Code): Code => {
  if (/^const \w+ = require\("ajv\/dist\/runtime\/ucs2length"\)\.default;$/.test(line)) {
    return code`const ${identifier(line.split(" ")[1] ?? "")} = ${codePoints};`;
  }
  if (/^const \w+ = require\(/.test(line)) throw new Error(`Ajv asks for a module: ${line}`);
  const exported = /^export const (\w+) = (\w+);$/.exec(line);
  if (exported !== null)
    return code`export const ${identifier(exported[1] ?? "")}: ${type} = ${identifier(exported[2] ?? "")};`;
  const pure = /^(const \w+ = )((?:new RegExp|new Set|BigInt)\(.*)$/.exec(line);
  return trusted(pure === null ? line : `${pure[1]}/* @__PURE__ */ ${pure[2]}`, "ajv");
};

/** The length of a text as JSON Schema counts it. */
const codePoints = code`(function codePoints(text) {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const pair = (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
    if (pair) i++;
    length++;
  }
  return length;
})`;
