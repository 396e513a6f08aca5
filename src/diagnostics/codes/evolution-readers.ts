import { change } from "../entry.js";

/** Of changes of consumers and projections, and of accepting findings. */
export const readerChanges = {
  "consumer-added": change(
    "safe",
    (p: { readonly consumer: string }) => `${p.consumer} is a new consumer.`,
    "consumer-removed",
    "It gets a subscription of its own, and begins where its `position:` says: by default with the first event that is stored.",
  ),
  "consumer-removed": change(
    "breaking",
    (p: { readonly consumer: string; readonly subscription: string }) =>
      `The consumer ${p.consumer} is gone; its subscription ${p.subscription} stays on the broker.`,
    "consumer-added",
    `Nobody reads what it did any more. The subscription is not deleted by itself, and keeps its backlog on the broker. When the
consumer is really to go, delete the subscription, and accept the finding.`,
  ),
  "subscription-renamed": change(
    "breaking",
    (p: { readonly consumer: string; readonly from: string; readonly to: string }) =>
      `The subscription of ${p.consumer} was ${p.from}, and now is ${p.to}: it begins anew.`,
    "subscription-renamed",
    `A subscription is where the broker keeps what a consumer has read. Under a new name it begins at its \`position:\`, by
default with the first event that is stored: everything is handled once more, with its effects. Its name comes from that of the
consumer. Keep the name; or create the new subscription at the position of the old one, and accept the change once.`,
  ),
  "consumer-event-removed": change(
    "breaking",
    (p: { readonly consumer: string; readonly event: string }) => `${p.consumer} no longer gets ${p.event}.`,
    "consumer-event-added",
    `Events that were handled pass it by from now on, also those that wait in its subscription. When that is meant, accept the
finding.`,
  ),
  "consumer-event-added": change(
    "safe",
    (p: { readonly consumer: string; readonly event: string }) => `${p.consumer} also gets ${p.event}, from now on.`,
    "consumer-event-removed",
    `Earlier ones have passed it by, and are not delivered again. To handle them, too, reset the subscription: then all other
events come once more as well.`,
  ),
  "projection-added": change(
    "safe",
    (p: { readonly projection: string }) => `${p.projection} is a new projection.`,
    "projection-removed",
    "It is built from the first event that is stored, or from where its `position:` says. Nothing that is there depends on it.",
  ),
  "projection-removed": change(
    "safe",
    (p: { readonly projection: string }) =>
      `The projection ${p.projection} is gone; its rows and its subscription stay.`,
    "projection-added",
    `Rows follow from the log and can be made again, so nothing is lost. Remove the table and the subscription, which keeps its
backlog on the broker, once no program reads the rows any more.`,
    "warning",
  ),
  "projection-changed": change(
    "rebuild",
    (p: { readonly projection: string }) => `${p.projection} is made differently than its rows were: rebuild it.`,
    "projection-changed",
    `Its key, its fields, what an event does to it, or the version that it reads an event as has changed. Rows that are there were
made by the old rules and stay as they are, while new events go by the new ones. A rebuild makes all of them from the log.`,
  ),
  "acceptance-unused": change(
    "none",
    (p: { readonly finding: string }) => `There is no finding ${p.finding} any more, so nothing is accepted here.`,
    { none: "It is about the model alone." },
    `\`accept:\` of the model lists findings of \`evgen check\` that somebody has decided to live with, each by its fingerprint.
This one is not found: the change was taken back, it was released, or it is compared with another base. Remove the entry; it
would not match any other change.`,
  ),
};
