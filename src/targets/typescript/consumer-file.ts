import type { Aggregate, Consumer } from "../../model/model.js";
import { type Code, code, docLines, identifier, joinCode, literal } from "../../render/code.js";
import { embed, expanded, group, lineWidth, literalLayout, statement, width } from "../../render/layout.js";
import { render } from "../../render/template.js";
import { consumerOptions, readAsThemselves } from "./aggregate-file.js";
import { arrowDeclaration } from "./arrow.js";
import { functionsAsked } from "./functions.js";
import { header } from "./header.js";
import {
  aggregateConst,
  aggregateFile,
  consumerConst,
  consumerFile,
  createConsumerConst,
  eventUnion,
  handlersType,
} from "./names.js";
import { globalType, openScope, type Run, type Scope } from "./scope.js";
import { subscriptionDefinition } from "./subscription.js";
import { aliasDeclaration } from "./type.js";

/** The file of a consumer: the events it handles, and its subscription. */
export const consumerFileOf = (consumer: Consumer, run: Run): string => {
  const scope = openScope(run, consumerFile(consumer));
  const view = {
    name: identifier(consumer.name),
    eventNames: joinCode(
      consumer.events.map((event) => identifier(event.name)),
      code`, `,
    ),
    event: eventAlias(consumer, scope),
    handlers: scope.imports.type("evgen/runtime", "Handlers"),
    doc: docLines(consumer.description, `${consumer.name} with its subscription, for the runtime.`),
    definition: definition(consumer, scope),
    createConsumer: createConsumer(consumer, scope),
  };
  return render("typescript/consumer.ts", { ...header(scope), ...view });
};

const eventAlias = (consumer: Consumer, scope: Scope): Code => {
  const all = eventsOf(consumer.aggregates, scope);
  const name = identifier(eventUnion(consumer));
  if (consumer.events.length === 0) return code`export type ${name} = never;`;
  const readable = consumer.aggregates.flatMap(readAsThemselves);
  if (readable.every((event) => consumer.events.includes(event))) return aliasDeclaration(name, all);
  const types = consumer.events.map((event) => literal(event.name));
  const either = joinCode(types, code` | `);
  const from = joinCode(all, code` | `);
  const prefix = code`export type ${name} = ${globalType("Extract", scope)}<`;
  const flat = code`${prefix}${from}, { readonly type: ${either} }>;`;
  if (width(flat) <= lineWidth) return flat;
  const member = code`  { readonly type: ${either} }`;
  const lines = joinCode(
    types.map((type) => code`      | ${type}`),
    code`\n`,
  );
  const broken = code`  {\n    readonly type:\n${lines};\n  }`;
  return code`${prefix}\n  ${from},\n${width(member) <= lineWidth ? member : broken}\n>;`;
};

/** The unions of the aggregates' events. */
export const eventsOf = (aggregates: readonly Aggregate[], scope: Scope): readonly Code[] =>
  aggregates.map((aggregate) => scope.imports.type({ file: aggregateFile(aggregate) }, eventUnion(aggregate)));

const definition = (consumer: Consumer, scope: Scope): Code => {
  const type = scope.imports.type("evgen/runtime", "ConsumerDefinition");
  const value = expanded({
    name: consumer.name,
    aggregates: consumer.aggregates.map((one) => embed(aggregateValue(one, scope))),
    events: consumer.events.map((event) => event.name),
    subscription: subscriptionDefinition(consumer.subscription, consumer.retry),
  });
  return statement(code`export const ${identifier(consumerConst(consumer))}: ${type} = `, literalLayout(value));
};

/** The definition of an aggregate, imported. */
export const aggregateValue = (aggregate: Aggregate, scope: Scope): Code =>
  scope.imports.value({ file: aggregateFile(aggregate) }, aggregateConst(aggregate));

const createConsumer = (consumer: Consumer, scope: Scope): Code => {
  const options = consumerOptions(
    scope.imports.type("evgen/runtime", "DefinedConsumerOptions"),
    identifier(handlersType(consumer)),
    functionsAsked(consumer.functions, consumer.aggregates, scope),
  );
  return arrowDeclaration(
    identifier(createConsumerConst(consumer)),
    [code`client: ${scope.imports.type("evgen/runtime", "ConsumerClient")}`, code`options: ${options}`],
    code`Promise<${scope.imports.type("evgen/runtime", "Consumer")}>`,
    group(
      code`${scope.imports.value("evgen/runtime", "createDefinedConsumer")}(`,
      [code`client`, identifier(consumerConst(consumer)), code`options`],
      code`)`,
    ),
  );
};
