import { projectionHash } from "../evolution/projection-hash.js";
import type { Projection } from "../model/model.js";
import { projectionSubscription, snakeCase } from "../model/names.js";
import type { Lag } from "../pulsar/lag.js";
import { type StoredTarget, targetOf } from "../runtime/store.js";

/** A projection of the model, and the copies of its rows that are in the store. */
export interface ProjectionCopies {
  readonly name: string;
  readonly store: Projection["store"];
  /** Of the model. */
  readonly version: number;
  readonly table: string;
  /** What the rows of the model's version are called. */
  readonly target: string;
  readonly copies: readonly Copy[];
}

export interface Copy {
  readonly target: string;
  readonly live: boolean;
  /** Whether it was begun by a projection that made the same rows of events. */
  readonly current: boolean;
  /** That it is built by. */
  readonly subscription: string;
  /** Undefined where the subscription is not there. */
  readonly lag?: Lag;
}

export const copiesOf = (
  projection: Projection,
  targets: readonly StoredTarget[],
  lagOf: (subscription: string) => Lag | undefined,
): ProjectionCopies => {
  const { name, store, version } = projection;
  const table = snakeCase(name);
  const fingerprint = projectionHash(projection);
  return {
    ...{ name, store, version, table, target: targetOf({ table, version }) },
    copies: targets.map(({ target, live, fingerprint: begun }) => {
      const subscription = projectionSubscription(name, versionOf(target));
      const lag = lagOf(subscription);
      return {
        ...{ target, live, current: begun === fingerprint, subscription },
        ...(lag === undefined ? {} : { lag }),
      };
    }),
  };
};

/** order_summary_v2 is version 2. */
export const versionOf = (target: string): number => Number(/_v(\d+)$/.exec(target)?.[1] ?? 1);

/** What is to be done next about a projection, if anything. */
export const nextStep = ({ name, version, target, copies }: ProjectionCopies): string | undefined => {
  const [own, live] = [copies.find((one) => one.target === target), copies.find((one) => one.live)];
  if (own === undefined) {
    const begin = `evgen apply makes its subscription, and the new code begins ${target}.`;
    return live === undefined ? begin : `Version ${version} is not begun: ${begin}`;
  }
  if (!own.current)
    return `It has changed since ${target} was begun: give it \`version: ${version + 1}\` in the model, so that its rows are built anew.`;
  if (!own.live) {
    if (own.lag === undefined) return `Its subscription ${own.subscription} is gone: evgen apply makes it again.`;
    return own.lag.behind === 0
      ? `It has caught up: evgen projections promote ${name}`
      : `It is being built: evgen projections rebuild ${name} shows how far it is.`;
  }
  const others = copies.filter((one) => one !== own).map((one) => one.target);
  const [first] = others;
  return first === undefined
    ? undefined
    : `${others.join(", ")} can be gone back to; when nobody has to: evgen projections drop ${name} ${first}`;
};

/** Why a copy cannot be made the live one now; undefined when it can. */
export const whyNotLive = (copy: Copy, lagging: boolean): string | undefined => {
  const { target, subscription, lag } = copy;
  if (lagging) return undefined;
  if (lag === undefined)
    return `Whether ${target} holds every event cannot be known: its subscription ${subscription} is not there. To make it live all the same: --lagging`;
  if (lag.behind === 0) return undefined;
  const reading = lag.consumers === 0 ? "nobody reads it now" : "it is being read";
  return `${target} lacks events: ${subscription} is ${lag.behind} behind, and ${reading}. Wait, or make it live all the same: --lagging`;
};
