import { type Diagnostic, diagnostic, type Place, under } from "../../diagnostics/diagnostic.js";
import { suggest } from "../../diagnostics/entry.js";
import type { JsonValue } from "../../model/type.js";
import type { Sources } from "../load.js";
import { parseYaml } from "../parse-yaml.js";
import { readJson } from "./read-json.js";

/** A file that holds a JSON Schema, or a schema that stands in the model. */
interface SchemaDocument {
  /** One for each file and each place of an inline schema. */
  readonly id: string;
  readonly root: JsonValue;
  /** Where the root stands. */
  readonly place: Place;
  readonly inline: boolean;
  /** The document itself, and every schema in it that has an `$id` of its own. */
  readonly resources: readonly Resource[];
  /** The paths of `$anchor`s, by the path of their resource and their name. */
  readonly anchors: ReadonlyMap<string, SchemaPath>;
}

/** The keys that lead to a schema in its document. */
type SchemaPath = readonly (string | number)[];

interface Resource {
  readonly path: SchemaPath;
  readonly uri: string;
}

/** A schema with where it stands. */
export interface SchemaNode {
  readonly document: SchemaDocument;
  readonly path: SchemaPath;
  readonly schema: JsonValue;
}

/** A schema as an object of keywords. */
export type Keywords = { readonly [keyword: string]: JsonValue };

/** The files of JSON Schemas, each read once. */
export interface Documents {
  /** The schema that a model brings along at a place: itself, or the path of a file. */
  open(schema: JsonValue, place: Place): Found;
  /** What a `$ref` leads to. */
  follow(reference: string, from: SchemaNode): Found;
}

type Found =
  | { readonly node: SchemaNode; readonly diagnostics: readonly Diagnostic[] }
  | { readonly node?: undefined; readonly diagnostics: readonly Diagnostic[] };

/** Opens schemas through the sources of the model, which guard its folder. */
export const createDocuments = (sources: Sources): Documents => {
  const files = new Map<string, LoadedFile>();
  const load = (path: string): LoadedFile => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const loaded = loadFile(path, sources);
    files.set(path, loaded);
    return loaded;
  };
  const openFile = (reference: string, from: string, place: Place): Found => {
    const [file, fragment] = split(reference);
    const path = relativePath(file, from);
    if ("refused" in path) {
      return failed(diagnostic("schema-file-refused", { path: file, reason: path.refused }, place));
    }
    const loaded = load(path.path);
    if (loaded.kind === "document") {
      const found = inDocument(fragment, loaded.document, [], reference, place);
      return { ...found, diagnostics: [...loaded.diagnostics, ...found.diagnostics] };
    }
    if (loaded.kind === "broken") return { diagnostics: loaded.diagnostics };
    if (loaded.kind === "missing") return failed(diagnostic("schema-file-missing", { path: path.path }, place));
    return failed(diagnostic("schema-file-refused", { path: path.path, reason: loaded.reason }, place));
  };
  return {
    open: (schema, place) => {
      if (typeof schema === "string") {
        const remote = isUri(schema) || schema.startsWith("//");
        if (remote) return failed(diagnostic("schema-reference-remote", { reference: schema }, place));
        return openFile(schema, place.file, place);
      }
      const key = `${place.file}#${JSON.stringify(place.path)}`;
      const document = makeDocument(key, schema, { file: place.file, path: place.path }, true);
      return { node: rootOf(document), diagnostics: [] };
    },
    follow: (reference, from) => {
      const place = placeOf(from, "$ref");
      const [uri, fragment] = split(reference);
      const resource = resourceOf(from);
      if (uri === "") return inDocument(fragment, from.document, resource.path, reference, place);
      const absolute = resolveUri(uri, resource.uri);
      const embedded = from.document.resources.find((one) => one.uri === absolute);
      if (embedded !== undefined) return inDocument(fragment, from.document, embedded.path, reference, place);
      if (!isUri(uri) && !uri.startsWith("//")) return openFile(reference, from.document.place.file, place);
      const beside = absolute === undefined ? undefined : besideOf(absolute, from.document, load);
      return beside === undefined
        ? failed(diagnostic("schema-reference-remote", { reference }, place))
        : inDocument(fragment, beside, [], reference, place);
    },
  };
};

/** The schema under these keys of a schema. */
export const child = (node: SchemaNode, ...keys: readonly (string | number)[]): SchemaNode => ({
  document: node.document,
  path: [...node.path, ...keys],
  schema: keys.reduce<JsonValue>((value, key) => (value as Keywords)[key] as JsonValue, node.schema),
});

