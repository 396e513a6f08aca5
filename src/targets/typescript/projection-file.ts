import { projectionHash } from "../../evolution/projection-hash.js";
import type { Expression, FunctionReference } from "../../mapping/expression.js";
import type { Assignment, Event, Projection, Reaction } from "../../model/model.js";
import { snakeCase } from "../../model/names.js";
import { dereference, type Field, type RecordType } from "../../model/type.js";
import {
  type Code,
  code,
  docLines,
  docTextLines,
  identifier,
  joinCode,
  literal,
  propertyKey,
} from "../../render/code.js";
import {
  embed,
  expanded,
  type Group,
  group,
  type Item,
  type Layout,
  literalLayout,
  type Printable,
  print,
  statement,
  typeWith,
  width,
} from "../../render/layout.js";
import { render, type View } from "../../render/template.js";
import { columnsOf } from "../columns.js";
import { article } from "./aggregate-file.js";
import { arrowDeclaration } from "./arrow.js";
import { aggregateValue, eventsOf } from "./consumer-file.js";
import type { Text } from "./event-file.js";
import { functionSignature, functionsAsked, functionsView, valueFunction } from "./functions.js";
import { header } from "./header.js";
import { declareRecords, type RecordDeclaration } from "./interfaces.js";
import { callsFunctions, valueLayout } from "./mapping-function.js";
import {
  functionsType,
  idFile,
  idType,
  keyType,
  ownFunctions,
  projectionConst,
  projectionFile,
  readConst,
  readerType,
  runConst,
} from "./names.js";
import { rootSchema } from "./schema.js";
import { globalType, openScope, type Run, type Scope } from "./scope.js";
import { subscriptionDefinition } from "./subscription.js";

/** The file of a projection: its key and row, and what each event does to them. */
export const projectionFileOf = (
  projection: Projection,
  run: Run,
): { records: readonly RecordDeclaration[]; text: Text } => {
  const scope = openScope(run, projectionFile(projection));
  const { name } = projection;
  const keyDoc = docTextLines(`The key of ${article(name)} ${name}.`);
  const rowDoc = docTextLines(projection.description ?? `A row of ${name}.`);
  const records = [
    ...declareRecords(keyRecord(projection), identifier(keyType(projection)), keyDoc, scope).map((record, index) =>
      index === 0 ? withIdType(record, projection, scope) : record,
    ),
    ...declareRecords(projection.row, identifier(name), rowDoc, scope),
  ];
  return { records, text: (interfaces) => render("typescript/projection.ts", view(projection, interfaces, scope)) };
};

const keyRecord = ({ key, row }: Projection): RecordType => ({ kind: "record", name: row.name, fields: key.fields });

/** A key that is the aggregate's id has its type. */
const withIdType = (record: RecordDeclaration, { key, aggregates }: Projection, scope: Scope): RecordDeclaration => {
  const [aggregate] = aggregates;
  const [field] = record.fields;
  if (!key.aggregateId || aggregate === undefined || field === undefined) return record;
  const type = scope.imports.type({ file: idFile(aggregate) }, idType(aggregate));
  return { ...record, fields: [{ ...field, type }] };
};

const view = (projection: Projection, interfaces: readonly Code[], scope: Scope): { readonly [name: string]: View } => {
  const { name } = projection;
  const functions = ownFunctions(projection).map((one) => projectionFunction(one, projection, scope));
  const body = {
    name: identifier(name),
    interfaces,
    ...functionsView(projection, code`Functions that ${identifier(name)} names with \`by:\`.`, functions),
    definition: definition(projection, scope),
    run: runFunction(projection, scope),
    readerType: readerAlias(projection, scope),
    read: readFunction(projection, scope),
  };
  return { ...header(scope), ...body };
};

