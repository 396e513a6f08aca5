import { type Identifier, identifier, pascalWords } from "../../model/names.js";
import { isKeywords, type SchemaNode } from "./documents.js";

/**
 * What the type of a shared schema is called: its title where that is one word in PascalCase, else its key, or the
 * name of its file. `text` is what a name was looked for in, when there is none.
 */
export const definitionName = (
  node: SchemaNode,
): { readonly name: Identifier } | { readonly name?: undefined; readonly text: string } => {
  const { title } = isKeywords(node.schema) ? node.schema : {};
  if (typeof title === "string" && /^[A-Z]/.test(title)) {
    const name = identifier(title);
    if (name !== undefined) return { name };
  }
  const text = keyOrFile(node);
  const name = identifier(pascalWords(text));
  return name === undefined ? { text } : { name };
};

const keyOrFile = (node: SchemaNode): string => {
  const last = node.path.at(-1);
  if (last === undefined) {
    const file = node.document.inline ? "" : (node.document.place.file.split("/").at(-1) ?? "");
    return file.replace(/\.(?:json|ya?ml)$/, "").replace(/\.schema$/, "");
  }
  // an item of a list, or the items of an array, have no name of their own
  const byName = typeof last === "string" && !(keywordsOfOne.has(last) && !namesSchemas(node.path.at(-2)));
  return byName ? last : "";
};

const keywordsOfOne = new Set(["items", "additionalProperties"]);

const namesSchemas = (key: string | number | undefined): boolean =>
  key === "properties" || key === "definitions" || key === "$defs";
