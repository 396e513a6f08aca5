import type { Diagnostic, Place } from "../diagnostics/diagnostic.js";
import { diagnostic, hasErrors, keyOf, under } from "../diagnostics/diagnostic.js";
import { suggest } from "../diagnostics/entry.js";
import { identifier } from "../model/names.js";
import type { Field, JsonValue, RecordType, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { normalize, problemOf } from "../model/values.js";
import { copy, orElse, recordOf } from "./copy.js";
import { checkEach } from "./each.js";
import type { Envelope, Expression, FunctionReference } from "./expression.js";
import { misfitOf } from "./fits.js";
import { checkFrom } from "./from.js";
import { dollar } from "./help.js";
import type { Fields, Mapping, Raw } from "./parse.js";
import { readMapping } from "./parse.js";
import { checkFields, checkMember, hereAt } from "./record.js";
import type { Report } from "./report.js";
import type { Found, Scope } from "./scope.js";
import { fieldsOf, follow, newUsage } from "./scope.js";
import type { Session, Target } from "./session.js";
import { checkTemplate } from "./template.js";
import { reportUnused } from "./unused.js";

/** Where a mapping stands, and what it may use. */
export interface MappingContext {
  /** The type that `$` is. */
  readonly source: Type;
  /** How a message calls the source and the target: "version 1 of OrderPlaced". */
  readonly sourceName: string;
  readonly targetName: string;
  /** What a `by:` function is for. */
  readonly use: FunctionReference["use"];
  readonly long: "number" | "bigint";
  readonly aggregateKey: { readonly kind: "uuid" } | { readonly kind: "string" };
}

export interface Checked<T> {
  /** Absent when there are errors. */
  readonly expression?: T;
  readonly functions: readonly FunctionReference[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a mapping that is shaped like a record (`upcast:`, a retired event's `map:`): what it does not say is copied
 * by name. Source fields that nothing uses and `drop` does not list are a warning. `place` is that of the mapping; the
 * list `drop` stands beside it under the key of that name.
 */
export const checkRecordMapping = (
  mapping: { readonly [field: string]: JsonValue } | { readonly by: string },
  target: RecordType,
  drop: readonly string[],
  place: Place,
  context: MappingContext,
): Checked<Expression> => {
  const { session, scope, finish } = begin(context);
  const here = rootOf(scope);
  const dropPlace: Place = { file: place.file, path: [...place.path.slice(0, -1), "drop"] };
  for (const [index, text] of drop.entries()) {
    session.drops.push({ drop: { text: text.replace(/^\$/, ""), place: under(dropPlace, index) }, from: here });
  }
  const whole: Target = { type: target, optional: false, label: "", here };
  const expression = isFunction(mapping, target)
    ? session.check({ value: mapping, place }, whole, scope)
    : checkFields(mapping as Fields, place, target, whole, scope, session);
  reportUnused(here, place, session, expression !== undefined);
  return finish(expression);
};

/** Checks one value of a mapping (`set: { status: … }`) against the field it is for. */
export const checkValueMapping = (
  mapping: JsonValue,
  target: Field,
  place: Place,
  context: MappingContext,
): Checked<Expression> => {
  const { session, scope, finish } = begin(context);
  const here = hereAt(rootOf(scope), target.name);
  const wanted: Target = {
    type: target.type,
    optional: target.optional,
    label: target.name,
    ...(here === undefined ? {} : { here }),
  };
  return finish(session.check({ value: mapping, place }, wanted, scope));
};

/** Whether a mapping that could be shaped like a record is a function instead: `{ by: fn }` alone. */
export const isFunction = (mapping: { readonly [key: string]: JsonValue }, target: RecordType): boolean =>
  Object.hasOwn(mapping, "by") && Object.keys(mapping).length === 1 && !fieldsOf(target).has("by");

const begin = (
  context: MappingContext,
): {
  readonly session: Session;
  readonly scope: Scope;
  readonly finish: (expression: Expression | undefined) => Checked<Expression>;
} => {
  const diagnostics: Diagnostic[] = [];
  const functions: FunctionReference[] = [];
  const report: Report = (code, parameters, place, extra) => {
    diagnostics.push(diagnostic(code, parameters, place, extra));
  };
  let depth = 0;
  const session: Session = {
    context,
    report,
    functions,
    drops: [],
    check: (raw, target, scope) => {
      if (depth >= maxDepth) {
        report("mapping-form", { problem: `a mapping is at most ${maxDepth} levels deep` }, raw.place);
        return undefined;
      }
      depth++;
      const checked = check(raw, target, scope, session);
      depth--;
      return checked;
    },
  };
  return {
    session,
    scope: { type: context.source, usage: newUsage(), label: "" },
    finish: (expression) => ({
      functions,
      diagnostics,
      ...(expression === undefined || hasErrors(diagnostics) ? {} : { expression }),
    }),
  };
};

const maxDepth = 100;

const rootOf = (scope: Scope): Found => ({
  source: { kind: "source", type: scope.type, optional: false, steps: [] },
  usage: scope.usage,
  label: scope.label,
});

const check = (raw: Raw, target: Target, scope: Scope, session: Session): Expression | undefined => {
  const mapping = readMapping(raw.value, raw.place, session.report);
  if (mapping === undefined) return undefined;
  switch (mapping.kind) {
    case "literal":
      return checkLiteral(mapping, target, scope, session);
    case "path": {
      const found = follow(mapping.path, scope, mapping.place, session);
      const copied = found && copy(found, target, mapping.place, session);
      if (found === undefined || copied === undefined) return undefined;
      return orElse(
        copied,
        undefined,
        { label: found.label, written: `from: ${dollar(found)}?` },
        target,
        scope,
        mapping.place,
        session,
      );
    }
    case "from":
      return checkFrom(mapping, target, scope, session);
    case "fields": {
      const record = recordOf(target.type);
      if (record !== undefined)
        return checkFields(
          mapping.fields,
          under(mapping.place, "fields"),
          record,
          target,
          scope,
          session,
          mapping.drop,
        );
      return refuseFields(mapping.place, target, session);
    }
    case "oneOf":
      return checkMember(mapping, target, scope, session);
    case "each":
      return checkEach(mapping, target, scope, session);
    case "template":
      return checkTemplate(mapping.text, target, scope, mapping.place, session);
    case "envelope":
      return checkEnvelope(mapping, target, scope, session);
    case "by":
      return checkFunction(mapping.name, target, scope, mapping.place, session);
  }
};

const refuseFields = (place: Place, target: Target, session: Session): undefined => {
  const kind = dereference(target.type).kind;
  const help = kind === "union" ? "Write { oneOf: <member>, fields: { … } }." : undefined;
  const problem = `\`fields\` builds a record, and ${target.label} is of the type ${kind}`;
  session.report("mapping-form", { problem }, keyOf(under(place, "fields")), help === undefined ? {} : { help });
  return undefined;
};

const checkLiteral = (
  { value, place }: Mapping & { kind: "literal" },
  target: Target,
  scope: Scope,
  session: Session,
): Expression | undefined => {
  const found = problemOf(value, target.type, session.context.long);
  if (found === undefined) return { kind: "literal", type: target.type, value: normalize(value, target.type) };
  const help = literalHelp(value, target, scope, session.context.long);
  const at = under(place, ...found.path);
  session.report("invalid-literal", { target: target.label, problem: found.problem }, at, help ? { help } : {});
  return undefined;
};

const literalHelp = (value: JsonValue, target: Target, scope: Scope, long: "number" | "bigint"): string | undefined => {
  const record = recordOf(scope.type);
  if (typeof value === "string" && record !== undefined && fieldsOf(record).has(value)) {
    return `To take the field write $${value}.`;
  }
  const isScalar = typeof value === "number" || typeof value === "boolean";
  if (isScalar && problemOf(String(value), target.type, long) === undefined) return `Write it in quotes: "${value}".`;
  const plain = dereference(target.type);
  if (plain.kind === "decimal" && typeof value === "number" && Math.abs(value) < 1e15) {
    const text = value.toFixed(Math.min(plain.scale, 20));
    if (problemOf(text, target.type, long) === undefined) return `Write it as text: "${text}".`;
  }
  return undefined;
};

const envelopeFields = ["id", "time", "aggregateId", "sequence"] as const;

const checkEnvelope = (
  mapping: Mapping & { kind: "envelope" },
  target: Target,
  scope: Scope,
  session: Session,
): Expression | undefined => {
  const { long } = session.context;
  const name = envelopeFields.find((one) => one === mapping.field);
  if (name === undefined) {
    const suggestion = suggest(mapping.field, envelopeFields);
    session.report("unknown-envelope-field", { name: mapping.field, suggestion }, mapping.place);
    return undefined;
  }
  const envelope: Envelope = {
    kind: "envelope",
    type: envelopeType(name, session),
    optional: name === "sequence",
    field: name,
  };
  // In memory the sequence is a number, whatever a long of the model is.
  const isBigint = long === "bigint" && name === "sequence" && dereference(target.type).kind === "long";
  const found: Found = {
    source: { kind: "source", type: envelope.type, optional: envelope.optional, steps: [] },
    usage: newUsage(),
    label: `the event's ${name}`,
  };
  if (misfitOf(envelope.type, target.type, isBigint || name === "sequence" ? "number" : long) !== undefined) {
    copy(found, target, mapping.place, session);
    return undefined;
  }
  const expression: Expression = isBigint
    ? { kind: "convert", type: target.type, optional: true, from: envelope, conversion: { kind: "toBigint" } }
    : envelope;
  return orElse(
    expression,
    mapping.otherwise,
    { label: found.label, written: `envelope: ${name}` },
    target,
    scope,
    mapping.place,
    session,
  );
};

const envelopeType = (name: Envelope["field"], session: Session): Type => {
  switch (name) {
    case "id":
      return { kind: "uuid" };
    case "time":
      return { kind: "timestamp" };
    case "sequence":
      return { kind: "long", min: 1n, max: BigInt(Number.MAX_SAFE_INTEGER) };
    case "aggregateId":
      return session.context.aggregateKey;
  }
};

const checkFunction = (
  name: string,
  target: Target,
  scope: Scope,
  place: Place,
  session: Session,
): Expression | undefined => {
  scope.usage.used = true;
  const checked = /^[a-z][A-Za-z0-9]*$/.test(name) ? identifier(name) : undefined;
  if (checked === undefined) {
    session.report("function-name", { name }, place);
    return undefined;
  }
  const { use } = session.context;
  const reference: FunctionReference = { name: checked, use, source: scope.type, target: target.type, place };
  session.functions.push(reference);
  return { kind: "by", type: target.type, function: reference };
};
