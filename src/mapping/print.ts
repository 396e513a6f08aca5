import { dereference, type Type } from "../model/type.js";
import type { Code } from "../render/code.js";
import { code, identifier, joinCode, literal, propertyAccess, propertyKey, templateText } from "../render/code.js";
import type { Layout } from "../render/layout.js";
import { print } from "../render/layout.js";
import type { Convert, Default, Each, Expression, Parse, Source, Table, With } from "./expression.js";
import { isOptional } from "./expression.js";
import { parameterName } from "./parameter-name.js";
import { parsed } from "./partial.js";
import type { Session } from "./print-conversion.js";
import { conversionCode, narrowed, readCode, typeCode, use } from "./print-conversion.js";
import { printLiteral } from "./print-literal.js";
import type { Binding, Printed } from "./printed.js";
import { anyBinding, around, call, enclosed, object, operand, tested, wrapped } from "./printed.js";

/** What the printed expression may refer to. */
export interface PrintScope {
  /** What `$` is called: `v1`, `data`. */
  readonly source: Code;
  /** The event's header. */
  readonly event: Code;
  /** The object that has the functions of `by:`. */
  readonly functions: Code;
  readonly long: "number" | "bigint";
  /** What the file calls a function of `evgen/runtime`; by its own name when this is not said. */
  readonly runtime?: (name: string) => Code;
  /** Without what only a compiler reads, so that it is JavaScript. */
  readonly untyped?: boolean;
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

/** Where an expression is printed. */
interface Here {
  /** What `$` is called here. */
  readonly source: Code;
  /** Names that a parameter may not take. */
  readonly names: readonly string[];
  /** Whether it has to stay on one line, being a part of one. */
  readonly flat: boolean;
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

/** On one line, in parentheses where it stands in a stronger context. */
const flat = (expression: Expression, here: Here, session: Session, needed: readonly Binding[] = anyBinding): Code =>
  enclosed(printed(expression, { ...here, flat: true }, session), needed);

/** `v1.a?.b`; with `isPresent` as it is reached where it is known that it is there: `v1.a.b`. */
const pathCode = (source: Source, root: Code, session: Session, isPresent = false): Code => {
  let text = root;
  let mayBeAbsent = false;
  for (const step of source.steps) {
    const access = propertyAccess(step.field);
    if (step.optional && step.field in Object.prototype) {
      text = code`${use("own", session)}(${text}, ${literal(step.field)})${isPresent && session.scope.untyped !== true ? code`!` : code``}`;
    } else if (!mayBeAbsent || isPresent) {
      text = code`${text}${access}`;
    } else {
      text = access.startsWith(".") ? code`${text}?${access}` : code`${text}?.${access}`;
    }
    mayBeAbsent ||= step.optional;
  }
  return text;
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
  return expression.optional || session.scope.untyped === true
    ? call(read)
    : { layout: code`${read} as ${typeCode(target, session)}`, binding: "cast" };
};

/** An enum of which every member can be read is a table, and read while it is printed. */
const printMembers = (expression: Parse, members: readonly string[], here: Here, session: Session): Printed => {
  const { from, type, reading } = expression;
  const entries = members.map((member) => {
    const value = parsed(member, type, reading, session.scope.long) ?? null;
    return { key: member, value: print(printLiteral(value, type, { ...here, flat: true }, session).layout) };
  });
  const build = (value: Code): Printed => call(tableCode(entries, value, session));
  return isOptional(from) ? guarded(from, build, undefined, here, session) : build(flat(from, here, session, tested));
};

const tableCode = (
  entries: readonly { readonly key: string; readonly value: Code }[],
  value: Code,
  session: Session,
): Code => {
  const items = entries.map((entry) => code`${propertyKey(entry.key)}: ${entry.value}`);
  return code`({ ${joinCode(items, code`, `)} }${asConst(session)})[${value}]`;
};

const printTable = (expression: Table, here: Here, session: Session): Printed => {
  const { from, entries, otherwise } = expression;
  const source = dereference(from.type);
  const isPlain = entries.every((entry) => entry.value.kind === "literal");
  const isNullable = expression.optional || dereference(expression.type).kind === "json";
  if (source.kind === "enum" && otherwise === undefined && isPlain) {
    const build = (value: Code): Printed => call(tableCode(entriesCode(expression, here, session), value, session));
    return isOptional(from) ? guarded(from, build, undefined, here, session) : build(flat(from, here, session, tested));
  }
  if (source.kind !== "boolean" && otherwise !== undefined && isPlain && !isNullable && entries.length > 1) {
    const items = entriesCode(expression, here, session).map(
      (entry) => code`${propertyKey(entry.key)}: ${entry.value}`,
    );
    // A value under a key that every object has would be widened to any text.
    const isInherited = entries.some((entry) => String(entry.match) in Object.prototype);
    const table = code`{ ${joinCode(items, code`, `)} }${isInherited ? asConst(session) : code``}`;
    const found = code`${use("lookup", session)}(${table}, ${flat(from, here, session)})`;
    return nullish(call(found), otherwise, here, session);
  }
  return printChoice(expression, here, session);
};

const asConst = (session: Session): Code => (session.scope.untyped === true ? code`` : code` as const`);

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
