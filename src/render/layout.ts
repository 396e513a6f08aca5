import { type Code, joinCode, type Literal, literal, propertyKey } from "./code.js";

/**
 * Code that is one line where it fits into the width and is broken where it does not, as Biome and Prettier have it:
 * what is generated is formatted already. A group knows its text on one line; without one it must be broken.
 */
export type Layout = Code | Group;

export interface Group {
  readonly flat: Code | undefined;
  readonly open: Code;
  readonly close: Code;
  /** Between open and first item, and last item and close, when on one line. */
  readonly items: readonly Item[];
  /** As many items on a line as fit: lists of numbers. */
  readonly fill: boolean;
  /** What follows the last item when broken: a comma, but for type arguments. */
  readonly end: Code;
}

/** What stands before the value on its line, such as a key with its colon. */
export interface Item {
  readonly prefix: Code;
  readonly value: Layout;
}

/** Columns in a line, as biome.json says. */
export const lineWidth = 120;

/** The text of a layout. `indent`: of the line it begins in. `column`: where it begins. `after`: what still follows. */
export const print = (layout: Layout, indent = 0, column = indent, after = 0): Code => {
  if (typeof layout === "string") return layout;
  if (layout.flat !== undefined && column + width(layout.flat) + after <= lineWidth) return layout.flat;
  const inner = indent + 2;
  const last = layout.items.length - 1;
  const lines = layout.fill
    ? filled(layout.items, inner)
    : layout.items.map(({ prefix, value }, index) => {
        const end = index === last ? layout.end : ",";
        return `${spaces(inner)}${prefix}${print(value, inner, inner + width(prefix), end.length)}${end}`;
      });
  return `${layout.open}\n${lines.join("\n")}\n${spaces(indent)}${layout.close}` as Code;
};

/** Items in brackets, separated by commas. `pad`: spaces inside the brackets when on one line. */
export const group = (
  open: Code,
  items: readonly (Item | Layout)[],
  close: Code,
  { pad = false, broken = false, fill = false, end = "," } = {},
): Group => {
  const all = items.map((item) => (isItem(item) ? item : { prefix: "" as Code, value: item }));
  return {
    open,
    close,
    items: all,
    fill,
    end: end as Code,
    flat: broken && all.length > 0 ? undefined : flatten(open, all, close, pad),
  };
};

/** A generic type with its arguments. */
export const typeWith = (name: Code, parameters: readonly Code[], after = "" as Code): Group =>
  group(`${name}<` as Code, parameters, `>${after}` as Code, { end: "" });

/** A statement that ends with a layout and a semicolon. */
export const statement = (prefix: Code, layout: Layout): Code =>
  `${prefix}${print(layout, 0, width(prefix), 1)};` as Code;

/** What a literal may hold besides values: code, and objects that shall always be broken. */
export type Printable =
  | Exclude<Literal, readonly Literal[] | { readonly [key: string]: Literal }>
  | Special
  | readonly Printable[]
  | { readonly [key: string]: Printable };

interface Special {
  readonly [special]: Layout;
}
const special = Symbol("special");

/** A piece of code at its place in a literal. */
export const embed = (layout: Layout): Special => ({ [special]: layout });

/** An object with one property a line, however short: lists that grow, so that a change is one line of a diff. */
export const expanded = (properties: { readonly [key: string]: Printable }): Special =>
  embed(objectLayout(Object.entries(properties), true));

/** A value as an expression that yields it. */
export const literalLayout = (value: Printable): Layout => {
  if (typeof value !== "object" || value === null) return literal(value);
  if (isArray(value)) return arrayLayout(value);
  if (isSpecial(value)) return value[special];
  return objectLayout(Object.entries(value), false);
};

const objectLayout = (entries: readonly (readonly [string, Printable])[], broken: boolean): Layout =>
  group(
    "{" as Code,
    entries.map(([key, one]) => ({ prefix: `${propertyKey(key)}: ` as Code, value: literalLayout(one) })),
    "}" as Code,
    { pad: true, broken },
  );

const arrayLayout = (values: readonly Printable[]): Layout =>
  group("[" as Code, values.map(literalLayout), "]" as Code, {
    broken: isTable(values),
    fill: values.length > 1 && values.every((one) => typeof one === "number"),
  });

/** Formatters break an array of several objects, or of several arrays, that have several members each. */
const isTable = (values: readonly Printable[]): boolean =>
  values.length > 1 && (values.every((one) => isArray(one) && one.length > 1) || values.every(hasSeveralProperties));

const hasSeveralProperties = (value: Printable): boolean =>
  typeof value === "object" && value !== null && !isArray(value) && !isSpecial(value) && Object.keys(value).length > 1;

const flatten = (open: Code, items: readonly Item[], close: Code, pad: boolean): Code | undefined => {
  const parts: Code[] = [];
  let total = 0;
  for (const { prefix, value } of items) {
    const flat = typeof value === "string" ? value : value.flat;
    if (flat === undefined) return undefined;
    // Beyond the width of a line nobody asks for the text, and building it would be quadratic.
    total += prefix.length + flat.length;
    if (total > lineWidth) return undefined;
    parts.push(`${prefix}${flat}` as Code);
  }
  const space = pad && items.length > 0 ? " " : "";
  return `${open}${space}${joinCode(parts, ", " as Code)}${space}${close}` as Code;
};

const filled = (items: readonly Item[], indent: number): readonly string[] => {
  const lines: string[] = [];
  let line = spaces(indent);
  for (const { prefix, value } of items) {
    const text = `${prefix}${typeof value === "string" ? value : (value.flat ?? "")},`;
    const joined = line.trim() === "" ? `${line}${text}` : `${line} ${text}`;
    if (joined.length > lineWidth && line.trim() !== "") {
      lines.push(line);
      line = `${spaces(indent)}${text}`;
    } else line = joined;
  }
  return [...lines, line];
};

/** Columns that a text takes: wide characters, such as those of Chinese, take two. */
export const width = (text: string): number => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += wide.test(character) ? 2 : /\p{Mn}/u.test(character) ? 0 : 1;
  return columns;
};

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;

const spaces = (count: number): string => " ".repeat(count);

const isItem = (item: Item | Layout): item is Item => typeof item !== "string" && "prefix" in item;

const isArray = (value: Printable): value is readonly Printable[] => Array.isArray(value);

const isSpecial = (value: { readonly [key: string]: Printable } | Special): value is Special =>
  Object.hasOwn(value, special);
