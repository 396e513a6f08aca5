import { type Code, code } from "./code.js";

/** A value of HCL: data, or code of our own where it is an expression. */
export type HclValue = string | number | boolean | readonly HclValue[] | HclMap | Expression;

interface HclMap {
  readonly [key: string]: HclValue;
}

const text = Symbol("text");

interface Expression {
  readonly [text]: Code;
}

/** An attribute, a block, or lines of comment; in the order in which they are to stand. */
export type HclItem =
  | readonly [attribute: string, value: HclValue]
  | { readonly block: string; readonly body: readonly HclItem[] }
  | { readonly comment: readonly Code[] };

/** An expression of our own source in place of a value. */
export const expression = (source: Code): HclValue => ({ [text]: source });

/** A block with quoted labels, line by line, in the layout of `terraform fmt`. */
export const hclBlock = (type: string, labels: readonly string[], body: readonly HclItem[]): readonly Code[] => [
  [type, ...labels.map(hclString), "{"].join(" ") as Code,
  ...lines(body).map((line) => (line === "" ? line : (`  ${line}` as Code))),
  code`}`,
];

/** Text in double quotes, with nothing in it that is an expression or an escape that HCL does not know. */
export const hclString = (value: string): Code =>
  JSON.stringify(value.toWellFormed())
    // An escaped backslash is matched to be skipped: what follows it is not escaped by it.
    .replace(/\\\\|\\b|\\f/g, (found) => (found === "\\b" ? "\\u0008" : found === "\\f" ? "\\u000c" : found))
    .replace(/[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, escaped)
    .replace(/[$%](?=\{)/g, "$&$&") as Code;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Attributes that follow one another have their equals signs below one another; a block stands apart. */
const lines = (items: readonly HclItem[]): readonly Code[] => {
  const printed: Code[] = [];
  let run: (readonly [string, HclValue])[] = [];
  const flush = (): void => {
    const longest = Math.max(0, ...run.map(([name]) => name.length));
    for (const [name, value] of run) printed.push(`${name.padEnd(longest)} = ${valueText(value)}` as Code);
    run = [];
  };
  for (const [index, item] of items.entries()) {
    if (isAttribute(item)) {
      run.push(item);
      continue;
    }
    flush();
    const previous = items[index - 1];
    if (previous !== undefined && !("comment" in previous)) printed.push(code``);
    printed.push(...("comment" in item ? item.comment : hclBlock(item.block, [], item.body)));
  }
  flush();
  return printed;
};

const isAttribute = (item: HclItem): item is readonly [string, HclValue] => Array.isArray(item);

const valueText = (value: HclValue): string => {
  if (typeof value === "string") return hclString(value);
  if (typeof value === "number" || typeof value === "boolean") return `${value}`;
  if (isList(value)) return `[${value.map(valueText).join(", ")}]`;
  if (isExpression(value)) return value[text];
  const entries = Object.entries(value).map(([key, one]) => `${hclString(key)} = ${valueText(one)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
};

const isList = (value: HclValue): value is readonly HclValue[] => Array.isArray(value);
const isExpression = (value: object): value is Expression => text in value;
