import type { JsonValue, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { intRange, longRange } from "../model/values.js";
import type { Code } from "../render/code.js";
import { code, identifier, joinCode, literal, propertyAccess, propertyKey, templateText } from "../render/code.js";
import type { Layout } from "../render/layout.js";
import { group, print } from "../render/layout.js";
import type { Conversion, Convert, Default, Each, Expression, Parse, Source, Table, With } from "./expression.js";
import { isOptional } from "./expression.js";
import { parameterName } from "./parameter-name.js";
import { parsed } from "./partial.js";

/** What the printed expression may refer to. */
export interface PrintScope {
  /** What `$` is called: `v1`, `data`. */
  readonly source: Code;
  /** The event's header. */
  readonly event: Code;
  /** The object that has the functions of `by:`. */
  readonly functions: Code;
  readonly long: "number" | "bigint";
}

export interface PrintedExpression {
  /** To be placed into other code, which breaks its lines as a formatter would. */
  readonly layout: Layout;
  /** The layout as it is printed at the start of a line. */
  readonly code: Code;
  /** Functions of `evgen/runtime` that it calls, sorted. */
  readonly imports: readonly string[];
  readonly usesSource: boolean;
  readonly usesEvent: boolean;
  readonly usesFunctions: boolean;
}

/** Prints a checked mapping as TypeScript that a human would have written: one expression, objects built in place. */
export const printExpression = (expression: Expression, scope: PrintScope): PrintedExpression => {
  const session: Session = { scope, imports: new Set(), used: new Set() };
  const { layout } = printed(expression, { source: scope.source, names: namesOf(scope), flat: false }, session);
  return {
    layout,
    code: print(layout),
    imports: [...session.imports].sort(),
    usesSource: session.used.has("source"),
    usesEvent: session.used.has("event"),
    usesFunctions: session.used.has("functions"),
  };
};

interface Session {
  readonly scope: PrintScope;
  readonly imports: Set<string>;
  readonly used: Set<"source" | "event" | "functions">;
}

/** Where an expression is printed. */
interface Here {
  /** What `$` is called here. */
  readonly source: Code;
  /** Names that a parameter may not take. */
  readonly names: readonly string[];
  /** Whether it has to stay on one line, being a part of one. */
  readonly flat: boolean;
}

/** How tightly an expression binds: what binds less needs parentheses. */
type Binding = "call" | "cast" | "nullish" | "conditional" | "object";

interface Printed {
  readonly layout: Layout;
  readonly binding: Binding;
}

const namesOf = (scope: PrintScope): readonly string[] => [scope.source, scope.event, scope.functions];

const printed = (expression: Expression, here: Here, session: Session): Printed => {
  switch (expression.kind) {
    case "literal":
      return printLiteral(expression.value, expression.type, here, session);
    case "source":
      if (here.source === session.scope.source) session.used.add("source");
      return call(pathCode(expression, here.source, session));
    case "envelope":
      session.used.add("event");
      return call(code`${session.scope.event}.${identifier(expression.field)}`);
    case "build":
      return printFields(expression, here, session);
    case "convert":
      return printConvert(expression, undefined, here, session);
    case "parse":
      return printParse(expression, here, session);
    case "table":
      return printTable(expression, here, session);
    case "default":
      return printDefault(expression, here, session);
    case "each":
      return printEach(expression, here, session);
    case "with":
      return printWith(expression, here, session);
    case "template": {
      const parts = expression.parts.map((part) =>
        typeof part === "string" ? templateText(part) : code`\${${flat(part, here, session)}}`,
      );
      return call(code`\`${joinCode(parts, code``)}\``);
    }
    case "by":
      session.used.add("functions").add("event");
      if (here.source === session.scope.source) session.used.add("source");
      return call(
        code`${session.scope.functions}${propertyAccess(expression.function.name)}(${here.source}, ${session.scope.event})`,
      );
  }
};

const call = (text: Code): Printed => ({ layout: text, binding: "call" });

/** On one line, in parentheses where it stands in a stronger context. */
const flat = (expression: Expression, here: Here, session: Session, needed: readonly Binding[] = anyBinding): Code =>
  enclosed(printed(expression, { ...here, flat: true }, session), needed);

const anyBinding: readonly Binding[] = ["call", "cast", "nullish", "conditional", "object"];
const operand: readonly Binding[] = ["call", "cast", "nullish", "object"];
const tested: readonly Binding[] = ["call"];

const enclosed = ({ layout, binding }: Printed, needed: readonly Binding[]): Code => {
  const text = print(layout);
  return needed.includes(binding) ? text : code`(${text})`;
};

const use = (name: string, session: Session): Code => {
  session.imports.add(name);
  return identifier(name);
};

/** `v1.a?.b`; with `isPresent` as it is reached where it is known that it is there: `v1.a.b`. */
const pathCode = (source: Source, root: Code, session: Session, isPresent = false): Code => {
  let text = root;
  let mayBeAbsent = false;
  for (const step of source.steps) {
    const access = propertyAccess(step.field);
    if (step.optional && step.field in Object.prototype) {
      text = code`${use("own", session)}(${text}, ${literal(step.field)})${isPresent ? code`!` : code``}`;
    } else if (!mayBeAbsent || isPresent) {
      text = code`${text}${access}`;
    } else {
      text = access.startsWith(".") ? code`${text}?${access}` : code`${text}?.${access}`;
    }
    mayBeAbsent ||= step.optional;
  }
  return text;
};

const printLiteral = (value: JsonValue, type: Type, here: Here, session: Session): Printed => {
  const plain = dereference(type);
  if (plain.kind === "bytes") return call(code`${use("base64ToBytes", session)}(${literal(value)})`);
  if (plain.kind === "long" && session.scope.long === "bigint") return call(literal(BigInt(value as string | number)));
  if (typeof value !== "object" || value === null || plain.kind === "json")
    return { layout: literal(value), binding: typeof value === "object" && value !== null ? "object" : "call" };
  const inner = (item: JsonValue, itemType: Type): Layout => printLiteral(item, itemType, here, session).layout;
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).map((item) =>
      inner(item, plain.kind === "array" ? plain.items : type),
    );
    return call(here.flat ? code`[${joinCode(items.map(flatten), code`, `)}]` : print(group(code`[`, items, code`]`)));
  }
  const typeOf = literalTypes(plain, value as { readonly kind?: JsonValue });
  const entries = Object.entries(value).map(([key, item]) => ({
    prefix: code`${propertyKey(key)}: `,
    value: inner(item as JsonValue, typeOf(key)),
  }));
  return object(entries, here.flat, false);
};

