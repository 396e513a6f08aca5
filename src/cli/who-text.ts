import { visible } from "../diagnostics/visible.js";
import type { Answer } from "../lineage/describe.js";
import type { JsonValue } from "../model/type.js";
import { paint } from "./report.js";

type AnswerOf<K extends Answer["kind"]> = Extract<Answer, { readonly kind: K }>;

/** An answer for people: a heading with where it stands, then sections of lines. It ends with a line break. */
export const whoText = (answer: Answer, place: string, colour: boolean): string => {
  const sections = sectionsOf(answer);
  const lines = [
    `${paint("bold", answer.name, colour)}  ${headingOf(answer)}  ${paint("cyan", place, colour)}`,
    ...("description" in answer ? (answer.description ?? "").split("\n").filter((line) => line.trim() !== "") : []).map(
      (line) => `  ${visible(line)}`,
    ),
    ...("deprecated" in answer && answer.deprecated !== undefined
      ? [`  deprecated${answer.deprecated === true ? "" : `: ${visible(answer.deprecated)}`}`]
      : []),
    ...sections.flatMap(([title, rows]) =>
      rows.length === 0 ? [] : ["", paint("bold", title, colour), ...table(rows).map((row) => `  ${row}`)],
    ),
  ];
  return `${lines.join("\n")}\n`;
};

type Row = readonly string[];
type Section = readonly [title: string, rows: readonly Row[]];

const headingOf = (answer: Answer): string => {
  switch (answer.kind) {
    case "event":
      return answer.becomes === undefined ? `event of ${answer.aggregate}` : `retired event of ${answer.aggregate}`;
    case "field":
      return `field of version ${answer.version}`;
    case "aggregate":
      return "aggregate";
    case "projection":
      return answer.column === undefined ? `projection of ${answer.aggregates.join(", ")}` : "column of a projection";
    case "consumer":
      return `consumer of ${answer.aggregates.join(", ")}`;
    case "type":
      return `type: ${visible(answer.type)}`;
  }
};

const sectionsOf = (answer: Answer): readonly Section[] => {
  switch (answer.kind) {
    case "event":
      return eventSections(answer);
    case "field":
      return [...fieldSections(answer.fields), ["also read from", readFromRows(answer.readFrom)]];
    case "aggregate":
      return aggregateSections(answer);
    case "projection":
      return projectionSections(answer);
    case "consumer":
      return [
        ["reads", readerRows(answer.reads)],
        ["handles", answer.events.map(({ event, version }) => [event, `as v${version}`])],
      ];
    case "type":
      return [["used by", answer.versions.map(({ event, version, state }) => [event, `v${version}`, state])]];
  }
};

const eventSections = (answer: AnswerOf<"event">): readonly Section[] => [
  ["versions", answer.versions.map(versionRow)],
  ["topic", topicRows(answer.topic)],
  ["produced by", producerRows(answer.commands, answer.producers)],
  ["stored ones are read as", (answer.becomes ?? []).map(({ event, version }) => [event, `v${version}`])],
  ["also read from", readFromRows(answer.readFrom)],
  [
    "read by",
    [
      ...answer.consumers.map((one) => ["consumer", one.name, subscriptionText(one)]),
      ...answer.projections.map((one) => ["projection", one.name, subscriptionText(one), one.does]),
    ],
  ],
  ...fieldSections(answer.fields),
];

const aggregateSections = (answer: AnswerOf<"aggregate">): readonly Section[] => [
  ["topic", topicRows(answer.topic)],
  [
    "events",
    answer.events.map(({ name, versions, retired, deprecated }) => [
      name,
      versions.map(({ number, state }) => `v${number} ${state}`).join(", "),
      retired ? "retired" : deprecated === undefined ? "" : "deprecated",
    ]),
  ],
  ["commands", answer.commands.map(({ name, emits }) => [name, `→ ${emits.join(", ")}`])],
  ["produced by", producerRows([], answer.producers)],
  [
    "read by",
    [
      ...answer.consumers.map((one) => ["consumer", one.name, subscriptionText(one)]),
      ...answer.projections.map((one) => ["projection", one.name, subscriptionText(one)]),
    ],
  ],
];

