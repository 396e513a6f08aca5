import { visible } from "../diagnostics/visible.js";
import type { ReaderStatus, Status, SubscriptionStatus, TopicStatus } from "../pulsar/status.js";
import { duration } from "./duration.js";

/** Something in a status that somebody should look at. */
export interface Problem {
  readonly kind: (typeof kinds)[number];
  /** `wrong` has to be mended; `watch` may go by itself. */
  readonly level: "wrong" | "watch";
  readonly topic: string;
  /** The projection or the consumer, where it is about one. */
  readonly reader?: string;
  /** In a sentence. */
  readonly message: string;
}

/** In the order in which they are shown: what stops a reader, what it has left, what may stop it. */
const kinds = [
  ...(["topic-missing", "partition-missing", "subscription-missing", "stuck", "no-consumer", "dead-letters"] as const),
  ...(["partitions-differ", "schema-missing", "schema-older", "behind", "schema-superseded"] as const),
];

/** What is wrong, worst first. `patience` is how long a reader may acknowledge nothing, in milliseconds. */
export const problemsOf = (status: Status, patience: number): readonly Problem[] => {
  const found = [
    ...status.topics.flatMap(ofTopic),
    ...status.readers.flatMap((reader) => ofReader(reader, status, patience)),
  ];
  return found.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
};

const ofTopic = (status: TopicStatus): readonly Problem[] => {
  const { name: topic, partitions, present, lacking, schema } = status;
  const problem = (kind: Problem["kind"], message: string, level: Problem["level"] = "wrong") => ({
    ...{ kind, level, topic, message },
  });
  if (present === undefined) return [problem("topic-missing", `there is no such topic. ${mend}`)];
  const found: Problem[] = [];
  if (lacking.length > 0) found.push(problem("partition-missing", `${lacking.join(", ")} is not there. ${mend}`));
  if (present !== partitions)
    found.push(problem("partitions-differ", `it has ${present} partitions, and the model says ${partitions}. ${mend}`));
  switch (schema?.kind) {
    case "none":
      found.push(problem("schema-missing", `it has no schema. ${mend}`));
      break;
    case "other": {
      const { version, type } = schema.latest;
      const has = `it does not hold the model's schema, and its newest is version ${version} (${visible(type)})`;
      found.push(problem("schema-older", `${has}. ${mend}`));
      break;
    }
    case "superseded": {
      const { version, latest } = schema;
      const has = `the model's schema is version ${version}, and version ${latest.version} was registered after it`;
      found.push(problem("schema-superseded", `${has}.`, "watch"));
      break;
    }
    case "latest":
    case undefined:
      break;
  }
  return found;
};

const mend = "evgen plan says what to do.";

const ofReader = (reader: ReaderStatus, { at, topics }: Status, patience: number): readonly Problem[] => {
  const isThere = (topic: string): boolean =>
    topics.some(({ name, present }) => name === topic && present !== undefined);
  const all = [...reader.topics, reader.deadLetters].filter(({ topic }) => isThere(topic));
  const about = ({ topic }: SubscriptionStatus) => ({ topic, reader: reader.name });
  return [
    ...all
      .filter(({ lacking }) => lacking.length > 0)
      .map((its) => ({
        ...{ kind: "subscription-missing" as const, level: "wrong" as const, ...about(its) },
        message: `its subscription is not on ${its.lacking.join(", ")}. ${mend}`,
      })),
    ...reader.topics.flatMap((its) => {
      const found = ofBacklog(its, at, patience);
      return found === undefined ? [] : [{ ...found, ...about(its) }];
    }),
    ...(reader.deadLetters.backlog === 0
      ? []
      : [
          {
            ...{ kind: "dead-letters" as const, level: "wrong" as const, ...about(reader.deadLetters) },
            message: `${count(reader.deadLetters.backlog)} parked${ageText(reader.deadLetters, at)}.`,
          },
        ]),
  ];
};

const ofBacklog = (
  its: SubscriptionStatus,
  at: number,
  patience: number,
): Pick<Problem, "kind" | "level" | "message"> | undefined => {
  const { backlog, unacknowledged, consumers, blocked, oldest, idleSince, growth } = its;
  if (backlog === 0) return undefined;
  const waiting = `${count(backlog)} to read${ageText(its, at)}`;
  const held = unacknowledged === 0 ? "" : ` ${count(unacknowledged)} handed out and not acknowledged.`;
  if (consumers === 0) return { kind: "no-consumer", level: "wrong", message: `no consumer is connected; ${waiting}.` };
  const who = consumers === 1 ? "1 consumer is" : `${consumers} consumers are`;
  if (blocked)
    return {
      ...{ kind: "stuck", level: "wrong" },
      message: `${who} connected, and the broker hands out nothing more until they acknowledge; ${waiting}.${held}`,
    };
  if (idleSince !== undefined && at - idleSince >= patience)
    return {
      ...{ kind: "stuck", level: "wrong" },
      message: `${who} connected, and nothing was acknowledged for ${since(idleSince, at)}; ${waiting}.${held}`,
    };
  if (oldest === undefined || at - oldest < patience) return undefined;
  return { kind: "behind", level: "watch", message: `${waiting}${trend(backlog, growth)}.` };
};

const trend = (backlog: number, growth: number): string => {
  if (growth > 0) return `, and it grows by ${growth < 10 ? growth.toFixed(1) : Math.round(growth)} a second`;
  return growth < 0 ? `, read in about ${duration(backlog / -growth)}` : "";
};

const ageText = ({ oldest }: SubscriptionStatus, at: number): string =>
  oldest === undefined ? "" : `, the oldest for ${since(oldest, at)}`;

const since = (time: number, at: number): string => duration(Math.max(0, at - time) / 1000);

export const count = (number: number): string => number.toLocaleString("en");
