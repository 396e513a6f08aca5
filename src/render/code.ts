declare const brand: unique symbol;

/** Text that is safe to print into a file: made of values by an encoder, or written in evgen's own source. */
export type Code = string & { readonly [brand]: "Code" };

/** Code from a template literal of evgen's own source, into which only code can be put. */
export const code = (strings: TemplateStringsArray, ...parts: readonly Code[]): Code => {
  let text = strings[0] ?? "";
  for (let i = 0; i < parts.length; i++) text += `${parts[i]}${strings[i + 1]}`;
  return text as Code;
};

/** Code, joined by code. */
export const joinCode = (parts: readonly Code[], separator: Code): Code => parts.join(separator) as Code;

/** A value as a TypeScript expression that yields it, on one line. */
export const literal = (value: Literal): Code => {
  if (typeof value === "string") return stringLiteral(value);
  if (typeof value === "number") return numberLiteral(value);
  if (typeof value === "bigint") return `${value}n` as Code;
  if (value === null || typeof value === "boolean") return `${value}` as Code;
  if (isArray(value)) return `[${value.map(literal).join(", ")}]` as Code;
  const entries = Object.entries(value).map(([key, one]) => `${propertyKey(key)}: ${literal(one)}`);
  return (entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`) as Code;
};

/** What can be printed as a literal: JSON, and bigints. */
export type Literal =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Literal[]
  | { readonly [key: string]: Literal };

/** A name that was checked to be an identifier; anything else is a bug of evgen and throws. */
export const identifier = (name: string): Code => {
  if (!isIdentifier(name)) throw new Error(`not an identifier: ${JSON.stringify(name)}`);
  return name as Code;
};

/** A key of an object literal or a type: unquoted where it can be, and `__proto__` so that it is a plain property. */
export const propertyKey = (name: string): Code =>
  name === "__proto__" ? ('["__proto__"]' as Code) : isIdentifier(name) ? (name as Code) : stringLiteral(name);

/** `.name` or `["any name"]`. */
export const propertyAccess = (name: string): Code =>
  isIdentifier(name) ? (`.${name}` as Code) : (`[${stringLiteral(name)}]` as Code);

/** Text between the backticks of a template literal. */
export const templateText = (text: string): Code =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replace(invisible, escaped)
    .replace(/`|\$(?=\{)/g, "\\$&") as Code;

/** Text that another generator has made of safe input. Every use says which, and is counted by a test. */
export const trusted = (text: string, _madeBy: string): Code => text as Code;

/** One word of bash, quoted when it has to be. NUL cannot be in one and throws. */
export const bashWord = (text: string): Code => {
  if (text.includes("\0")) throw new Error("a word of bash cannot hold NUL");
  if (/^[A-Za-z0-9_./:@%+,-]+$/.test(text)) return text as Code;
  // What looks like an expansion in single quotes is a mistake in the eyes of shellcheck; escaped in double ones it is none.
  return (/[$`]/.test(text) ? `"${text.replace(/[\\"$`]/g, "\\$&")}"` : `'${text.replaceAll("'", `'\\''`)}'`) as Code;
};

/** Text as comment lines that begin with `# `, for bash and YAML. */
export const hashLines = (text: string): readonly Code[] =>
  plainLines(text).map((line) => (line === "" ? "#" : `# ${line}`) as Code);

/** A tag of ours at the end of a doc comment, with a text of the user's. */
export interface DocTag {
  readonly tag: "deprecated";
  readonly text: string;
}

/**
 * A doc comment of paragraphs, line by line; none when all of them are empty. Nothing in the text can end the comment,
 * be taken as a tag, or give orders to the compiler.
 */
export const docLines = (...paragraphs: readonly (string | DocTag | undefined)[]): readonly Code[] =>
  comment(docTextLines(...paragraphs));

/** Lines of `docTextLines` as a comment. */
export const comment = (lines: readonly Code[]): readonly Code[] => {
  if (lines.length === 0) return [];
  if (lines.length === 1) return [`/** ${lines[0]} */` as Code];
  return ["/**", ...lines.map((line) => (line === "" ? " *" : ` * ${line}`)), " */"] as string[] as Code[];
};

/** What `docLines` puts between the marks of a comment. */
export const docTextLines = (...paragraphs: readonly (string | DocTag | undefined)[]): readonly Code[] => {
  const lines: string[] = [];
  for (const paragraph of paragraphs) {
    const more = paragraphLines(paragraph);
    if (more.length > 0) lines.push(...(lines.length > 0 ? [""] : []), ...more);
  }
  return lines as Code[];
};

const paragraphLines = (paragraph: string | DocTag | undefined): readonly string[] => {
  if (paragraph === undefined || typeof paragraph === "string") return plainLines(paragraph ?? "").map(docText);
  const [first = "", ...more] = plainLines(paragraph.text).map(docText);
  return [`@${paragraph.tag} ${first}`.trimEnd(), ...more];
};

/** Without what ends a comment, and with every @ that would begin a tag escaped, as TSDoc does. */
const docText = (line: string): string => line.replaceAll("*/", "*\\/").replace(/(?<![\w\\])@(?=\w)/g, "\\@");

/** The lines of a text, without control characters, and without empty lines around it. */
const plainLines = (text: string): readonly string[] => {
  const lines = text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")
    .split("\n")
    .map((line) => line.replace(invisible, " ").trimEnd());
  const first = lines.findIndex((line) => line !== "");
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex((line) => line !== "") + 1);
};

/** Control characters, and those that hide or reorder what a reader sees. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const invisible = /[\0-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

const isIdentifier = (text: string): boolean =>
  /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(text) && text !== "__proto__";

const isArray = (value: Literal): value is readonly Literal[] => Array.isArray(value);

/** In double quotes, or in single ones where that needs fewer escapes: as a formatter would have it. */
const stringLiteral = (text: string): Code => {
  const json = JSON.stringify(text).replace(invisible, escaped);
  if (!text.includes('"') || count(text, '"') <= count(text, "'")) return json as Code;
  // `\\\\` is matched to be skipped: what follows an escaped backslash is not escaped by it.
  const requote = (found: string): string => (found === '\\"' ? '"' : found === "'" ? "\\'" : found);
  return `'${json.slice(1, -1).replace(/\\\\|\\"|'/g, requote)}'` as Code;
};

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

const count = (text: string, character: string): number => text.split(character).length - 1;

const numberLiteral = (value: number): Code => {
  if (!Number.isFinite(value)) throw new Error(`not a number of JSON: ${value}`);
  return (Object.is(value, -0) ? "-0" : String(value).replace("e+", "e")) as Code;
};