const projectionSections = (answer: AnswerOf<"projection">): readonly Section[] => [
  ...(answer.column === undefined
    ? ([
        ["reads", readerRows(answer.reads)],
        [
          "rows",
          [
            ["store", answer.store],
            ["key", answer.key.join(", ")],
          ],
        ],
        ["events", answer.events.map(({ event, does }) => [event, does])],
      ] as const)
    : []),
  [
    "columns",
    answer.columns.flatMap(({ name, type, optional, from }) =>
      withLabel(
        [`${name}${optional ? "?" : ""}`, visible(type)],
        from.map(({ event, operation, origins }) => `${operation} from ${event}: ${originsText(origins)}`),
      ),
    ),
  ],
];

const fieldSections = (fields: AnswerOf<"field">["fields"]): readonly Section[] => [
  [
    "fields",
    fields.flatMap(({ path, type, optional, pii, from, to }) => {
      const label = [`${path}${optional ? "?" : ""}`, visible(type) + (pii ? ", personal" : "")];
      const lines = [
        ...from.map(({ version, origins }) => `← v${version}: ${originsText(origins)}`),
        ...to.map(({ projection, operation, column }) =>
          operation === "by" ? `→ ${projection} (by a function)` : `→ ${projection}.${column} (${operation})`,
        ),
      ];
      return withLabel(label, lines);
    }),
  ],
];

/** The first line beside the label, the others below it. */
const withLabel = (label: Row, lines: readonly string[]): readonly Row[] =>
  lines.length === 0 ? [label] : lines.map((line, i) => [...(i === 0 ? label : label.map(() => "")), line]);

type Origins = readonly AnswerOf<"field">["fields"][number]["from"][number]["origins"][number][];

const originsText = (origins: Origins): string =>
  origins.length === 0 ? "not there" : origins.map(originText).join(", or ");

const originText = (origin: Origins[number]): string => {
  switch (origin.kind) {
    case "field": {
      const path = origin.path === "" ? "all of it" : visible(origin.path);
      return withHow(path, origin.how);
    }
    case "literal":
      return withHow(literalText(origin.value), origin.how);
    case "envelope":
      return `the envelope's ${origin.field}`;
    case "function":
      return `the function ${origin.name}`;
  }
};

const withHow = (text: string, how: string | undefined): string => (how === undefined ? text : `${text} (${how})`);

const literalText = (value: JsonValue): string => {
  const text = JSON.stringify(value);
  return visible(text.length > 60 ? `${text.slice(0, 59)}…` : text);
};

const versionRow = (one: AnswerOf<"event">["versions"][number]): Row => [
  `v${one.number}`,
  one.state,
  one.current ? "current" : "",
  `${one.fields} ${one.fields === 1 ? "field" : "fields"}`,
  `branch ${one.branch}, position ${one.position}`,
];

const topicRows = ({ url, partitions, encoding, key, schema }: AnswerOf<"event">["topic"]): readonly Row[] => [
  ["url", url],
  ["partitions", partitions === 0 ? "none" : String(partitions)],
  ["key", `${key.name}: ${key.type}`],
  ["schema", `${schema}, ${encoding}`],
];

const producerRows = (commands: readonly string[], roles: readonly string[]): readonly Row[] => [
  ...commands.map((name) => ["command", name]),
  ...roles.map((name) => ["role", visible(name)]),
];

const readFromRows = (events: AnswerOf<"field">["readFrom"]): readonly Row[] =>
  events.map(({ event, version }) => [event, `retired, as v${version}`]);

type Reader = AnswerOf<"consumer">["reads"];

const subscriptionText = ({ subscription, type }: Reader): string => `${subscription} (${type})`;

const readerRows = (reader: Reader): readonly Row[] => [
  ...reader.topics.map((topic) => ["topic", topic]),
  ["subscription", subscriptionText(reader)],
  ["dead letters", reader.deadLetter],
];

/** Rows with their columns below each other. */
const table = (rows: readonly Row[]): readonly string[] => {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) if (i < row.length - 1) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell))
      .join("  ")
      .trimEnd(),
  );
};
