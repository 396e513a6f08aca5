import type { Diagnostic, Place } from "../../diagnostics/diagnostic.js";
import { diagnostic, keyOf, under } from "../../diagnostics/diagnostic.js";
import { suggest } from "../../diagnostics/entry.js";
import type { JsonValue } from "../../model/type.js";
import type { FormError, FormSchema } from "../validate.js";
import { badName } from "./bad-name.js";
import { example, excerpt, kindOf, ownerOf } from "./words.js";

/** What Ajv found wrong in a document, as diagnostics: one for each mistake, in words about the model. */
export const diagnosticsOfForm = (
  file: string,
  document: JsonValue,
  errors: readonly FormError[],
): readonly Diagnostic[] => {
  const mistyped = mistypedKeys(errors);
  const misnamed = new Set(errors.map(pointerToName));
  return errors.flatMap((error) => {
    if (isDerived(error)) return [];
    // What is no name is often no key either, so nothing is said about its having no value.
    if (error.data === null && misnamed.has(error.instancePath)) return [];
    const place: Place = { file, path: pathOf(error.instancePath, document) };
    return describe(error, place, mistyped.get(error.instancePath) ?? new Set());
  });
};

/** The key that an error is about when it is about a key as such. Behind a reference, Ajv says it only as the data. */
const nameOf = (error: FormError): string | undefined =>
  error.propertyName ?? (nameTitles.has(error.parentSchema.title ?? "") ? String(error.data) : undefined);

/** Titles of definitions that stand under `propertyNames` and nowhere else. */
const nameTitles: ReadonlySet<string> = new Set(["PascalCase", "camelCase", "environment name"]);

const pointerToName = (error: FormError): string | undefined => {
  const name = nameOf(error);
  return name === undefined ? undefined : `${error.instancePath}/${name.replace(/~/g, "~0").replace(/\//g, "~1")}`;
};

/** Errors that only say that others exist: that a branch or the names of a map have errors, and those of `required` branches. */
const isDerived = ({ keyword, schemaPath }: FormError): boolean =>
  keyword === "if" || keyword === "propertyNames" || /\/(oneOf|anyOf)\/\d+\/required$/.test(schemaPath);

/**
 * For each map, the known keys that its unknown ones were probably meant to be. One of them that is missing is not
 * reported a second time.
 */