/** Where a schema, or something in it, stands. */
export const placeOf = (node: SchemaNode, ...keys: readonly (string | number)[]): Place =>
  under(node.document.place, ...node.path, ...keys);

/** A text that is the same for the same schema of the same file. */
export const keyOfNode = (node: SchemaNode): string => `${node.document.id}#${JSON.stringify(node.path)}`;

/** Whether a schema is an object of keywords. */
export const isKeywords = (schema: JsonValue | undefined): schema is Keywords =>
  typeof schema === "object" && schema !== null && !Array.isArray(schema);

type LoadedFile =
  /** The diagnostics are warnings. */
  | { readonly kind: "document"; readonly document: SchemaDocument; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "broken"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "missing" }
  | { readonly kind: "refused"; readonly reason: string };

const failed = (...diagnostics: readonly Diagnostic[]): Found => ({ diagnostics });

const split = (reference: string): [uri: string, fragment: string] => {
  const at = reference.indexOf("#");
  return at < 0 ? [reference, ""] : [reference.slice(0, at), reference.slice(at + 1)];
};

const isUri = (reference: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]*:/.test(reference);

/** A path inside the model's folder; nothing of it is left to the file system to make sense of. */
const relativePath = (reference: string, from: string): { readonly path: string } | { readonly refused: string } => {
  let path: string;
  try {
    path = decodeURIComponent(reference);
  } catch {
    return { refused: "it holds a percent sign that encodes nothing" };
  }
  if (path.includes("\0")) return { refused: "it holds a character that no path has" };
  if (path.includes("\\")) return { refused: "paths are written with slashes forward" };
  if (path.startsWith("/")) return { refused: "paths are relative to the file that names them" };
  if (!/\.(?:json|ya?ml)$/.test(path)) return { refused: "a schema is in a .json, .yaml or .yml file" };
  const parts = from.split("/").slice(0, -1);
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return { refused: "it leads out of the model's folder" };
  }
  return { path: parts.join("/") };
};

const loadFile = (path: string, sources: Sources): LoadedFile => {
  const source = sources.read(path);
  if (source.kind !== "text") return source;
  const place: Place = { file: path, path: [] };
  if (!path.endsWith(".json")) {
    const { value, diagnostics } = parseYaml(path, source.text);
    if (value === undefined) return { kind: "broken", diagnostics };
    return { kind: "document", document: makeDocument(path, value, place, false), diagnostics };
  }
  const read = readJson(source.text);
  if (read.kind === "value") {
    return { kind: "document", document: makeDocument(path, read.value, place, false), diagnostics: [] };
  }
  const { problem, range } = read;
  return { kind: "broken", diagnostics: [diagnostic("schema-file-syntax", { problem }, { ...place, range })] };
};

const makeDocument = (id: string, root: JsonValue, place: Place, inline: boolean): SchemaDocument => {
  const resources: Resource[] = [];
  const anchors = new Map<string, SchemaPath>();
  index(root, [], { path: [], uri: `${ownBase}${encodeURI(place.file)}` }, { resources, anchors, seen: new Set() });
  return { id, root, place, inline, resources, anchors };
};

/** Stands for the model's folder where `$id`s are compared; a path of a file is never resolved by it. */
const ownBase = "evgen-model://model/";

interface Index {
  readonly resources: Resource[];
  readonly anchors: Map<string, SchemaPath>;
  /** Aliases of YAML make one object of many places: each is looked at once. */
  readonly seen: Set<object>;
}

/** Finds the schemas that are called by an `$id` or an `$anchor`. Looks only where schemas stand, never into values. */
const index = (schema: JsonValue, path: SchemaPath, resource: Resource, into: Index): void => {
  if (!isKeywords(schema) || into.seen.has(schema) || path.length > 1000) {
    if (path.length === 0) into.resources.push(resource);
    return;
  }
  into.seen.add(schema);
  const { $id, $anchor } = schema;
  let own = resource;
  if (typeof $id === "string" && !$id.startsWith("#")) {
    own = { path, uri: resolveUri(split($id)[0], resource.uri) ?? resource.uri };
  }
  if (own !== resource || path.length === 0) into.resources.push(own);
  if (typeof $id === "string" && $id.startsWith("#")) into.anchors.set(anchorKey(own.path, $id.slice(1)), path);
  if (typeof $anchor === "string") into.anchors.set(anchorKey(own.path, $anchor), path);
  for (const [keyword, value] of Object.entries(schema)) {
    if (schemaMaps.has(keyword) && isKeywords(value)) {
      for (const [key, one] of Object.entries(value)) index(one, [...path, keyword, key], own, into);
    } else if (Array.isArray(value) && schemaLists.has(keyword)) {
      for (const [at, one] of value.entries()) index(one, [...path, keyword, at], own, into);
    } else if (schemaKeywords.has(keyword)) {
      index(value, [...path, keyword], own, into);
    }
  }
};

