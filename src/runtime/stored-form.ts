import type { AnyRow } from "./apply-change.js";
import type { JsonSchema, JsonValue } from "./definitions.js";
import type { AnyProjection } from "./store.js";

/**
 * Between rows in memory and JSON that loses nothing of them: bytes are base64, bigints are decimal text, a field that is
 * absent is left out. All else is JSON already. A negative zero is a zero.
 */
export interface StoredForm {
  toStored(row: AnyRow): { readonly [field: string]: JsonValue };
  /** The row of what `toStored` made, also when it has been through JSON text. It may change what it is given. */
  fromStored(stored: { readonly [field: string]: JsonValue }): AnyRow;
  /** The same for one field of the row. */
  fieldToStored(field: string, value: unknown): JsonValue;
  fieldFromStored(field: string, stored: JsonValue): unknown;
}

/** How the rows of a projection are written as JSON. Its key is not part of them. */
export const storedForm = (projection: AnyProjection): StoredForm => {
  const { properties = {}, $defs = {} } = projection.row as Keywords;
  const context: Context = { $defs, known: new Map() };
  const forms = new Map<string, Form>();
  for (const [field, schema] of Object.entries(properties)) {
    const form = formOf(schema, context);
    if (form !== undefined) forms.set(field, form);
  }
  const all = record(forms);
  return {
    toStored: (row) => (all === undefined ? row : all.to(row)) as { readonly [field: string]: JsonValue },
    fromStored: (stored) => (all === undefined ? stored : all.from(stored)) as AnyRow,
    fieldToStored: (field, value) => (forms.get(field)?.to(value) ?? value) as JsonValue,
    fieldFromStored: (field, stored) => forms.get(field)?.from(stored) ?? stored,
  };
};

/** Absent where a value in memory is JSON as it is. */
interface Form {
  readonly to: (value: unknown) => unknown;
  readonly from: (stored: unknown) => unknown;
}

interface Context {
  readonly $defs: { readonly [name: string]: JsonSchema };
  /** By the name of the definition. */
  readonly known: Map<string, Form>;
}

/** The keywords of docs/generated-code.md that matter here. */
interface Keywords {
  readonly $ref?: string;
  readonly $defs?: { readonly [name: string]: JsonSchema };
  readonly allOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly bytes?: true;
  readonly bigint?: object;
  readonly items?: JsonSchema;
  readonly map?: true;
  readonly additionalProperties?: JsonSchema | false;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly const?: unknown;
}

const formOf = (schema: JsonSchema, context: Context): Form | undefined => {
  const keywords = schema as Keywords;
  if (keywords.$ref !== undefined) return referred(keywords.$ref.slice("#/$defs/".length), context);
  if (keywords.allOf?.[0] !== undefined) return formOf(keywords.allOf[0], context);
  if (keywords.bytes === true) return bytes;
  if (keywords.bigint !== undefined) return bigint;
  if (keywords.oneOf !== undefined) return union(keywords.oneOf, context);
  if (keywords.items !== undefined) return each(formOf(keywords.items, context), "array");
  if (keywords.map === true) return each(formOf(keywords.additionalProperties || {}, context), "map");
  if (keywords.properties === undefined) return undefined;
  const forms = new Map<string, Form>();
  for (const [name, property] of Object.entries(keywords.properties)) {
    const form = formOf(property, context);
    if (form !== undefined) forms.set(name, form);
  }
  return record(forms);
};

/** A type that is within itself: its form is made when a value of it comes. */
const referred = (name: string, context: Context): Form => {
  const known = context.known.get(name);
  if (known !== undefined) return known;
  let made: Form | "none" | undefined;
  const change = (way: "to" | "from") => (value: unknown) => {
    made ??= formOf(context.$defs[name] ?? {}, context) ?? "none";
    return made === "none" ? value : made[way](value);
  };
  const form = { to: change("to"), from: change("from") };
  context.known.set(name, form);
  return form;
};

const bytes: Form = {
  to: (value) => {
    const { buffer, byteOffset, byteLength } = value as Uint8Array;
    return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
  },
  from: (stored) => new Uint8Array(Buffer.from(stored as string, "base64")),
};

const bigint: Form = { to: String, from: (stored) => BigInt(stored as string) };

const each = (form: Form | undefined, kind: "array" | "map"): Form | undefined => {
  if (form === undefined) return undefined;
  const change = (one: (value: unknown) => unknown) => (value: unknown) =>
    kind === "array"
      ? (value as readonly unknown[]).map(one)
      : Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, one(item)]));
  return { to: change(form.to), from: change(form.from) };
};

const record = (forms: ReadonlyMap<string, Form>): Form | undefined => {
  if (forms.size === 0) return undefined;
  const change = (way: "to" | "from") => (value: unknown) => {
    const next: Record<string, unknown> = { ...(value as AnyRow) };
    for (const [field, form] of forms) if (next[field] !== undefined) next[field] = form[way](next[field]);
    return next;
  };
  return { to: change("to"), from: change("from") };
};

const union = (members: readonly JsonSchema[], context: Context): Form | undefined => {
  const forms = new Map<unknown, Form>();
  for (const member of members) {
    const { $ref } = member as Keywords;
    const schema = ($ref === undefined ? member : context.$defs[$ref.slice("#/$defs/".length)]) as Keywords | undefined;
    const form = formOf(member, context);
    if (form !== undefined) forms.set((schema?.properties?.["kind"] as Keywords | undefined)?.const, form);
  }
  if (forms.size === 0) return undefined;
  const change = (way: "to" | "from") => (value: unknown) =>
    forms.get((value as { readonly kind: unknown }).kind)?.[way](value) ?? value;
  return { to: change("to"), from: change("from") };
};
