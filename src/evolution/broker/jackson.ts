import { entry, isList, isObject, readTree, type Tree } from "./json-tree.js";

/**
 * What Pulsar 4.0 makes of a text of type JSON that is no Avro: it may be a JSON Schema in the old form of Jackson, which is
 * let in; reading it may fail, as it does on a `type` that Jackson does not know, such as "record". 4.2 does not try.
 */
export const readAsJackson = (text: string): "schema" | "none" | "fails" => {
  const read = readTree(text);
  if ("tree" in read) return readSchema(read.tree);
  // It reads from the front, and may have failed before it comes to what is no JSON.
  const first = /^\s*\{\s*"type"\s*:\s*"([^"\\]*)"/.exec(text)?.[1];
  return first === undefined || types.has(first) ? "none" : "fails";
};

/** The `id` of a JSON Schema, by which the broker compares two of them. */
export const jacksonId = (text: string): string | undefined => {
  const read = readTree(text);
  const id = "tree" in read ? entry(read.tree, "id") : undefined;
  return typeof id === "string" ? id : undefined;
};

const readSchema = (tree: Tree | undefined): "schema" | "none" | "fails" => {
  const type = entry(tree, "type");
  if (!isObject(tree) || type === undefined) return "none";
  if (typeof type !== "string" || !types.has(type)) return "fails";
  const required = entry(tree, "required");
  if (required !== undefined && typeof required !== "boolean") return "none";
  const properties = entry(tree, "properties");
  if (properties !== undefined && !isObject(properties)) return "none";
  const items = entry(tree, "items");
  const inner = [
    ...(properties === undefined ? [] : Object.values(properties)),
    ...(items === undefined ? [] : isList(items) ? items : [items]),
  ].map(readSchema);
  return inner.find((one) => one !== "schema") ?? "schema";
};

const types: ReadonlySet<string> = new Set("any array boolean integer null number object string".split(" "));
