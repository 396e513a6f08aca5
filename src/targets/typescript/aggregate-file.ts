import type { Aggregate, Event } from "../../model/model.js";
import { camelCase } from "../../model/names.js";
import { type Code, code, docLines, identifier, literal, propertyKey } from "../../render/code.js";
import { embed, expanded, group, literalLayout, print, statement, typeWith, width } from "../../render/layout.js";
import { render, type View } from "../../render/template.js";
import { arrowDeclaration } from "./arrow.js";
import { functionsAsked, functionsView, readingFunctions, valueFunction } from "./functions.js";
import { header } from "./header.js";
import {
  aggregateConst,
  aggregateFile,
  createConsumerConst,
  createProducerConst,
  eventConst,
  eventFile,
  eventUnion,
  handlersType,
  hasOwnIdType,
  idFile,
  idType,
  producerType,
  topicConst,
  topicFile,
} from "./names.js";
import { openScope, type Run, type Scope } from "./scope.js";
import { aliasDeclaration } from "./type.js";

/** The file of an aggregate: its id, the union of its events, its producer and consumer. */
export const aggregateFileOf = (aggregate: Aggregate, run: Run): string => {
  const scope = openScope(run, aggregateFile(aggregate));
  const view = {
    name: identifier(aggregate.name),
    article: article(aggregate.name),
    id: idAlias(aggregate, scope),
    event: eventAlias(aggregate, scope),
    ...functionsView(
      aggregate,
      code`Functions that the mappings of ${identifier(aggregate.name)} name with \`by:\`.`,
      aggregate.functions.map((one) => valueFunction(one, scope)),
    ),
    doc: docLines(aggregate.description, `${aggregate.name} with all its events, for the runtime.`),
    definition: definition(aggregate, scope),
    producer: scope.imports.type("evgen/runtime", "Producer"),
    methods: emitted(aggregate).map((event) => method(event, scope)),
    createProducer: createProducer(aggregate, scope),
    handlers: scope.imports.type("evgen/runtime", "Handlers"),
    createConsumer: createConsumer(aggregate, scope),
  };
  return render("typescript/aggregate.ts", { ...header(scope), ...view });
};

/** What the id is made of; false where a type of the model is the id's. */
const idAlias = (aggregate: Aggregate, scope: Scope): Code | false => {
  if (hasOwnIdType(aggregate)) return false;
  return aggregate.key.type.kind === "uuid" ? scope.imports.type("evgen/runtime", "Uuid") : code`string`;
};

/** The type of the id as the aggregate's own file says it. */
const idCode = (aggregate: Aggregate, scope: Scope): Code =>
  hasOwnIdType(aggregate)
    ? scope.imports.type({ file: idFile(aggregate) }, idType(aggregate))
    : identifier(idType(aggregate));

/** Events that are read as themselves: all that are not retired. */
export const readAsThemselves = (aggregate: Aggregate): readonly Event[] =>
  aggregate.events.filter((event) => event.becomes === undefined);

/** Events that code may still emit: neither retired nor deprecated. */
const emitted = (aggregate: Aggregate): readonly Event[] =>
  readAsThemselves(aggregate).filter((event) => event.deprecated === undefined);

/** an Order, a Customer */
export const article = (name: string): Code => (/^[aeiou]/i.test(name) ? code`an` : code`a`);

const eventAlias = (aggregate: Aggregate, scope: Scope): Code => {
  const events = readAsThemselves(aggregate);
  const name = identifier(eventUnion(aggregate));
  if (events.length === 0) return aliasDeclaration(name, [code`never`]);
  const generic = scope.imports.type("evgen/runtime", "Event");
  const id = idCode(aggregate, scope);
  return aliasDeclaration(
    name,
    events.map((event) => {
      const data = scope.imports.type({ file: eventFile(event) }, event.name);
      return print(typeWith(generic, [literal(event.name), data, id]), 4, 4, 1);
    }),
  );
};

