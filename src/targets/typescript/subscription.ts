import type { Retry, Subscription } from "../../model/model.js";
import { expanded, type Printable } from "../../render/layout.js";

/** A subscription as the runtime wants it. */
export const subscriptionDefinition = (subscription: Subscription, retry: Retry): Printable =>
  expanded({
    name: subscription.name,
    type: subscription.type,
    position: subscription.position,
    newer: subscription.newer,
    deadLetterTopic: subscription.deadLetter.url,
    retry: { attempts: retry.attempts, minBackoff: retry.minBackoff, maxBackoff: retry.maxBackoff },
  });