const runFunction = (projection: Projection, scope: Scope): Code => {
  const functions = functionsOf(projection, scope);
  const options = scope.imports.type("evgen/runtime", "ProjectionOptions");
  return arrowDeclaration(
    identifier(runConst(projection)),
    [
      code`client: ${scope.imports.type("evgen/runtime", "ConsumerClient")}`,
      code`store: ${scope.imports.type("evgen/runtime", "ProjectionStore")}`,
      functions === undefined
        ? code`options?: ${options}`
        : code`options: ${print(typeWith(options, [functions]), 2, width("  options: "), 1)}`,
    ],
    code`Promise<${scope.imports.type("evgen/runtime", "Consumer")}>`,
    group(
      code`${scope.imports.value("evgen/runtime", "runProjection")}(`,
      [code`client`, code`store`, identifier(projectionConst(projection)), code`options`],
      code`)`,
    ),
  );
};

const readerAlias = (projection: Projection, scope: Scope): Code => {
  const reader = scope.imports.type("evgen/runtime", "ProjectionReader");
  const indexes = group(
    code`[`,
    projection.indexes.map((index) => group(code`[`, index.map(literal), code`]`)),
    code`]`,
  );
  const parameters = [identifier(keyType(projection)), identifier(projection.name)];
  return statement(
    code`export type ${identifier(readerType(projection))} = `,
    group(code`${reader}<`, projection.indexes.length === 0 ? parameters : [...parameters, indexes], code`>`, {
      end: "",
    }),
  );
};

const readFunction = (projection: Projection, scope: Scope): Code =>
  arrowDeclaration(
    identifier(readConst(projection)),
    [code`store: ${scope.imports.type("evgen/runtime", "ProjectionStore")}`, code`target?: string`],
    code`Promise<${identifier(readerType(projection))}>`,
    group(
      code`${scope.imports.value("evgen/runtime", "openReader")}(`,
      [code`store`, identifier(projectionConst(projection)), code`target`],
      code`)`,
    ),
  );

/** Its own, and those of the upcasters on its way. */
const functionsOf = (projection: Projection, scope: Scope): Code | undefined => {
  const own = ownFunctions(projection).length === 0 ? [] : [identifier(functionsType(projection))];
  const upcasts = projection.functions.filter((one) => one.use === "upcast");
  const all = [...own, ...[functionsAsked(upcasts, projection.aggregates, scope)].filter((one) => one !== undefined)];
  return all.length === 0 ? undefined : joinCode(all, code` & `);
};

/** A function that makes the whole row of an event, or one that makes a value. */
const projectionFunction = (reference: FunctionReference, projection: Projection, scope: Scope): View => {
  const events = projection.on.flatMap((one) =>
    one.kind === "by" && one.function.name === reference.name ? [one.event] : [],
  );
  if (events.length === 0) return valueFunction(reference, scope);
  const row = identifier(projection.name);
  const types = events.map((event) => literal(event.name));
  const all = joinCode(eventsOf(aggregatesOf(events), scope), code` | `);
  const event = code`${globalType("Extract", scope)}<${all}, { readonly type: ${joinCode(types, code` | `)} }>`;
  return {
    doc: docLines(
      `Makes the row of ${events.map((one) => one.name).join(", ")}; undefined deletes it. It is called again for an event that comes twice.`,
    ),
    signature: functionSignature(
      reference.name,
      [code`row: ${row} | undefined`, code`event: ${event}`],
      code`${row} | undefined`,
    ),
  };
};

const aggregatesOf = (events: readonly Event[]) => [...new Set(events.map((event) => event.aggregate))];

const definition = (projection: Projection, scope: Scope): Code => {
  const { key, row, indexes, store } = projection;
  const type = scope.imports.type("evgen/runtime", "ProjectionDefinition");
  const types = [identifier(keyType(projection)), identifier(projection.name)];
  const events = joinCode(eventsOf(projection.aggregates, scope), code` | `);
  const start = code`export const ${identifier(projectionConst(projection))}: `;
  const prefix = code`${start}${print(typeWith(type, [...types, events]), 0, width(start), width(" = {"))} = `;
  const initial = initialRow(projection, scope.model.long);
  const value = expanded({
    name: projection.name,
    aggregates: projection.aggregates.map((one) => embed(aggregateValue(one, scope))),
    store,
    subscription: subscriptionDefinition(projection.subscription, projection.retry),
    key: key.fields.map((field) => field.name),
    row: embed(rootSchema(row, scope)),
    table: snakeCase(projection.name),
    version: projection.version,
    columns: expanded(printable(columnsOf(projection, scope.model.long))),
    fingerprint: projectionHash(projection),
    ...(Object.keys(initial).length === 0 ? {} : { initial }),
    indexes,
    on: embed(
      group(
        code`{`,
        projection.on.map((one) => reaction(one, projection, scope)),
        code`}`,
        { pad: true, broken: true },
      ),
    ),
  });
  return statement(prefix, literalLayout(value));
};

