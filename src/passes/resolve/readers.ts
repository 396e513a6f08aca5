import type { Place } from "../../diagnostics/diagnostic.js";
import { under } from "../../diagnostics/diagnostic.js";
import type { Aggregate, PulsarSettings, Retry, Subscription, SubscriptionType } from "../../model/model.js";
import type { Context } from "./context.js";
import type { Drafts } from "./drafts.js";
import type { SourceReader } from "./source.js";
import { topicUrl } from "./topics.js";
import { milliseconds } from "./units.js";

/** The aggregates that a consumer or a projection is `from`; none when all of them are unknown. */
export const resolveFrom = (
  source: SourceReader,
  place: Place,
  drafts: Drafts,
  context: Context,
): readonly Aggregate[] => {
  const list = typeof source.from === "string" ? [source.from] : source.from;
  const aggregates = new Set<Aggregate>();
  for (const [index, name] of list.entries()) {
    const at = typeof source.from === "string" ? under(place, "from") : under(place, "from", index);
    const aggregate = drafts.aggregates.get(name)?.aggregate;
    if (aggregate === undefined) {
      const suggestion = context.suggest(name, drafts.aggregates.keys());
      context.report("unknown-name", { what: "aggregate", name, where: "", suggestion }, at);
    } else if (aggregates.has(aggregate)) {
      context.report("duplicate-entry", { what: "aggregate", name }, at);
    } else {
      aggregates.add(aggregate);
    }
  }
  return [...aggregates];
};

/** The subscription of a consumer or a projection, with its dead-letter topic. */
export const resolveSubscription = (
  name: string,
  source: SourceReader,
  type: SubscriptionType,
  aggregates: readonly Aggregate[],
  pulsar: PulsarSettings,
): Subscription => {
  const topics = [...new Set(aggregates.map((one) => one.topic))];
  const deadLetter = `${topics[0]?.name ?? ""}-${name}-dlq`;
  return {
    name,
    type,
    topics,
    position: source.position ?? "earliest",
    newer: source.newer ?? "park",
    deadLetter: { name: deadLetter, url: topicUrl(pulsar, deadLetter), subscription: "evgen-dlq" },
  };
};

/** How often and when an event is tried again: by default five times, after one second and up to a minute. */
export const resolveRetry = (source: SourceReader["retry"], place: Place, context: Context): Retry => {
  const { attempts = 5, backoff = "1s..1m" } = source ?? {};
  const [first = "", last = first] = backoff.split("..");
  const [minBackoff, maxBackoff] = [milliseconds(first), milliseconds(last)];
  const problem = backoffProblem(minBackoff, maxBackoff);
  if (problem === undefined) return { attempts, minBackoff: minBackoff ?? 0, maxBackoff: maxBackoff ?? 0 };
  context.report("setting-value", { setting: "backoff", value: backoff, problem }, under(place, "backoff"));
  return { attempts, minBackoff: 1000, maxBackoff: 60_000 };
};

const backoffProblem = (least: number | undefined, most: number | undefined): string | undefined => {
  if (least === undefined || most === undefined) return "is no range of times such as 1s..1m";
  if (least === 0) return "starts with no wait at all";
  if (least > most) return "starts with a longer wait than it ends with";
  return most > longestBackoff ? "is more than a day" : undefined;
};

const longestBackoff = 86_400_000;