const definition = (aggregate: Aggregate, scope: Scope): Code => {
  const type = scope.imports.type("evgen/runtime", "AggregateDefinition");
  const prefix = code`export const ${identifier(aggregateConst(aggregate))}: ${type} = `;
  const value = expanded({
    name: aggregate.name,
    key: { name: aggregate.key.name, schema: keySchema(aggregate) },
    topic: embed(scope.imports.value({ file: topicFile(aggregate.topic) }, topicConst(aggregate.topic))),
    events: aggregate.events.map((event) => embed(eventValue(event, scope))),
  });
  return statement(prefix, literalLayout(value));
};

const keySchema = ({ key }: Aggregate): { readonly [keyword: string]: string | number } => {
  if (key.type.kind === "uuid") return { type: "string", format: "uuid" };
  const { minLength, maxLength, pattern } = key.type;
  return {
    type: "string",
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(pattern === undefined ? {} : { pattern }),
  };
};

const eventValue = (event: Event, scope: Scope): Code =>
  scope.imports.value({ file: eventFile(event) }, eventConst(event));

const method = (event: Event, scope: Scope): View => {
  const aggregate = event.aggregate;
  const key = aggregate.key.name;
  const data = scope.imports.type({ file: eventFile(event) }, event.name);
  const emitOptions = scope.imports.type("evgen/runtime", "EmitOptions");
  const id = identifier(key === "data" || key === "options" ? "id" : key);
  const parameters = [code`${id}: ${idCode(aggregate, scope)}`, code`data: ${data}`, code`options?: ${emitOptions}`];
  const end = code`): Promise<${scope.imports.type("evgen/runtime", "MessageId")}>`;
  const start = code`${propertyKey(camelCase(event.name))}(`;
  return {
    doc: docLines(event.description),
    signature: code`${print(group(start, parameters, end), 2, 2, 1)};`,
  };
};

const createProducer = (aggregate: Aggregate, scope: Scope): Code => {
  const client = scope.imports.type("evgen/runtime", "ProducerClient");
  const options = scope.imports.type("evgen/runtime", "ProducerOptions");
  const events = emitted(aggregate).map((event) => {
    const [key, value] = [camelCase(event.name), eventValue(event, scope)];
    return key === value ? value : code`${propertyKey(key)}: ${value}`;
  });
  const body = group(
    code`${scope.imports.value("evgen/runtime", "createProducer")}(`,
    [
      code`client`,
      identifier(aggregateConst(aggregate)),
      group(code`{`, events, code`}`, { pad: true }),
      code`options`,
    ],
    code`)`,
  );
  return arrowDeclaration(
    identifier(createProducerConst(aggregate)),
    [code`client: ${client}`, code`options?: ${options}`],
    code`Promise<${identifier(producerType(aggregate))}>`,
    body,
  );
};

const createConsumer = (aggregate: Aggregate, scope: Scope): Code => {
  const client = scope.imports.type("evgen/runtime", "ConsumerClient");
  const functions = functionsAsked(readingFunctions([aggregate]), [aggregate], scope);
  const options = consumerOptions(
    scope.imports.type("evgen/runtime", "ConsumerOptions"),
    identifier(handlersType(aggregate)),
    functions,
  );
  return arrowDeclaration(
    identifier(createConsumerConst(aggregate)),
    [code`client: ${client}`, code`options: ${options}`],
    code`Promise<${scope.imports.type("evgen/runtime", "Consumer")}>`,
    group(
      code`${scope.imports.value("evgen/runtime", "createConsumer")}(`,
      [code`client`, code`[${identifier(aggregateConst(aggregate))}]`, code`options`],
      code`)`,
    ),
  );
};

/** Options that also ask for the user's functions, where events cannot be read without them. */
export const consumerOptions = (type: Code, handlers: Code, functions: Code | undefined): Code =>
  functions === undefined
    ? code`${type}<${handlers}>`
    : print(typeWith(type, [handlers, functions]), 2, width("  options: "), 1);
