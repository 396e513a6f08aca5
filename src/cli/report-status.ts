import { visible, widthOf } from "../diagnostics/visible.js";
import type { SchemaState } from "../pulsar/schema-state.js";
import type { Status, SubscriptionStatus } from "../pulsar/status.js";
import { duration } from "./duration.js";
import type { Provisioning } from "./provisioning.js";
import { paint } from "./report.js";
import { count, type Problem } from "./status-problems.js";

/** A status as a page for people: what is wrong first, then what reads, then the topics. */
export const statusText = (
  status: Status,
  problems: readonly Problem[],
  { environment, desired, admin }: Provisioning,
  colours: boolean,
): string => {
  const name = environment === undefined ? "" : `${environment.name}: `;
  const heading = `${name}${desired.namespace.name} on ${visible(admin.url)}, ${new Date(status.at).toISOString()}`;
  return [
    paint("bold", heading, colours),
    "",
    ...(problems.length === 0 ? [paint("green", "All is well.", colours)] : problems.map((one) => line(one, colours))),
    "",
    ...table(readerTitles, readerRows(status, problems), colours),
    "",
    ...table(topicTitles, topicRows(status, problems), colours),
    "",
  ].join("\n");
};

const signs = { wrong: ["!", "red"], watch: ["~", "yellow"] } as const;

const line = ({ level, reader, topic, message }: Problem, colours: boolean): string => {
  const [sign, colour] = signs[level];
  return paint(colour, `${sign} ${reader === undefined ? "" : `${reader} on `}${visible(topic)}: ${message}`, colours);
};

interface Row {
  readonly level?: Problem["level"] | undefined;
  readonly cells: readonly string[];
}

const readerTitles = [
  ...["reader", "topic", "backlog", "oldest", "unacked", "out/s", "growth/s", "redelivered/s", "consumers"],
  "dead letters",
];

/** What is worst comes first, then what has most to read. */
const readerRows = ({ readers, at }: Status, problems: readonly Problem[]): readonly Row[] =>
  readers
    .flatMap(({ name, topics, deadLetters }) =>
      topics.map((its) => {
        const own = problems.filter((one) => one.reader === name && [its.topic, deadLetters.topic].includes(one.topic));
        const rank = Math.min(problems.length, ...own.map((one) => problems.indexOf(one)));
        const cells = [name, visible(its.topic), ...numbers(its, at), count(deadLetters.backlog)];
        return { rank, backlog: its.backlog, level: worst(own), cells };
      }),
    )
    .sort((a, b) => a.rank - b.rank || b.backlog - a.backlog);

const numbers = (its: SubscriptionStatus, at: number): readonly string[] => [
  count(its.backlog),
  its.oldest === undefined ? "-" : duration(Math.max(0, at - its.oldest) / 1000),
  count(its.unacknowledged),
  rate(its.rateOut),
  `${its.growth > 0 ? "+" : ""}${rate(its.growth)}`,
  rate(its.rateRedelivered),
  count(its.consumers),
];

const topicTitles = ["topic", "partitions", "in/s", "storage", "growth/s", "schema"];

const topicRows = ({ topics }: Status, problems: readonly Problem[]): readonly Row[] =>
  topics
    .map(({ name, present, rateIn, storage, growth, schema }) => {
      const own = problems.filter((one) => one.reader === undefined && one.topic === name);
      const rank = Math.min(problems.length, ...own.map((one) => problems.indexOf(one)));
      const shape = present === undefined ? "missing" : `${present}`;
      const cells = [visible(name), shape, rate(rateIn), bytes(storage), bytes(growth), schemaCell(schema)];
      return { rank, level: worst(own), cells };
    })
    .sort((a, b) => a.rank - b.rank);

const worst = (problems: readonly Problem[]): Problem["level"] | undefined =>
  problems.find(({ level }) => level === "wrong")?.level ?? problems[0]?.level;

const schemaCell = (schema: SchemaState | undefined): string => {
  switch (schema?.kind) {
    case undefined:
      return "-";
    case "none":
      return "none";
    case "latest":
      return `version ${schema.version}, the model's`;
    case "superseded":
      return `version ${schema.latest.version}, the model's is ${schema.version}`;
    case "other":
      return `version ${schema.latest.version}, not the model's`;
  }
};

const rate = (number: number): string => {
  const rounded = Math.abs(number) < 10 ? Math.round(number * 10) / 10 : Math.round(number);
  return (rounded === 0 ? 0 : rounded).toLocaleString("en");
};

const bytes = (number: number): string => {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, number)) / 3)));
  return `${rate(number / 1000 ** power)} ${units[power]}`;
};

/** Texts to the left, numbers to the right; the last column of text ends its line. */
const table = (titles: readonly string[], rows: readonly Row[], colours: boolean): readonly string[] => {
  if (rows.length === 0) return [];
  const cells = [titles, ...rows.map((row) => row.cells)];
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ""))));
  const isText = titles.map((title) => ["reader", "topic", "schema"].includes(title));
  const print = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const space = " ".repeat((widths[column] ?? 0) - widthOf(cell));
        return isText[column] === true ? cell + space : space + cell;
      })
      .join("  ")
      .trimEnd();
  return [
    paint("dim", `  ${print(titles)}`, colours),
    ...rows.map(({ level, cells: row }) => {
      if (level === undefined) return `  ${print(row)}`;
      const [sign, colour] = signs[level];
      return paint(colour, `${sign} ${print(row)}`, colours);
    }),
  ];
};

/** The machine format of `evgen status --json`. */
export const statusJson = (
  status: Status,
  problems: readonly Problem[],
  { file, environment, desired, admin, findings }: Provisioning,
) => ({
  format: "evgen-status",
  version: 1,
  model: file.prefix + file.entry,
  ...(environment === undefined ? {} : { environment: environment.name }),
  adminUrl: admin.url,
  namespace: desired.namespace.name,
  at: new Date(status.at).toISOString(),
  problems,
  readers: status.readers.map(({ topics, deadLetters, ...reader }) => ({
    ...reader,
    topics: topics.map(subscriptionJson),
    deadLetters: subscriptionJson(deadLetters),
  })),
  topics: status.topics.map(({ schema, ...topic }) => ({
    ...topic,
    ...(schema === undefined ? {} : { schema: schemaJson(schema) }),
  })),
  diagnostics: findings.items,
});

const subscriptionJson = ({ oldest, idleSince, ...its }: SubscriptionStatus) => ({
  ...its,
  ...(oldest === undefined ? {} : { oldest: new Date(oldest).toISOString() }),
  ...(idleSince === undefined ? {} : { idleSince: new Date(idleSince).toISOString() }),
});

/** `state`, the model's version on the broker, and the newest there. */
const schemaJson = (schema: SchemaState) => {
  const latest = schema.kind === "superseded" || schema.kind === "other" ? schema.latest.version : undefined;
  const version = schema.kind === "latest" || schema.kind === "superseded" ? schema.version : undefined;
  return {
    state: schema.kind,
    ...(version === undefined ? {} : { version }),
    ...(schema.kind === "none" ? {} : { latest: latest ?? version }),
  };
};
