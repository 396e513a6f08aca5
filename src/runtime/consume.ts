import type { Consumer, ConsumerSettings } from "./consumer.js";
import type {
  AggregateDefinition,
  ConsumerDefinition,
  Event,
  Functions,
  HandlerContext,
  SubscriptionDefinition,
} from "./definitions.js";
import { startEngine } from "./engine.js";
import type { ConsumerClient } from "./transport.js";

/** `by:` functions where the model asks for some: then they must be given. */
export type WithFunctions<Functions> = keyof Functions extends never
  ? { readonly functions?: undefined }
  : { readonly functions: Functions };

/** A model that asks for no functions. */
export type NoFunctions = { readonly [name in never]: never };

/** What a consumer of the model is started with: its subscription is in the model. */
export type DefinedConsumerOptions<H, F = NoFunctions> = ConsumerSettings & WithFunctions<F> & { readonly handlers: H };

/** What a consumer on a subscription of your own is started with. */
export type ConsumerOptions<H, F = NoFunctions> = DefinedConsumerOptions<H, F> & {
  /** Its name. */
  readonly subscription: string;
  /** Default: key_shared. */
  readonly type?: SubscriptionDefinition["type"];
  /** Where a subscription starts that does not exist yet. Default: earliest. */
  readonly position?: SubscriptionDefinition["position"];
  /** What happens to an event that this code is too old to know. Default: park. */
  readonly newer?: SubscriptionDefinition["newer"];
  /** Default: the topic's name, the subscription's, and `dlq`. */
  readonly deadLetterTopic?: string;
  /** Default: 5 attempts, 1 s to 1 min apart. */
  readonly retry?: SubscriptionDefinition["retry"];
};

type AnyHandlers = {
  readonly [type: string]: (event: never, context: HandlerContext) => Promise<void> | void;
};

type AnyOptions = ConsumerSettings & { readonly handlers: AnyHandlers; readonly functions?: object | undefined };

/** Starts a consumer that the model defines. Events that it does not handle are acknowledged. */
export const createDefinedConsumer = (
  client: ConsumerClient,
  definition: ConsumerDefinition,
  options: AnyOptions,
): Promise<Consumer> =>
  start(client, definition.name, definition.aggregates, new Set(definition.events), definition.subscription, options);

/** Starts a consumer of all events of the aggregates, on a subscription of your own. */
export const createConsumer = (
  client: ConsumerClient,
  aggregates: readonly AggregateDefinition[],
  options: AnyOptions & Omit<ConsumerOptions<AnyHandlers>, keyof AnyOptions>,
): Promise<Consumer> => {
  const { subscription: name, type = "key_shared", position = "earliest", newer = "park" } = options;
  const { retry = { attempts: 5, minBackoff: 1000, maxBackoff: 60_000 } } = options;
  const deadLetterTopic = options.deadLetterTopic ?? `${aggregates[0]?.topic.url}-${name}-dlq`;
  const wanted = new Set(Object.keys(options.handlers));
  return start(client, name, aggregates, wanted, { name, type, position, newer, deadLetterTopic, retry }, options);
};

const start = (
  client: ConsumerClient,
  name: string,
  aggregates: readonly AggregateDefinition[],
  wanted: ReadonlySet<string>,
  subscription: SubscriptionDefinition,
  { handlers, functions, ...settings }: AnyOptions,
): Promise<Consumer> => {
  const byType = new Map(Object.entries(handlers));
  return startEngine(client, {
    name,
    aggregates,
    subscription,
    functions: functions as Functions | undefined,
    settings,
    wants: (type) => wanted.has(type) && byType.has(type),
    handle(parts: readonly Event[], _header, context) {
      const [only] = parts;
      if (only === undefined || parts.length > 1) return inTurn(byType, parts, context);
      // One that is done at once need not be waited for, and what it returns says nothing.
      const handling: unknown = byType.get(only.type)?.(only as never, context);
      return isPromise(handling) ? Promise.resolve(handling).then(nothing) : undefined;
    },
  });
};

const inTurn = async (
  handlers: ReadonlyMap<string, AnyHandlers[string]>,
  parts: readonly Event[],
  context: HandlerContext,
): Promise<undefined> => {
  for (const event of parts) await handlers.get(event.type)?.(event as never, context);
};

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

const nothing = (): undefined => undefined;
