declare const brand: unique symbol;

/**
 * A name that was checked when the model was read: ASCII letters, digits and underscores, not starting with a digit,
 * and no reserved word of TypeScript, Avro or JavaScript's object prototype. Only `identifier()` makes one.
 */
export type Identifier = string & { readonly [brand]: "Identifier" };

/** The text as an identifier, or undefined when it cannot be one. */
export const identifier = (text: string): Identifier | undefined =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !reserved.has(text) ? (text as Identifier) : undefined;

/** Whether data may have a field of this name: camelCase, and nothing that every object already has. */
export const isFieldName = (text: string): boolean => /^[a-z][A-Za-z0-9]*$/.test(text) && !isInherited(text);

/** Whether every object already has it, or would be taken for a promise with it: then no data can. */
export const isInherited = (text: string): boolean => inherited.has(text);

/** OrderPlacedV2Address for the field address of OrderPlacedV2: how what has no name of its own is called. */
export const pathName = (owner: Identifier, part: string): Identifier =>
  identifier(`${owner}${pascalWords(part)}`) ?? (`${owner}_` as Identifier);

/** SalesEvents for sales-events, the words of any text; `_` goes before a leading digit. */
export const pascalWords = (text: string): string => {
  const joined = text
    .split(/[^A-Za-z0-9]+/)
    .map(pascalCase)
    .join("");
  return /^[0-9]/.test(joined) ? `_${joined}` : joined;
};

/** orderPlaced for OrderPlaced; the result of a checked name is checked again where it is used. */
export const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/**
 * orderPlaced for OrderPlaced: the const that a definition is in TypeScript. The suffix comes after what cannot be one,
 * and after the names of parameters in generated code, which would hide it: returnEvent for Return, clientAggregate for
 * Client.
 */
export const constName = (name: Identifier, suffix: string): string => {
  const plain = camelCase(name);
  return identifier(plain) === undefined || parameters.has(plain) ? `${plain}${suffix}` : plain;
};

const parameters: ReadonlySet<string> = new Set([
  "client",
  "options",
  "store",
  "target",
  "event",
  "functions",
  "data",
  "row",
]);

/** OrderPlaced for orderPlaced. */
export const pascalCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** order-placed for OrderPlaced; HTTPCall becomes http-call. Files, topics and subscriptions are named so. */
export const kebabCase = (name: string): string => {
  const known = kebabs.get(name);
  if (known !== undefined) return known;
  const made = words(name).join("-");
  kebabs.set(name, made);
  return made;
};

/** An aggregate's name is asked for with each of its events. */
const kebabs = new Map<string, string>();

/** A version of a projection reads by a subscription of its own, from the beginning, while the one before goes on. */
export const projectionSubscription = (name: string, version: number): string =>
  version === 1 ? kebabCase(name) : `${kebabCase(name)}-v${version}`;

/** order_placed for OrderPlaced. Tables and columns are named so. */
export const snakeCase = (name: string): string => words(name).join("_");

const words = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[\s_]+/)
    .filter((word) => word !== "");

/** What every object already has, and what makes a promise of it. */
const inherited: ReadonlySet<string> = new Set(
  "__proto__ constructor prototype hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf then toJSON".split(
    " ",
  ),
);

const reserved: ReadonlySet<string> = new Set([
  // keywords, and names that a module or a class may not bind
  ..."break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with".split(
    " ",
  ),
  ..."implements interface let package private protected public static yield await async arguments eval undefined NaN Infinity".split(
    " ",
  ),
  // types of TypeScript and globals that a declaration of the same name would hide
  ..."any unknown never string number boolean bigint symbol object Array Record Promise Readonly Partial Object String Number Boolean Symbol Function Error Date Map Set Uint8Array JSON".split(
    " ",
  ),
  ...inherited,
]);