const printable = (columns: ReturnType<typeof columnsOf>): { readonly [field: string]: Printable } =>
  Object.fromEntries(Object.entries(columns).map(([field, column]) => [field, { ...column }]));

/** Zero for what is counted, nothing for what is collected. */
const initialRow = ({ on }: Projection, long: "number" | "bigint"): { readonly [field: string]: Printable } => {
  const entries = on.flatMap((one): readonly (readonly [string, Printable])[] => {
    if (one.kind !== "change") return [];
    const counted = one.increment.map(({ field }) => [field.name, zeroOf(field, long)] as const);
    const collected = [...one.append, ...one.remove].map(({ field }) => [field.name, []] as const);
    return [...counted, ...collected];
  });
  return Object.fromEntries(entries);
};

const zeroOf = (field: Field, long: "number" | "bigint"): string | number | bigint => {
  const type = dereference(field.type);
  if (type.kind === "decimal") return type.scale === 0 ? "0" : `0.${"0".repeat(type.scale)}`;
  return type.kind === "long" && long === "bigint" ? 0n : 0;
};

const reaction = (one: Reaction, projection: Projection, scope: Scope): Item => {
  const prefix = code`${propertyKey(one.event.name)}: `;
  if (one.kind === "ignore") return { prefix, value: code`() => undefined` };
  const body = object([["key", object(assignments(one.key, scope))], ...effect(one, scope)]);
  const functions = callsProjectionFunction(one) ? code`, functions: ${identifier(functionsType(projection))}` : code``;
  return { prefix, value: arrow(code`(event${functions}) => `, body) };
};

const effect = (one: Exclude<Reaction, { kind: "ignore" }>, scope: Scope): readonly Entry[] => {
  switch (one.kind) {
    case "delete":
      return [["delete", code`true`]];
    case "by":
      return [["by", code`(row) => functions.${identifier(one.function.name)}(row, event)`]];
    case "change":
      return (["set", "increment", "append", "remove"] as const).flatMap((what): readonly Entry[] =>
        one[what].length === 0 ? [] : [[what, object(assignments(one[what], scope))]],
      );
  }
};

type Entry = readonly [string, Layout];

const assignments = (list: readonly Assignment[], scope: Scope): readonly Entry[] =>
  list.map(({ field, value }) => [field.name, valueLayout(value, scope)]);

const object = (entries: readonly Entry[]): Group =>
  group(
    code`{`,
    entries.map(([key, value]) => ({ prefix: code`${propertyKey(key)}: `, value })),
    code`}`,
    { pad: true },
  );

/** A function whose object stands in parentheses, and is broken where it does not fit. */
const arrow = (head: Code, body: Group): Group => ({
  ...body,
  open: code`${head}(${body.open}`,
  close: code`${body.close})`,
  flat: body.flat === undefined ? undefined : code`${head}(${body.flat})`,
});

const callsProjectionFunction = (one: Reaction): boolean =>
  one.kind === "by" || (one.kind !== "ignore" && expressionsOf(one).some(callsFunctions));

const expressionsOf = (one: Exclude<Reaction, { kind: "ignore" | "by" }>): readonly Expression[] => {
  const values = one.kind === "change" ? [...one.set, ...one.increment, ...one.append, ...one.remove] : [];
  return [...one.key, ...values].map(({ value }) => value);
};
