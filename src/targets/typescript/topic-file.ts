import { avroNamespace } from "../../model/avro-names.js";
import type { Topic } from "../../model/model.js";
import type { JsonValue } from "../../model/type.js";
import { type Code, code, docLines, identifier, joinCode, templateText } from "../../render/code.js";
import { embed, expanded, literalLayout, statement } from "../../render/layout.js";
import { render } from "../../render/template.js";
import { envelopeSchema } from "../avro.js";
import { prettyJson } from "../pretty-json.js";
import { header } from "./header.js";
import { topicConst, topicFile } from "./names.js";
import { openScope, type Run } from "./scope.js";

/** The file of a topic: its name, and the envelope of its events. */
export const topicFileOf = (topic: Topic, run: Run): string => {
  const scope = openScope(run, topicFile(topic));
  const type = scope.imports.type("evgen/runtime", "TopicDefinition");
  const definition = {
    url: topic.url,
    partitions: topic.partitions,
    encoding: run.model.pulsar.encoding,
    source: avroNamespace(run.model),
    ...(run.model.long === "bigint" ? { long: "bigint" } : {}),
    envelope: embed(jsonText(envelopeSchema(topic, run.model))),
  };
  const prefix = code`export const ${identifier(topicConst(topic))}: ${type} = `;
  return render("typescript/topic.ts", {
    ...header(scope),
    doc: docLines(`The topic of ${listed(topic.aggregates.map((one) => one.name))}, with the envelope of its events.`),
    definition: statement(prefix, literalLayout(expanded(definition))),
  });
};

/** JSON in a template literal: a compiler takes a hundred times as long for the same in an object literal. */
const jsonText = (value: JsonValue): Code => {
  const lines = prettyJson(value).trimEnd().split("\n").map(templateText);
  return code`\`${joinCode(lines, code`\n`)}\``;
};

/** A, B and C */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
