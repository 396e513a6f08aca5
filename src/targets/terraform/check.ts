import { type Diagnostic, diagnostic } from "../../diagnostics/diagnostic.js";
import type { Limit, Model, PulsarSettings } from "../../model/model.js";

/** Policies for which the provider has no attribute: everything else of the model is in the files. */
export const checkProvider = (model: Model): readonly Diagnostic[] => {
  const settings = model.environments.length === 0 ? [model.pulsar] : model.environments.map(({ pulsar }) => pulsar);
  const policies = [...new Set(settings.flatMap(missing))];
  const place = model.pulsar.place ?? model.environments[0]?.place;
  return place === undefined || policies.length === 0 ? [] : [diagnostic("terraform-lacks", { policies }, place)];
};

const missing = ({ publishRate, offload, limits }: PulsarSettings): readonly string[] => [
  ...(publishRate === undefined ? [] : ["publishRate"]),
  ...(offload?.seconds === undefined ? [] : ["offload.after"]),
  ...withoutAttribute.filter((limit) => limits[limit] !== undefined).map((limit) => `limits.${limit}`),
];

const withoutAttribute: readonly Limit[] = ["subscriptionsPerTopic", "unackedPerConsumer", "unackedPerSubscription"];
