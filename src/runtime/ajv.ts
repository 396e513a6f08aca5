import { _, Ajv, type CodeKeywordDefinition, type KeywordCxt, type Options, stringify } from "ajv";
import { _Code } from "ajv/dist/compile/codegen/code.js";
import { formats } from "./formats.js";

/**
 * An Ajv for values in memory: its keywords and formats are those of docs/generated-code.md, all of them code, so that
 * Ajv's standalone mode can print them. No meta-schema is loaded: the schemas come from a generator.
 */
export const createAjv = (options: Options = {}): Ajv => {
  const ajv = new Ajv({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    strictTuples: false,
    allErrors: false,
    discriminator: true,
    unicodeRegExp: true,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    logger: false,
    ...options,
  });
  for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format);
  for (const keyword of ["minLength", "maxLength", "enum"]) ajv.removeKeyword(keyword);
  for (const keyword of keywords) ajv.addKeyword(keyword);
  return ajv;
};

const bytes: CodeKeywordDefinition = {
  keyword: "bytes",
  schemaType: "boolean",
  error: { message: "must be a Uint8Array of the right length" },
  code(context: KeywordCxt) {
    const { data, parentSchema } = context;
    const { minLength = 0, maxLength } = parentSchema as { minLength?: number; maxLength?: number };
    const tooLong = maxLength === undefined ? _`false` : _`${data}.length > ${maxLength}`;
    context.fail(_`!(${data} instanceof Uint8Array) || ${data}.length < ${minLength} || ${tooLong}`);
  },
};

const bigint: CodeKeywordDefinition = {
  keyword: "bigint",
  schemaType: "object",
  error: { message: "must be a bigint in range" },
  code(context: KeywordCxt) {
    const { data, gen } = context;
    const { min = "-9223372036854775808", max = "9223372036854775807" } = context.schema as {
      min?: string;
      max?: string;
    };
    const bound = (text: string) => {
      const value = BigInt(text);
      return gen.scopeValue("obj", { key: text, ref: value, code: _`BigInt(${String(value)})` });
    };
    context.fail(_`typeof ${data} !== "bigint" || ${data} < ${bound(min)} || ${data} > ${bound(max)}`);
  },
};

const float: CodeKeywordDefinition = {
  keyword: "float",
  type: "number",
  schemaType: "boolean",
  error: { message: "must be a number that a float of 32 bits holds exactly" },
  code(context: KeywordCxt) {
    context.fail(_`Math.fround(${context.data}) !== ${context.data}`);
  },
};

/** The functions below stand as text, so that standalone code can hold them as they are. */
const call = (context: KeywordCxt, source: string, ...more: readonly string[]) => {
  const named = context.gen.scopeValue("func", {
    key: source,
    ref: new Function(`return ${source}`)(),
    code: new _Code(`(${source})`),
  });
  return more.length === 0 ? _`${named}(${context.data})` : _`${named}(${context.data}, ${more[0]})`;
};

const isJson = `function isJson(value) {
  const waiting = [value, 0];
  while (waiting.length > 0) {
    const depth = waiting.pop();
    const one = waiting.pop();
    if (one === null || typeof one === "string" || typeof one === "boolean") continue;
    if (typeof one === "number") { if (Number.isFinite(one)) continue; return false; }
    if (typeof one !== "object" || depth > 500) return false;
    if (Array.isArray(one)) { for (let i = 0; i < one.length; i++) waiting.push(one[i], depth + 1); continue; }
    const prototype = Object.getPrototypeOf(one);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
    if (ArrayBuffer.isView(one) || one instanceof Date || one instanceof Map || one instanceof Set) return false;
    if (typeof one.toJSON === "function" || Object.hasOwn(one, "__proto__")) return false;
    for (const key of Object.keys(one)) waiting.push(one[key], depth + 1);
  }
  return true;
}`;

/** Ajv's own are replaced: what they print imports a function by `require`. */
const codePoints = `function codePoints(text) {
  let count = text.length;
  for (let at = 0; at + 1 < text.length; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) { count--; at++; }
  }
  return count;
}`;

const textLength = (keyword: string, wrong: "<" | ">"): CodeKeywordDefinition => ({
  keyword,
  type: "string",
  schemaType: "number",
  error: { message: ({ schema }) => `must have ${wrong === "<" ? "at least" : "at most"} ${schema} characters` },
  code(context: KeywordCxt) {
    const { data, schema } = context;
    // No text has more code points than code units, nor fewer than half of them.
    if (wrong === "<") context.fail(_`${data}.length < ${schema * 2} && ${call(context, codePoints)} < ${schema}`);
    else context.fail(_`${data}.length > ${schema} && ${call(context, codePoints)} > ${schema}`);
  },
});

const json: CodeKeywordDefinition = {
  keyword: "json",
  schemaType: "boolean",
  error: { message: "must be a JSON value" },
  code: (context: KeywordCxt) => context.fail(_`!${call(context, isJson)}`),
};

/**
 * Ajv's own compares long ones by a function that printed code has to import, or by thousands of operators in a row,
 * which are more than a parser of JavaScript can take.
 */
const oneOf: CodeKeywordDefinition = {
  keyword: "enum",
  schemaType: "array",
  error: { message: "must be equal to one of the allowed values" },
  code(context: KeywordCxt) {
    const { data, gen } = context;
    const values = context.schema as readonly unknown[];
    if (values.length <= 32) {
      const [first = _`true`, ...more] = values.map((value) => _`${data} !== ${stringify(value)}`);
      context.fail(more.reduce((all, one) => _`${all} && ${one}`, first));
      return;
    }
    const code = _`new Set(${stringify(values)})`;
    const set = gen.scopeValue("obj", { key: code.toString(), ref: new Set(values), code });
    context.fail(_`!${set}.has(${data})`);
  },
};

/** Canonical decimals of one scale compare by sign, then by length, then as text. */
const compare = `function compareDecimals(a, b) {
  const negative = a.charCodeAt(0) === 45;
  if (negative !== (b.charCodeAt(0) === 45)) return negative ? -1 : 1;
  const order = a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  return negative ? -order : order;
}`;

const decimalBound = (keyword: string, wrong: "<" | ">"): CodeKeywordDefinition => ({
  keyword,
  type: "string",
  schemaType: "string",
  error: { message: ({ schema }) => `must be ${wrong === "<" ? "at least" : "at most"} ${schema}` },
  code(context: KeywordCxt) {
    const order = call(context, compare, context.schema as string);
    context.fail(wrong === "<" ? _`${order} < 0` : _`${order} > 0`);
  },
});

const map: CodeKeywordDefinition = {
  keyword: "map",
  type: "object",
  schemaType: "boolean",
  error: { message: 'must not have the key "__proto__"' },
  code: (context: KeywordCxt) => context.fail(_`Object.hasOwn(${context.data}, "__proto__")`),
};

const keywords: readonly CodeKeywordDefinition[] = [
  bytes,
  bigint,
  float,
  json,
  textLength("minLength", "<"),
  textLength("maxLength", ">"),
  decimalBound("minDecimal", "<"),
  decimalBound("maxDecimal", ">"),
  map,
  oneOf,
];