const flatten = (layout: Layout): Code => (typeof layout === "string" ? layout : (layout.flat ?? print(layout)));

/** The type of what stands under a key of a literal. */
const literalTypes = (type: Type, value: { readonly kind?: JsonValue }): ((key: string) => Type) => {
  const plain = dereference(type);
  if (plain.kind === "map") return () => plain.values;
  const member = plain.kind === "union" ? plain.members.find((one) => one.name === value.kind)?.type : plain;
  const fields = member?.kind === "record" ? member.fields : [];
  return (key) => fields.find((field) => field.name === key)?.type ?? { kind: "json" };
};

const object = (
  entries: readonly { readonly prefix: Code; readonly value: Layout }[],
  isFlat: boolean,
  broken: boolean,
): Printed => {
  if (!isFlat) return { layout: group(code`{`, entries, code`}`, { pad: true, broken }), binding: "object" };
  const items = entries.map(({ prefix, value }) => code`${prefix}${flatten(value)}`);
  return { layout: items.length === 0 ? code`{}` : code`{ ${joinCode(items, code`, `)} }`, binding: "object" };
};

const printFields = (build: Expression & { kind: "build" }, here: Here, session: Session): Printed => {
  const kind = build.member === undefined ? [] : [{ prefix: code`kind: `, value: literal(build.member) }];
  const fields = build.fields.map(({ field, value }) => ({
    prefix: code`${propertyKey(field.name)}: `,
    value: printed(value, here, session).layout,
  }));
  return object([...kind, ...fields], here.flat, true);
};

/** A conversion of what may be absent, with what is taken instead. */
const printConvert = (
  expression: Convert,
  otherwise: Expression | undefined,
  here: Here,
  session: Session,
): Printed => {
  const { from } = expression;
  const convert = (value: Code): Code =>
    conversionCode(value, expression.conversion, from.type, expression.type, session);
  if (!isOptional(from)) return call(convert(flat(from, here, session)));
  return guarded(from, (value) => call(convert(value)), otherwise, here, session);
};

/** `x === undefined ? otherwise : …`, where x is a path, which the compiler then knows to be there. */
const guarded = (
  from: Expression,
  build: (value: Code) => Printed,
  otherwise: Expression | undefined,
  here: Here,
  session: Session,
): Printed => {
  const test = flat(from, here, session);
  const value = from.kind === "source" ? pathCode(from, here.source, session, true) : test;
  const other = otherwise === undefined ? code`undefined` : flat(otherwise, here, session, operand);
  const text = enclosed(build(value), ["call", "cast", "nullish", "conditional", "object"]);
  return { layout: code`${test} === undefined ? ${other} : ${text}`, binding: "conditional" };
};

