import type { Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { intRange, longRange } from "../model/values.js";
import type { Code } from "../render/code.js";
import { code, identifier, joinCode, literal, propertyKey } from "../render/code.js";
import type { Conversion, Parse } from "./expression.js";
import type { PrintScope } from "./print.js";

/** What is noted down while an expression is printed. */
export interface Session {
  readonly scope: PrintScope;
  readonly imports: Set<string>;
  readonly used: Set<"source" | "event" | "functions">;
}

/** A function of `evgen/runtime`, which the file has to import. */
export const use = (name: string, session: Session): Code => {
  session.imports.add(name);
  return session.scope.runtime?.(name) ?? identifier(name);
};

/** A value, converted. `isPartial`: nothing is proved, and what may fail must yield nothing then. */
export const conversionCode = (
  value: Code,
  conversion: Conversion,
  from: Type,
  to: Type,
  session: Session,
  isPartial = false,
): Code => {
  const [source, target] = [dereference(from), dereference(to)];
  const runtime = (name: string): Code => code`${use(name, session)}(${value})`;
  const float = (text: Code): Code => (target.kind === "float" ? code`Math.fround(${text})` : text);
  switch (conversion.kind) {
    case "toText":
      return code`String(${value})`;
    case "numberToDecimal":
      return code`${use("numberToDecimal", session)}(${value}, ${literal(conversion.scale)})`;
    case "rescale":
      return code`${use("rescaleDecimal", session)}(${value}, ${literal(conversion.scale)})`;
    case "decimalToNumber":
      return float(runtime("decimalToNumber"));
    case "toInteger":
      if (source.kind === "decimal") return runtime(conversion.bigint ? "decimalToBigint" : "decimalToInteger");
      return runtime(conversion.bigint ? "roundToBigint" : "roundToInteger");
    case "toNumber":
      return float(source.kind === "long" && session.scope.long === "bigint" ? code`Number(${value})` : value);
    case "toBigint":
      return code`BigInt(${value})`;
    case "toTimestamp":
      if (isPartial) return runtime(conversion.unit === "seconds" ? "parseSeconds" : "parseMilliseconds");
      return runtime(conversion.unit === "seconds" ? "secondsToTimestamp" : "millisecondsToTimestamp");
    case "fromTimestamp": {
      const number = runtime(conversion.unit === "seconds" ? "timestampToSeconds" : "timestampToMilliseconds");
      return conversion.bigint ? code`BigInt(${number})` : number;
    }
    case "timestampToDate":
    case "dateToTimestamp":
    case "textToBytes":
    case "toJson":
      return runtime(conversion.kind);
    case "bytesToText":
      return runtime("bytesToBase64");
  }
};

/** What reads a text as a type, without the constraints that `narrowed` adds. */
export const readCode = (value: Code, target: Type, session: Session): Code => {
  const runtime = (name: string, ...more: readonly Code[]): Code =>
    code`${use(name, session)}(${joinCode([value, ...more], code`, `)})`;
  switch (target.kind) {
    case "int":
      return runtime("parseInt32");
    case "long":
      return runtime(session.scope.long === "bigint" ? "parseInt64" : "parseSafeInteger");
    case "float":
      return runtime("parseFloat32");
    case "double":
      return runtime("parseNumber");
    case "decimal":
      return runtime("parseDecimal", literal(target.precision), literal(target.scale));
    case "boolean":
      return runtime("parseBoolean");
    case "uuid":
      return runtime("parseUuid");
    case "date":
      return runtime("parseDate");
    case "timestamp":
      return runtime("parseTimestamp");
    case "bytes":
      return runtime("parseBase64");
    case "enum":
      return runtime("parseEnum", literal(target.values));
    case "string":
      return value;
    case "json":
    case "array":
    case "map":
    case "record":
    case "union":
    case "reference":
      throw new Error(`no text is read as ${target.kind}`);
  }
};

/** Held against the constraints of the type, and its range where the way there does not keep it. */
export const narrowed = (value: Code, { reading, ...expression }: Parse, session: Session): Code => {
  const type = dereference(expression.type);
  const isConverted = reading.kind === "convert";
  const wrap = (name: string, bounds: readonly (readonly [string, Code | undefined])[]): Code => {
    const given = bounds.flatMap(([key, bound]) => (bound === undefined ? [] : [code`${propertyKey(key)}: ${bound}`]));
    return given.length === 0 ? value : code`${use(name, session)}(${value}, { ${joinCode(given, code`, `)} })`;
  };
  const plain = (bound: number | string | undefined): Code | undefined =>
    bound === undefined ? undefined : literal(bound);
  switch (type.kind) {
    case "int":
    case "long": {
      const range = type.kind === "int" ? intRange : longRange(session.scope.long);
      const isBigint = type.kind === "long" && session.scope.long === "bigint";
      const bound = (own: bigint | undefined, end: bigint): Code | undefined => {
        const used = own ?? (isConverted ? end : undefined);
        return used === undefined ? undefined : literal(isBigint ? used : Number(used));
      };
      return wrap("within", [
        ["min", bound(type.min, range.min)],
        ["max", bound(type.max, range.max)],
      ]);
    }
    case "float":
    case "double":
      // Without bounds too: what is too large for a float has become infinite on the way.
      if (isConverted && type.min === undefined && type.max === undefined) {
        return code`${use("within", session)}(${value}, {})`;
      }
      return wrap("within", [
        ["min", plain(type.min)],
        ["max", plain(type.max)],
      ]);
    case "decimal":
      return wrap("decimalWithin", [
        ["precision", isConverted ? literal(type.precision) : undefined],
        ["min", plain(type.min)],
        ["max", plain(type.max)],
      ]);
    case "string":
      return wrap("textWithin", [
        ["minLength", plain(type.minLength)],
        ["maxLength", plain(type.maxLength)],
        ["pattern", type.pattern === undefined ? undefined : code`new RegExp(${literal(type.pattern)}, "u")`],
      ]);
    case "bytes":
      return wrap("bytesWithin", [
        ["minLength", plain(type.minLength)],
        ["maxLength", plain(type.maxLength)],
      ]);
    case "timestamp":
    case "boolean":
    case "uuid":
    case "date":
    case "enum":
    case "json":
    case "array":
    case "map":
    case "record":
    case "union":
      return value;
  }
};

/** The type that a scalar has in TypeScript. */
export const typeCode = (type: Type, session: Session): Code => {
  switch (type.kind) {
    case "int":
    case "float":
    case "double":
      return code`number`;
    case "long":
      return session.scope.long === "bigint" ? code`bigint` : code`number`;
    case "boolean":
      return code`boolean`;
    case "bytes":
      return code`Uint8Array`;
    case "enum":
      return joinCode(type.values.map(literal), code` | `);
    case "string":
    case "decimal":
    case "uuid":
    case "date":
    case "timestamp":
    case "json":
    case "array":
    case "map":
    case "record":
    case "union":
    case "reference":
      return code`string`;
  }
};
