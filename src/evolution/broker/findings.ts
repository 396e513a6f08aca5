import type { ChangeCode, Parameters } from "../../diagnostics/catalogue.js";
import { catalogue } from "../../diagnostics/catalogue.js";
import type { Event, Model, Topic } from "../../model/model.js";
import type { JsonValue } from "../../model/type.js";
import { affectedBy } from "../check/session.js";
import type { Finding } from "../finding.js";
import { brokerMark } from "../finding.js";
import { hashOfJson } from "../hash.js";
import type { Judgement } from "./judge.js";
import { shortName } from "./schema.js";
import type { Misreading } from "./stricter.js";

/** A topic of a model on a broker. */
export interface TopicOnBroker {
  readonly topic: Topic;
  /** Where it is there, which an environment may say otherwise than the topic. */
  readonly url: string;
  /** As the broker is shown: `pulsar:prod`. */
  readonly base: string;
  /** The one that the broker goes by. */
  readonly strategy: string;
  /** How many versions it holds. */
  readonly versions: number;
  readonly judgement: Judgement;
}

/** One line for a topic; and what is to be known besides, above all that a prediction was wrong. */
export const brokerFindings = (on: TopicOnBroker, model: Model): readonly Finding[] => {
  if (on.versions === 0) return [finding(on, model, "broker-new-topic", { topic: on.url }, [])];
  return [topicLine(on, model), ...unpredicted(on, model), ...elsewhere(on, model)];
};

const topicLine = (on: TopicOnBroker, model: Model): Finding => {
  const { url, strategy, versions, judgement } = on;
  const { predicted, answered, registers, same, misread } = judgement;
  const broken = misread.flatMap(({ version, misreadings }) =>
    misreadings.filter(({ breaking }) => breaking).map((misreading) => ({ version, misreading })),
  );
  const [first, ...others] = broken;
  const opinions = {
    ...{ topic: url, versions, strategy, breaking: first !== undefined },
    ...{ predicted: predicted.accepts, broker: answered.accepts },
  };
  const change = broken.map(({ version, misreading }) => [version, misreading.path, misreading.kind]);
  const events = eventsOf(
    on.topic,
    broken.map(({ misreading }) => misreading),
  );
  if (!registers) {
    const reason = withoutStop(predicted.accepts ? reasonOf(answered) : predicted.reason);
    // The reason stands for what changed: who accepts one refusal has not accepted the next. The broker's own words differ.
    const refused = [...change, predicted.accepts ? null : predicted.reason];
    return finding(on, model, "broker-refuses", { ...opinions, reason }, [refused], events, broken.map(shown));
  }
  if (first !== undefined) {
    const parameters = {
      ...opinions,
      version: first.version,
      misreading: text(first.misreading),
      others: others.length,
    };
    return finding(on, model, "broker-lets-through", parameters, [change], events, others.map(shown));
  }
  return finding(on, model, "broker-compatible", same === undefined ? opinions : { ...opinions, same }, []);
};

const unpredicted = (on: TopicOnBroker, model: Model): readonly Finding[] => {
  const { predicted, answered } = on.judgement;
  if (predicted.accepts === answered.accepts) return [];
  const reason = withoutStop(predicted.accepts ? reasonOf(answered) : predicted.reason);
  const parameters = { topic: on.url, predicted: predicted.accepts, broker: answered.accepts, reason };
  return [finding(on, model, "broker-unpredicted", parameters, [predicted.accepts, answered.accepts])];
};

const elsewhere = (on: TopicOnBroker, model: Model): readonly Finding[] => {
  const other = on.judgement.elsewhere;
  if (other === undefined) return [];
  const { avro, answer } = other;
  const parameters = {
    ...{ topic: on.url, accepts: answer.accepts, other: avro === "1.11" ? "4.0" : "4.2" },
    reason: answer.accepts ? "" : withoutStop(answer.reason),
  };
  return [finding(on, model, "broker-elsewhere", parameters, [avro, answer.accepts])];
};

const finding = <C extends ChangeCode>(
  { topic, url, base }: TopicOnBroker,
  model: Model,
  rule: C,
  parameters: Parameters<C>,
  change: readonly JsonValue[],
  events: readonly Event[] = [],
  more: readonly string[] = [],
): Finding => {
  const { severity, verdict, message } = catalogue[rule];
  return {
    ...{ rule, level: severity, place: topic.place, subject: [url], base: { name: base } },
    ...(verdict === "none" ? {} : { verdict }),
    message: (message as (parameters: Parameters<C>) => string)(parameters),
    affected: affectedBy(events, model),
    related: more.map((one) => ({ message: one, place: topic.place })),
    fingerprint: `${brokerMark}${hashOfJson([rule, url, ...change], 16)}`,
  };
};

/** The events whose branches are in the paths; all of the topic when it is about the envelope itself. */
const eventsOf = (topic: Topic, misreadings: readonly Misreading[]): readonly Event[] => {
  const all = new Set(topic.branches.map((version) => version.event));
  const named = misreadings.map(({ path }) => {
    const branch = /^data\(([^)]+)\)/.exec(path)?.[1];
    return branch === undefined ? undefined : topic.branches.find(({ name }) => name === shortName(branch))?.event;
  });
  if (misreadings.length === 0) return [];
  const events = named.filter((event) => event !== undefined);
  return events.length === 0 ? [...all] : [...new Set(events)];
};

const shown = ({ version, misreading }: { readonly version: number; readonly misreading: Misreading }): string =>
  `events of version ${version}: ${text(misreading)}`;

const text = ({ path, message }: Misreading): string => (path === "" ? message : `${path} ${message}`);

const reasonOf = (answered: Judgement["answered"]): string => (answered.accepts ? "" : answered.reason);

const withoutStop = (reason: string): string => reason.replace(/[.\s]+$/, "");
