import { type Identifier, identifier } from "../model/names.js";
import type { Field, NamedType, RecordType, StringType, Type } from "../model/type.js";
import { decimalPattern, intRange } from "../model/values.js";
import type { JsonSchema } from "../runtime/definitions.js";

/**
 * The type of the model that a schema of generated code was made of, as far as values matter: docs/generated-code.md has
 * the table. Throws an Error for a keyword that is not in it.
 */
export const typeOfSchema = (schema: JsonSchema): Type => {
  const named = new Map<string, NamedType>();
  const $defs = (schema["$defs"] ?? {}) as { readonly [name: string]: JsonSchema };
  return typeOf(schema, { $defs, named, name: "Value" });
};

interface Context {
  readonly $defs: { readonly [name: string]: JsonSchema };
  readonly named: Map<string, NamedType>;
  /** Of the record that is being made. */
  readonly name: string;
}

/** The keywords of the table, each of the kind that stands there. */
interface Keywords {
  readonly type?: string;
  readonly format?: "uuid" | "date" | "timestamp";
  readonly $ref?: string;
  readonly allOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly string[];
  readonly json?: true;
  readonly bytes?: true;
  readonly float?: true;
  readonly map?: true;
  readonly bigint?: { readonly min?: string; readonly max?: string };
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minDecimal?: string;
  readonly maxDecimal?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly additionalProperties?: JsonSchema | false;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
}

const typeOf = (schema: JsonSchema, context: Context): Type => {
  const keywords: Keywords = schema;
  if (keywords.$ref !== undefined) return { kind: "reference", to: definition(nameIn(keywords.$ref), context) };
  if (keywords.allOf?.[0] !== undefined) return typeOf(keywords.allOf[0], context);
  if (keywords.json === true) return { kind: "json" };
  if (keywords.bytes === true) return given({ kind: "bytes", ...lengths(keywords) });
  if (keywords.bigint !== undefined) {
    const { min, max } = keywords.bigint;
    return given({ kind: "long", min: bigint(min), max: bigint(max) });
  }
  if (keywords.enum !== undefined) return { kind: "enum", name: context.name as Identifier, values: keywords.enum };
  if (keywords.oneOf !== undefined) {
    return { kind: "union", members: keywords.oneOf.map((member) => memberOf(member, context)) };
  }
  switch (keywords.type) {
    case "string":
      return keywords.format === undefined ? textOf(keywords) : { kind: keywords.format };
    case "boolean":
      return { kind: "boolean" };
    case "integer":
      return integerOf(keywords);
    case "number": {
      const kind = keywords.float === true ? "float" : "double";
      return given({ kind, min: keywords.minimum, max: keywords.maximum });
    }
    case "array": {
      const { minItems, maxItems } = keywords;
      return given({ kind: "array", items: typeOf(keywords.items ?? {}, context), minItems, maxItems });
    }
    case "object":
      return keywords.map === true ? mapOf(keywords, context) : recordOf(keywords, context);
    default:
      throw new Error(`This is no schema of generated code: ${JSON.stringify(schema).slice(0, 200)}`);
  }
};

const definition = (name: string, context: Context): NamedType => {
  const known = context.named.get(name);
  if (known !== undefined) return known;
  const schema = context.$defs[name];
  if (schema === undefined) throw new Error(`A schema of generated code refers to ${name}, which it does not carry.`);
  // It may lead back to itself, so it is there before its type is.
  const made: { name: Identifier; type: NamedType["type"]; place: NamedType["place"] } = {
    ...{ name: name as Identifier, type: { kind: "json" }, place: nowhere },
  };
  context.named.set(name, made);
  const type = typeOf(schema, { ...context, name });
  made.type = type.kind === "reference" ? type.to.type : type;
  return made;
};

/** The record that a union has as a member, under the name that its `kind` says. */
const memberOf = (schema: JsonSchema, context: Context): NamedType => {
  const { $ref } = schema as Keywords;
  const target = ($ref === undefined ? schema : context.$defs[nameIn($ref)]) as Keywords | undefined;
  const kind = (target?.properties?.["kind"] as { readonly const?: unknown } | undefined)?.const;
  if (typeof kind !== "string") throw new Error("A member of a oneOf of generated code has no kind.");
  if ($ref !== undefined) {
    const to = definition(nameIn($ref), context);
    // Its own type may not be there yet.
    return {
      name: kind as Identifier,
      place: nowhere,
      get type() {
        return to.type;
      },
    };
  }
  const type = typeOf(schema, { ...context, name: kind });
  return { name: kind as Identifier, type: type as NamedType["type"], place: nowhere };
};

const textOf = (keywords: Keywords): Type => {
  const { pattern } = keywords;
  const decimal = pattern === undefined ? undefined : decimalOf(pattern);
  if (decimal !== undefined) return given({ ...decimal, min: keywords.minDecimal, max: keywords.maxDecimal });
  return given<StringType>({ kind: "string", ...lengths(keywords), pattern });
};

/** The decimal that this is the canonical form of. */
const decimalOf = (pattern: string): { kind: "decimal"; precision: number; scale: number } | undefined => {
  const [, more, single, fraction] =
    /-\?(?:\(0\|\[1-9\]\\d\{0,(\d+)\}\)|(\\d)|0)(?:\\\.\\d\{(\d+)\})?\$$/.exec(pattern) ?? [];
  const whole = more !== undefined ? Number(more) + 1 : single === undefined ? 0 : 1;
  const scale = Number(fraction ?? 0);
  const isDecimal = decimalPattern(whole + scale, scale) === pattern;
  return isDecimal ? { kind: "decimal", precision: whole + scale, scale } : undefined;
};

const integerOf = ({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: Keywords): Type => {
  const [min, max] = [BigInt(minimum), BigInt(maximum)];
  return { kind: min >= intRange.min && max <= intRange.max ? "int" : "long", min, max };
};

const mapOf = (keywords: Keywords, context: Context): Type => {
  const values = typeOf(keywords.additionalProperties || {}, context);
  return given({ kind: "map", values, minItems: keywords.minProperties, maxItems: keywords.maxProperties });
};

const recordOf = (keywords: Keywords, context: Context): RecordType => ({
  kind: "record",
  name: context.name as Identifier,
  fields: Object.entries(keywords.properties ?? {})
    .filter(([, property]) => !("const" in property))
    .map(
      ([name, property]): Field => ({
        name,
        type: typeOf(property, { ...context, name: `${context.name}${identifier(name) ?? ""}` }),
        optional: keywords.required?.includes(name) !== true,
        pii: false,
        place: nowhere,
      }),
    ),
});

const nowhere = { file: "", path: [] };

const nameIn = ($ref: string): string => $ref.slice("#/$defs/".length);

const lengths = ({ minLength, maxLength }: Keywords) => ({ minLength, maxLength });

const bigint = (text: string | undefined): bigint | undefined => (text === undefined ? undefined : BigInt(text));

type Partly<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/** Without what is undefined. */
const given = <T extends Type>(type: Partly<T>): T =>
  Object.fromEntries(Object.entries(type).filter(([, value]) => value !== undefined)) as T;
