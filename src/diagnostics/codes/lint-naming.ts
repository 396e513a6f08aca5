import { rule } from "../entry.js";

/** Names and words: what people understand of a log years later. */
export const lintNamingCodes = {
  "event-past-tense": rule(
    "naming",
    "warning",
    (p: { readonly event: string }) => `The event ${p.event} is not named in the past tense.`,
    `An event says what has happened, and cannot be refused any more: OrderPlaced, PaymentSent. PlaceOrder is what somebody
wants, and OrderPlacement a thing; readers of either do not know whether it has come to pass. A name that holds a past
participle anywhere is let through. The name is on the wire: rename the event before it is released.

Where events are named in another language than English, set the rule to \`off\` under \`lint:\`.`,
  ),
  "event-crud": rule(
    "naming",
    "warning",
    (p: { readonly event: string; readonly aggregate: string }) =>
      `The event ${p.event} says that ${p.aggregate} changed, but not what happened.`,
    `OrderUpdated is what a table does when nobody asks why. Each reader then has to compare the data with what was before, to
find out whether an address was corrected or an order was upgraded. Name what happened, one event for each reason:
AddressCorrected, OrderUpgraded.`,
  ),
  "event-version-name": rule(
    "naming",
    "warning",
    (p: { readonly event: string }) => `The name of the event ${p.event} holds a version.`,
    `OrderPlacedV2 as an event of its own is a stranger to OrderPlaced: nothing reads the stored ones of the one as the other.
Write it as version 2 of OrderPlaced, with an \`upcast:\`.`,
  ),
  "aggregate-event-name": rule(
    "naming",
    "warning",
    (p: { readonly aggregate: string }) => `The aggregate ${p.aggregate} is named like an event.`,
    `An aggregate is what events are about, for its whole life: Order, not OrderPlaced. One for each event gives each a stream of
its own, and the order between them is lost.`,
  ),
  "command-event-name": rule(
    "naming",
    "warning",
    (p: { readonly command: string }) => `The command ${p.command} is named like an event.`,
    "A command is what somebody asks for, and may be refused: PlaceOrder. What is named in the past tense reads as a fact.",
  ),
  "aggregate-description": rule(
    "documentation",
    "info",
    (p: { readonly aggregate: string }) => `The aggregate ${p.aggregate} has no description.`,
    `One sentence says what it is and where its life begins and ends. It becomes the documentation of the generated code and of
the catalogue.`,
  ),
  "event-description": rule(
    "documentation",
    "info",
    (p: { readonly event: string }) => `The event ${p.event} has no description.`,
    `Whoever reads the log in five years has the name, the data and this sentence: when exactly it happens, and what it does not
mean. It becomes the documentation of the generated code.`,
  ),
  "field-description": rule(
    "documentation",
    "off",
    (p: { readonly field: string }) => `The field ${p.field} has no description.`,
    `For teams that describe every field. It looks at the current versions of events and at the named types that they use. It is
off by default, since a name such as \`currency\` often says enough.`,
  ),
  "reader-description": rule(
    "documentation",
    "info",
    (p: { readonly reader: string }) => `${p.reader} has no description.`,
    "One sentence says whom its rows, or what it does, are for: what the one on call needs to know when it lags.",
  ),
  "deprecated-reason": rule(
    "documentation",
    "warning",
    (p: { readonly what: string }) => `${p.what} is deprecated without a reason.`,
    `\`deprecated: true\` tells people to stop and not where to go. Write the reason and what to use instead:
\`deprecated: use BasketConfirmed, which has the channel\`. It is shown by editors where the generated code is used.`,
  ),
};