const schemaMaps = new Set(["properties", "definitions", "$defs", "patternProperties", "dependentSchemas"]);
const schemaLists = new Set(["allOf", "anyOf", "oneOf", "prefixItems", "items"]);
const schemaKeywords = new Set([
  "items",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
]);

const anchorKey = (path: SchemaPath, name: string): string => `${JSON.stringify(path)}#${name}`;

const resolveUri = (reference: string, base: string): string | undefined => {
  try {
    return new URL(reference, base).href;
  } catch {
    return undefined;
  }
};

/** The nearest schema around this one that has an `$id`, or the document. */
const resourceOf = (node: SchemaNode): Resource => {
  let nearest: Resource | undefined;
  for (const resource of node.document.resources) {
    const around = resource.path.every((key, at) => node.path[at] === key);
    if (around && (nearest === undefined || resource.path.length >= nearest.path.length)) nearest = resource;
  }
  return nearest as Resource;
};

/**
 * The file that an absolute URI means when it has the same base as this file's own `$id`, and the `$id` of that file
 * says so too. Nothing is fetched.
 */
const besideOf = (
  absolute: string,
  document: SchemaDocument,
  load: (path: string) => LoadedFile,
): SchemaDocument | undefined => {
  const own = document.resources.find((one) => one.path.length === 0)?.uri ?? "";
  const base = own.slice(0, own.lastIndexOf("/") + 1);
  if (own.startsWith(ownBase) || base === "" || !absolute.startsWith(base)) return undefined;
  const path = relativePath(absolute.slice(base.length), document.place.file);
  if (!("path" in path)) return undefined;
  const loaded = load(path.path);
  const named = loaded.kind === "document" && loaded.document.resources.some((one) => one.uri === absolute);
  return named ? loaded.document : undefined;
};

const rootOf = (document: SchemaDocument): SchemaNode => ({ document, path: [], schema: document.root });

const inDocument = (
  fragment: string,
  document: SchemaDocument,
  resource: SchemaPath,
  reference: string,
  place: Place,
): Found => {
  const unresolved = (problem: string): Found =>
    failed(diagnostic("schema-reference-unresolved", { reference, problem }, place));
  let decoded: string;
  try {
    decoded = decodeURIComponent(fragment);
  } catch {
    return unresolved("it holds a percent sign that encodes nothing");
  }
  if (decoded !== "" && !decoded.startsWith("/")) {
    const path = document.anchors.get(anchorKey(resource, decoded));
    return path === undefined ? unresolved(`there is no $anchor "${decoded}"`) : step(document, [], path, unresolved);
  }
  const keys = decoded.split("/").slice(1);
  return step(
    document,
    resource,
    keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~")),
    unresolved,
  );
};

const step = (
  document: SchemaDocument,
  resource: SchemaPath,
  keys: SchemaPath,
  unresolved: (problem: string) => Found,
): Found => {
  let schema = document.root;
  const path: (string | number)[] = [];
  for (const key of [...resource, ...keys]) {
    if (Array.isArray(schema)) {
      const at = /^(?:0|[1-9]\d{0,8})$/.test(String(key)) ? Number(key) : -1;
      if (at < 0 || at >= schema.length) return unresolved(`there is no item ${String(key)}`);
      path.push(at);
      schema = schema[at] as JsonValue;
    } else {
      if (!isKeywords(schema) || !Object.hasOwn(schema, key)) {
        const similar = isKeywords(schema) ? suggest(String(key), Object.keys(schema)) : undefined;
        const hint = similar === undefined ? "" : `, but there is ${JSON.stringify(similar)}`;
        return unresolved(`there is no ${JSON.stringify(String(key))} in ${pointerText(path)}${hint}`);
      }
      path.push(key);
      schema = schema[key] as JsonValue;
    }
  }
  return { node: { document, path, schema }, diagnostics: [] };
};

const pointerText = (path: SchemaPath): string => (path.length === 0 ? "the file" : `#/${path.join("/")}`);
