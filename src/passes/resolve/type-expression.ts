/** A type as it is written, before its names are looked up. */
export type TypeExpression =
  | { readonly kind: "scalar"; readonly name: ScalarName }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "array"; readonly items: TypeExpression }
  | { readonly kind: "map"; readonly values: TypeExpression };

type ScalarName =
  | "string"
  | "boolean"
  | "int"
  | "long"
  | "float"
  | "double"
  | "uuid"
  | "date"
  | "timestamp"
  | "bytes"
  | "json";

export type ParsedType = { readonly expression: TypeExpression } | { readonly problem: string };

/** Reads `decimal(12, 2)`, `LineItem[]`, `map<Money[]>[]`, or says what is wrong with the text. */
export const parseTypeExpression = (text: string): ParsedType => {
  const scanner: Scanner = { text, at: 0 };
  const parsed = readType(scanner, 0);
  if ("problem" in parsed) return parsed;
  skipSpace(scanner);
  return scanner.at === text.length ? parsed : { problem: trailing(scanner) };
};

/** The names of the types that need no definition. */
export const builtInTypes: readonly string[] = [
  ...["string", "boolean", "int", "long", "float", "double", "decimal"],
  ...["uuid", "date", "timestamp", "bytes", "json", "map"],
];

const scalars: ReadonlySet<string> = new Set(builtInTypes.filter((name) => name !== "decimal" && name !== "map"));

/** How deep arrays and maps may stand in one another. */
const deepest = 16;

interface Scanner {
  readonly text: string;
  at: number;
}

const readType = (scanner: Scanner, depth: number): ParsedType => {
  const tooDeep = { problem: `arrays and maps stand in one another at most ${deepest} deep` };
  if (depth > deepest) return tooDeep;
  const base = readBase(scanner, depth);
  if ("problem" in base) return base;

  let expression = base.expression;
  for (let dimensions = 0; take(scanner, "["); dimensions++) {
    if (!take(scanner, "]")) return { problem: `"]" is missing after "["; an array is written as in string[]` };
    if (depth + dimensions >= deepest) return tooDeep;
    expression = { kind: "array", items: expression };
  }
  return { expression };
};

const readBase = (scanner: Scanner, depth: number): ParsedType => {
  skipSpace(scanner);
  const name = /^[\p{L}_$][\p{L}\p{N}_$.-]*/u.exec(scanner.text.slice(scanner.at))?.[0];
  if (name === undefined) return { problem: noName(scanner) };
  scanner.at += name.length;
  if (name === "decimal") return readDecimal(scanner);
  if (name === "map") return readMap(scanner, depth);
  if (scalars.has(name)) return { expression: { kind: "scalar", name: name as ScalarName } };
  return { expression: { kind: "name", name } };
};

const readDecimal = (scanner: Scanner): ParsedType => {
  const usage = "a decimal says how many digits it has and how many of them stand after the point: decimal(12, 2)";
  if (!take(scanner, "(")) return { problem: usage };
  const precision = readDigits(scanner);
  if (precision === undefined || !take(scanner, ",")) return { problem: usage };
  const scale = readDigits(scanner);
  if (scale === undefined || !take(scanner, ")")) return { problem: usage };
  if (precision < 1 || precision > 38) return { problem: `a decimal has 1 to 38 digits, not ${precision}` };
  if (scale > precision) return { problem: `${scale} digits after the point are more than the ${precision} in all` };
  return { expression: { kind: "decimal", precision, scale } };
};

const readMap = (scanner: Scanner, depth: number): ParsedType => {
  const usage = "a map says what its values are: map<Money>; its keys always are texts";
  if (!take(scanner, "<")) return { problem: usage };
  const values = readType(scanner, depth + 1);
  if ("problem" in values) return values;
  if (take(scanner, ",")) return { problem: usage };
  if (!take(scanner, ">")) return { problem: `">" is missing at the end; ${usage}` };
  return { expression: { kind: "map", values: values.expression } };
};

const noName = (scanner: Scanner): string => {
  const next = nextCharacter(scanner);
  if (next === undefined) return "a type is missing";
  if (next === "[") return "an array is written with its brackets at the end, as in string[]";
  return `a type starts with a name, not with ${JSON.stringify(next)}`;
};

const trailing = (scanner: Scanner): string => {
  const next = nextCharacter(scanner) ?? "";
  if (next === "?") return "a field is made optional by a question mark after its name, as in note?";
  if (next === "|")
    return "one of several is written as an object: { oneOf: [Card, BankTransfer] }, or { enum: [a, b] }";
  if (next === "<") return "only map takes a type in angle brackets; an array is written as in string[]";
  if (next === "(")
    return "only decimal takes numbers in brackets; other limits are written as { type: string, maxLength: 20 }";
  return `${JSON.stringify(next)} is not expected there`;
};

const nextCharacter = (scanner: Scanner): string | undefined => [...scanner.text.slice(scanner.at, scanner.at + 2)][0];

const readDigits = (scanner: Scanner): number | undefined => {
  skipSpace(scanner);
  const digits = /^[0-9]{1,6}/.exec(scanner.text.slice(scanner.at, scanner.at + 7))?.[0];
  if (digits === undefined) return undefined;
  scanner.at += digits.length;
  return Number(digits);
};

const take = (scanner: Scanner, character: string): boolean => {
  skipSpace(scanner);
  if (scanner.text[scanner.at] !== character) return false;
  scanner.at++;
  return true;
};

const skipSpace = (scanner: Scanner): void => {
  while (scanner.text[scanner.at] === " ") scanner.at++;
};