const mistypedKeys = (errors: readonly FormError[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const meant = new Map<string, Set<string>>();
  for (const error of errors) {
    if (error.keyword !== "additionalProperties") continue;
    const key = suggestedKey(error);
    if (key === undefined) continue;
    const keys = meant.get(error.instancePath) ?? new Set();
    meant.set(error.instancePath, keys.add(key));
  }
  return meant;
};

const suggestedKey = (error: FormError): string | undefined => {
  const absent = allowedKeys(error).filter((key) => !Object.hasOwn(error.data as object, key));
  return suggest(String(error.params.additionalProperty), absent);
};

const allowedKeys = (error: FormError): readonly string[] => {
  const properties = error.parentSchema.properties;
  return Object.keys(properties ?? {}).filter((key) => properties?.[key]?.doNotSuggest !== true);
};

/** The keys that lead to what a JSON pointer names; those into lists are numbers. */
const pathOf = (pointer: string, document: JsonValue): readonly (string | number)[] => {
  let value: JsonValue | undefined = document;
  return pointer
    .split("/")
    .slice(1)
    .map((token) => {
      const key = token.replace(/~1/g, "/").replace(/~0/g, "~");
      const isList = Array.isArray(value);
      value = isList ? (value as readonly JsonValue[])[Number(key)] : (value as Record<string, JsonValue>)[key];
      return isList ? Number(key) : key;
    });
};

const describe = (error: FormError, place: Place, mistyped: ReadonlySet<string>): readonly Diagnostic[] => {
  const { params, parentSchema } = error;
  const name = nameOf(error);
  if (name !== undefined) return [badName(error, name, place)];
  const message = parentSchema.errorMessage;
  switch (error.keyword) {
    case "additionalProperties":
      return [unknownKey(error, String(params.additionalProperty), place)];
    case "required":
      return missingKey(error, [String(params.missingProperty)], place, mistyped);
    case "oneOf":
    case "anyOf":
      return alternatives(error, place, mistyped);
    case "not":
      return [diagnostic("misplaced-key", { problem: message ?? "This key has no meaning here." }, keyOf(place))];
    case "type":
      return [wrongKind(error, place)];
    case "const":
    case "enum":
      return [unknownValue(error, place)];
    case "pattern":
      return [malformed(error, place)];
    case "minimum":
    case "maximum":
      return [outOfRange(error, place)];
    case "minLength":
      return [malformed(error, place, "It cannot be empty.")];
    case "maxLength":
      return [malformed(error, place, `It has at most ${String(params.limit)} characters.`)];
    case "minItems":
    case "maxItems":
    case "minProperties":
    case "maxProperties":
      return [wrongCount(error, place)];
    case "uniqueItems":
      return duplicateItems(error, place);
    default:
      // Ajv's keywords are open; a test compares this list to those that the schema uses.
      throw new Error(`model.schema.json uses the keyword ${error.keyword}, for which there is no message`);
  }
};

const unknownKey = (error: FormError, key: string, place: Place): Diagnostic => {
  const allowed = allowedKeys(error);
  const suggestion = suggestedKey(error) ?? suggest(key, allowed);
  const owner = ownerOf(error.parentSchema);
  const help =
    key === "<<"
      ? "YAML 1.2 has no merge keys; write the keys out, or give the type a name."
      : `Keys of ${owner}: ${allowed.join(", ")}.`;
  return diagnostic("unknown-key", { owner: capital(owner), key, suggestion }, keyOf(under(place, key)), { help });
};

const missingKey = (
  error: FormError,
  keys: readonly string[],
  place: Place,
  mistyped: ReadonlySet<string>,
): readonly Diagnostic[] => {
  if (keys.some((key) => mistyped.has(key))) return [];
  const owner = capital(ownerOf(error.parentSchema));
  const properties = error.parentSchema.properties;
  const [only] = keys;
  const shown = keys.length === 1 && only !== undefined ? example(properties?.[only] ?? {}, only) : undefined;
  const extra = shown === undefined ? {} : { help: `For example: ${shown}` };
  return [diagnostic("missing-key", { owner, keys }, keyOf(place), extra)];
};

/** `oneOf` and `anyOf` stand over branches that each require one key, and nothing else. */
const alternatives = (error: FormError, place: Place, mistyped: ReadonlySet<string>): readonly Diagnostic[] => {
  const branches = error.parentSchema[error.keyword === "oneOf" ? "oneOf" : "anyOf"] ?? [];
  const keys = branches.flatMap((branch) => branch.required);
  const present = keys.filter((key) => Object.hasOwn(error.data as object, key));
  if (present.length === 0) return missingKey(error, keys, place, mistyped);
  const [first, second] = present.map((key) => keyOf(under(place, key)));
  const related = first === undefined ? [] : [{ message: "This one is here as well.", place: first }];
  const owner = capital(ownerOf(error.parentSchema));
  return [diagnostic("exclusive-keys", { owner, keys: present }, second ?? keyOf(place), { related })];
};

const wrongKind = (error: FormError, place: Place): Diagnostic => {
  const { data, parentSchema } = error;
  const message = parentSchema.errorMessage;
  const expected = message ?? expectation(parentSchema);
  const shown = example(parentSchema);
  const isItem = typeof place.path.at(-1) === "number";
  const isWord = typeof data === "number" || typeof data === "boolean" || (data === null && isItem);
  const help =
    data === null && !isItem
      ? `Nothing stands behind the key.${shown === undefined ? "" : ` For example: ${shown}`}`
      : isWord && parentSchema.type === "string" && message === undefined
        ? `Put it in quotes if it is meant as text: "${data}".`
        : shown && `For example: ${shown}`;
  const at = data === null ? keyOf(place) : place;
  return diagnostic("wrong-kind", { expected, found: kindOf(data) }, at, help === undefined ? {} : { help });
};

const expectation = (schema: FormSchema): string => {
  switch (schema.type) {
    case "object":
      return "A map is expected here.";
    case "array":
      return "A list is expected here.";
    case "integer":
      return "A whole number is expected here.";
    case "number":
      return "A number is expected here.";
    case "boolean":
      return "true or false is expected here.";
    default:
      return "A text is expected here.";
  }
};

const unknownValue = (error: FormError, place: Place): Diagnostic => {
  const { data, params, parentSchema } = error;
  const key = place.path.at(-1);
  if (key === "evgen" && place.path.length === 1) {
    return diagnostic("unsupported-language", { found: excerpt(data) }, place);
  }
  const message = parentSchema.errorMessage;
  const allowed = (params.allowedValues ?? [params.allowedValue ?? null]).map(String);
  if (message !== undefined && typeof data !== "string") {
    return diagnostic("wrong-kind", { expected: message, found: kindOf(data) }, data === null ? keyOf(place) : place);
  }
  const suggestion = typeof data === "string" ? suggest(data, allowed) : undefined;
  if (message !== undefined && suggestion === undefined) return malformed(error, place, message);
  const extra = message === undefined ? {} : { help: message };
  return diagnostic("unknown-value", { value: excerpt(data), allowed, suggestion }, place, extra);
};

const malformed = (error: FormError, place: Place, rule?: string): Diagnostic => {
  const said = error.parentSchema.patternErrorMessage;
  return diagnostic("malformed-value", { value: excerpt(error.data), rule: rule ?? said ?? "" }, place);
};

const outOfRange = (error: FormError, place: Place): Diagnostic => {
  const { minimum, maximum } = error.parentSchema;
  const limit =
    minimum === undefined
      ? `at most ${maximum}`
      : maximum === undefined
        ? `at least ${minimum}`
        : `from ${minimum} to ${maximum}`;
  return diagnostic("out-of-range", { value: excerpt(error.data), limit }, place);
};

const wrongCount = (error: FormError, place: Place): Diagnostic => {
  const message = error.parentSchema.errorMessage;
  const count = Array.isArray(error.data) ? error.data.length : Object.keys(error.data as object).length;
  const limit = Number(error.params.limit);
  const rule =
    message ??
    (error.keyword.startsWith("min")
      ? `At least ${limit} ${limit === 1 ? "entry is" : "entries are"} needed.`
      : `At most ${limit} fit.`);
  const found = count === 0 ? "are none" : count === 1 ? "is one" : `are ${count}`;
  return diagnostic("wrong-count", { rule, found }, keyOf(place));
};

/** Ajv names one pair; these are all. */
const duplicateItems = (error: FormError, place: Place): readonly Diagnostic[] => {
  const firsts = new Map<string, number>();
  return (error.data as readonly JsonValue[]).flatMap((item, index) => {
    const text = JSON.stringify(item);
    const first = firsts.get(text);
    if (first === undefined) {
      firsts.set(text, index);
      return [];
    }
    const related = [{ message: "It is here first.", place: under(place, first) }];
    return [diagnostic("duplicate-item", { item: excerpt(item) }, under(place, index), { related })];
  });
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