/** `isPartial`: nothing is proved, and what may fail must yield nothing then. */
const conversionCode = (
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

const printDefault = (expression: Default, here: Here, session: Session): Printed => {
  const { from, otherwise } = expression;
  if (from.kind === "convert") return printConvert(from, otherwise, here, session);
  if (dereference(expression.type).kind === "json") {
    return guarded(from, call, otherwise, here, session);
  }
  return nullish(printed(from, { ...here, flat: true }, session), otherwise, here, session);
};

const nullish = (from: Printed, otherwise: Expression, here: Here, session: Session): Printed => {
  const other = flat(otherwise, here, session, ["call", "cast", "nullish", "object"]);
  return { layout: code`${enclosed(from, ["call", "nullish"])} ?? ${other}`, binding: "nullish" };
};

const printParse = (expression: Parse, here: Here, session: Session): Printed => {
  const { from, otherwise, reading } = expression;
  const [source, target] = [dereference(from.type), dereference(expression.type)];
  if (source.kind === "enum" && otherwise === undefined && reading.kind === "text") {
    return printMembers(expression, source.values, here, session);
  }
  const value = flat(from, here, session);
  if (target.kind === "json") {
    const other = otherwise === undefined ? code`null` : flat(otherwise, here, session);
    return call(code`${use("parseJson", session)}(${value}, ${other})`);
  }
  const isGuarded = reading.kind === "convert" && isOptional(from);
  if (isGuarded) {
    const build = (present: Code): Printed => {
      const read = narrowed(
        conversionCode(present, reading.conversion, source, target, session, true),
        expression,
        session,
      );
      return otherwise === undefined ? call(read) : nullish(call(read), otherwise, here, session);
    };
    return guarded(from, build, otherwise, here, session);
  }
  const read =
    reading.kind === "text"
      ? narrowed(readCode(value, target, session), expression, session)
      : reading.kind === "convert"
        ? narrowed(conversionCode(value, reading.conversion, source, target, session, true), expression, session)
        : narrowed(value, expression, session);
  if (otherwise !== undefined) return nullish(call(read), otherwise, here, session);
  return expression.optional ? call(read) : { layout: code`${read} as ${typeCode(target, session)}`, binding: "cast" };
};

/** An enum of which every member can be read is a table, and read while it is printed. */
const printMembers = (expression: Parse, members: readonly string[], here: Here, session: Session): Printed => {
  const { from, type, reading } = expression;
  const entries = members.map((member) => {
    const value = parsed(member, type, reading, session.scope.long) ?? null;
    return { key: member, value: print(printLiteral(value, type, { ...here, flat: true }, session).layout) };
  });
  const build = (value: Code): Printed => call(tableCode(entries, value));
  return isOptional(from) ? guarded(from, build, undefined, here, session) : build(flat(from, here, session, tested));
};

const tableCode = (entries: readonly { readonly key: string; readonly value: Code }[], value: Code): Code => {
  const items = entries.map((entry) => code`${propertyKey(entry.key)}: ${entry.value}`);
  return code`({ ${joinCode(items, code`, `)} } as const)[${value}]`;
};

/** What reads a text as a type, without the constraints that `narrowed` adds. */
const readCode = (value: Code, target: Type, session: Session): Code => {
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
const narrowed = (value: Code, { reading, ...expression }: Parse, session: Session): Code => {
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
const typeCode = (type: Type, session: Session): Code => {
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

const printTable = (expression: Table, here: Here, session: Session): Printed => {
  const { from, entries, otherwise } = expression;
  const source = dereference(from.type);
  const isPlain = entries.every((entry) => entry.value.kind === "literal");
  const isNullable = expression.optional || dereference(expression.type).kind === "json";
  if (source.kind === "enum" && otherwise === undefined && isPlain) {
    const build = (value: Code): Printed => call(tableCode(entriesCode(expression, here, session), value));
    return isOptional(from) ? guarded(from, build, undefined, here, session) : build(flat(from, here, session, tested));
  }
  if (source.kind !== "boolean" && otherwise !== undefined && isPlain && !isNullable && entries.length > 1) {
    const items = entriesCode(expression, here, session).map(
      (entry) => code`${propertyKey(entry.key)}: ${entry.value}`,
    );
    const table = code`{ ${joinCode(items, code`, `)} }`;
    const found = code`${use("lookup", session)}(${table}, ${flat(from, here, session)})`;
    return nullish(call(found), otherwise, here, session);
  }
  return printChoice(expression, here, session);
};

const entriesCode = (
  { entries }: Table,
  here: Here,
  session: Session,
): readonly { readonly key: string; readonly value: Code }[] =>
  entries.map(({ match, value }) => ({ key: String(match), value: flat(value, here, session) }));

/** `x === "a" ? … : x === "b" ? … : …`; the last entry needs no test where the table is complete. */
const printChoice = (expression: Table, here: Here, session: Session): Printed => {
  const { from, entries, otherwise } = expression;
  const source = dereference(from.type);
  const build = (value: Code, rest: Code | undefined): Code => {
    const last = rest ?? flat((entries.at(-1) as Table["entries"][number]).value, here, session, operand);
    const tests = rest === undefined ? entries.slice(0, -1) : withoutSame(entries, last, here, session);
    return tests.reduceRight((other, entry) => {
      const test = source.kind === "boolean" ? (entry.match === true ? value : code`!${value}`) : undefined;
      const equal = code`${value} === ${literal(matchLiteral(entry.match, source, session))}`;
      const taken = flat(entry.value, here, session, operand);
      return code`${isOptional(from) && otherwise !== undefined ? equal : (test ?? equal)} ? ${taken} : ${other}`;
    }, last);
  };
  const binding = entries.length === 1 && otherwise === undefined ? "call" : "conditional";
  if (otherwise !== undefined) {
    const other = flat(otherwise, here, session, operand);
    return { layout: build(flat(from, here, session, tested), other), binding: "conditional" };
  }
  if (!isOptional(from)) return { layout: build(flat(from, here, session, tested), undefined), binding };
  return guarded(from, (value) => ({ layout: build(value, undefined), binding }), undefined, here, session);
};

/** Without the last entries that say the same as what comes after them. */
const withoutSame = (entries: Table["entries"], last: Code, here: Here, session: Session): Table["entries"] => {
  const end = entries.findLastIndex((entry) => flat(entry.value, here, session, operand) !== last);
  return entries.slice(0, end + 1);
};

const matchLiteral = (
  match: string | number | boolean,
  source: Type,
  session: Session,
): string | number | boolean | bigint =>
  source.kind === "long" && session.scope.long === "bigint" && typeof match !== "boolean" ? BigInt(match) : match;

const printEach = (expression: Each, here: Here, session: Session): Printed => {
  const { from, item } = expression;
  if (item.kind === "source" && item.steps.length === 0) return printed(from, here, session);
  const list = flat(from, here, session, tested);
  const name = identifier(
    parameterName(
      expression.over === "map" ? undefined : from,
      expression.over === "map" ? "value" : "item",
      here.names,
    ),
  );
  const body = arrowBody(item, { ...here, source: name, names: [...here.names, name] }, session);
  if (expression.over === "array") {
    return wrapped(code`${list}${isOptional(from) ? code`?.` : code`.`}map((${name}) => `, body, code`)`);
  }
  if (!isOptional(from)) return wrapped(code`${use("mapValues", session)}(${list}, (${name}) => `, body, code`)`);
  const test = flat(from, here, session);
  const present = from.kind === "source" ? pathCode(from, here.source, session, true) : test;
  const values = wrapped(code`${use("mapValues", session)}(${present}, (${name}) => `, body, code`)`);
  return { layout: around(code`${test} === undefined ? undefined : `, values.layout, code``), binding: "conditional" };
};

/** A record that is built from another: in place, or by a function of what may be absent. */
const printWith = (expression: With, here: Here, session: Session): Printed => {
  const { from, item } = expression;
  if (!isOptional(from)) {
    if (here.source === session.scope.source) session.used.add("source");
    return printed(item, { ...here, source: flat(from, here, session, tested) }, session);
  }
  const name = identifier(parameterName(from, "value", here.names));
  const body = arrowBody(item, { ...here, source: name, names: [...here.names, name] }, session);
  return wrapped(code`${use("ifPresent", session)}(${flat(from, here, session)}, (${name}) => `, body, code`)`);
};

/** What stands after `=>`: an object needs parentheses there. */
const arrowBody = (item: Expression, here: Here, session: Session): Layout => {
  const { layout, binding } = printed(item, here, session);
  return binding === "object" ? around(code`(`, layout, code`)`) : layout;
};

const wrapped = (before: Code, layout: Layout, after: Code): Printed => ({
  layout: around(before, layout, after),
  binding: "call",
});

const around = (before: Code, layout: Layout, after: Code): Layout =>
  typeof layout === "string"
    ? code`${before}${layout}${after}`
    : {
        ...layout,
        open: code`${before}${layout.open}`,
        close: code`${layout.close}${after}`,
        flat: layout.flat === undefined ? undefined : code`${before}${layout.flat}${after}`,
      };
