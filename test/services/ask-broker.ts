import { type Answered, statusSign, strategies, type Trial } from "../evolution/broker/answers.js";
import type { Broker } from "./broker.js";

/**
 * Asks a real broker, for each trial on a topic of its own, whether it holds a schema compatible, and then to register it.
 * The topics are in a namespace per strategy of `tenant`, which must not be there yet.
 */
export const askBroker = async (
  broker: Broker,
  tenant: string,
  trials: readonly Trial[],
): Promise<readonly Answered[]> => {
  await broker.rest("PUT", `tenants/${tenant}`, { adminRoles: [], allowedClusters: ["standalone"] });
  const space = (strategy: string): string => `${tenant}/${strategy.toLowerCase().replaceAll("_", "-")}`;
  for (const strategy of strategies) {
    await broker.rest("PUT", `namespaces/${space(strategy)}`);
    await setStrategy(broker, space(strategy), "ALWAYS_COMPATIBLE");
  }
  const topics = trials.map(({ strategy }, at) => ({ topic: `${space(strategy)}/t${at}`, trial: trials[at] as Trial }));
  const held = await inTurns(topics, ({ topic, trial }) => hold(broker, topic, trial));
  for (const strategy of strategies) await setStrategy(broker, space(strategy), strategy);
  return inTurns(topics, async ({ topic, trial }, at) => {
    const before = held[at] ?? "";
    const payload = payloadOf(trial, trial.next);
    const asked = await ask(broker, topic, payload);
    return { held: before, asked, registered: await register(broker, topic, payload, versions(before)) };
  });
};

interface Payload {
  readonly type: string;
  readonly schema: string;
  readonly properties: object;
}

const payloadOf = ({ type }: Trial, schema: string): Payload => ({ type, schema, properties: {} });

const hold = async (broker: Broker, topic: string, trial: Trial): Promise<string> => {
  let signs = "";
  for (const one of trial.held) signs += await register(broker, topic, payloadOf(trial, one), versions(signs));
  return signs;
};

/** How many versions there are after registrations with these signs. */
const versions = (signs: string): number => [...signs].filter((sign) => sign === "+").length;

const ask = async (broker: Broker, topic: string, payload: Payload): Promise<string> => {
  const { status, text } = await post(broker, `${topic}/compatibility`, payload);
  if (status === 202) return "+";
  if (status === 500) return "-";
  throw new Error(`${topic}/compatibility: ${status} ${text}`);
};

const register = async (broker: Broker, topic: string, payload: Payload, before: number): Promise<string> => {
  const { status, text } = await post(broker, `${topic}/schema`, payload);
  if (status !== 200) return statusSign(status);
  const { version } = JSON.parse(text) as { readonly version: { readonly version: number } };
  return version.version < before ? "=" : "+";
};

const post = async (
  broker: Broker,
  path: string,
  payload: Payload,
): Promise<{ readonly status: number; readonly text: string }> => {
  const response = await fetch(`${broker.adminUrl}/admin/v2/schemas/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(payload),
  });
  return { status: response.status, text: await response.text() };
};

/** Sets it, and waits until the broker goes by it: a schema that is the latest is compatible under all of them. */
const setStrategy = async (broker: Broker, space: string, strategy: string): Promise<void> => {
  const payload = { type: "AVRO", schema: '{"type":"record","name":"Probe","fields":[]}', properties: {} };
  await post(broker, `${space}/probe/schema`, payload);
  await broker.rest("PUT", `namespaces/${space}/schemaCompatibilityStrategy`, strategy);
  const expected = strategy === "UNDEFINED" ? "FULL" : strategy;
  for (;;) {
    const { text } = await post(broker, `${space}/probe/compatibility`, payload);
    if (text.includes(`"${expected}"`)) return;
  }
};

/** A few at a time: more gain nothing, and the broker's requests time out. */
const inTurns = async <T, R>(all: readonly T[], work: (one: T, at: number) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < all.length; at = next++) results[at] = await work(all[at] as T, at);
  };
  await Promise.all(Array.from({ length: 12 }, worker));
  return results;
};
