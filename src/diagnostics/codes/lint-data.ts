import { rule } from "../entry.js";

/** What is in events: types that last, people's data, sizes. */
export const lintDataCodes = {
  "pii-unmarked": rule(
    "privacy",
    "warning",
    (p: { readonly field: string }) =>
      `The field ${p.field} looks like personal data, and is not marked with \`pii: true\`.`,
    `What is in a log that is kept for ever cannot be taken out again, and somebody will ask which events hold personal data.
The mark is what documentation and tools go by. It is found by the name: email, phone, firstName, birthDate, iban, ipAddress
and the like, on texts, dates and records that have no marked field. In a JSON Schema of yours the mark is \`x-pii: true\`.

When it is not about a person, say so: \`suppress: { pii-unmarked: It is the address of a warehouse. }\``,
  ),
  "pii-key": rule(
    "privacy",
    "warning",
    (p: { readonly key: string; readonly aggregate: string }) =>
      `The key ${p.key} of ${p.aggregate} looks like personal data.`,
    `The key is in every message, in the names of streams and in logs, also where the payload is encrypted or erased. It
cannot change when the person gets another address. Use an id that says nothing, and keep the data in a marked field.`,
  ),
  "money-float": rule(
    "data",
    "warning",
    (p: { readonly field: string; readonly type: string }) =>
      `The field ${p.field} looks like an amount of money, and is a ${p.type}.`,
    `A \`double\` cannot hold 0.10: sums drift, and two readers of one log get different totals. \`decimal(12, 2)\` is exact, in
Avro, in JSON and in TypeScript. Found by names such as amount, price, total, fee, balance. A released version
stays as it is; the next one upcasts with \`{ from: $total, as: decimal }\`.`,
  ),
  "time-type": rule(
    "data",
    "warning",
    (p: { readonly field: string; readonly type: string; readonly better: string }) =>
      `The field ${p.field} looks like a time, and is a ${p.type}.`,
    `A text can hold any form of a date, and a number any unit; each reader guesses. \`timestamp\` and \`date\` have one form each,
are checked when they are written, and are Avro's own types on the wire. Found by names such as placedAt and dueDate, on
numbers and on texts without a pattern.`,
  ),
  "id-type": rule(
    "data",
    "warning",
    (p: { readonly field: string; readonly type: string; readonly aggregate: string; readonly key: string }) =>
      `The field ${p.field} is a ${p.type}, and the key of ${p.aggregate} that it is named like is a ${p.key}.`,
    `A reference that has another type than what it refers to holds values that lead nowhere, and joins that work for some rows.
Give both one type, best a named one: \`types: { OrderId: uuid }\`.`,
  ),
  "json-field": rule(
    "data",
    "warning",
    (p: { readonly field: string }) => `The field ${p.field} is \`json\`: nothing checks what is in it.`,
    `Its form is not in the model, so it changes without a version, no upcaster can be proved over it, and no check finds the
break. Write the fields, a \`map<string>\`, or a union of records. For what really is somebody else's document, say so under
\`suppress:\`.`,
  ),
  "event-repeats-key": rule(
    "data",
    "warning",
    (p: { readonly field: string; readonly aggregate: string }) =>
      `The field ${p.field} repeats the key of ${p.aggregate}, which every event has already.`,
    `The key is in the envelope, as \`aggregateId\`, and is the key of the message. A second one in the data can disagree with it,
and then each reader decides which of them it believes.`,
  ),
  "event-repeats-envelope": rule(
    "data",
    "warning",
    (p: { readonly field: string; readonly fact: string }) =>
      `The field ${p.field} repeats what the envelope says of every event: its ${p.fact}.`,
    `The envelope has id, type, version, time and sequence of each event; mappings reach them with \`{ envelope: time }\`. What is in
the data as well can disagree with it.`,
  ),
  "event-all-optional": rule(
    "data",
    "info",
    (p: { readonly event: string; readonly count: number }) => `All ${p.count} fields of ${p.event} are optional.`,
    `An event that may hold nothing says nothing for certain, and often is several events in one: split it by what happened,
each with the fields that are always there.`,
  ),
  "deprecated-required": rule(
    "data",
    "info",
    (p: { readonly field: string }) => `The field ${p.field} is deprecated, and every producer still has to fill it.`,
    `Write a next version in which it is optional or gone. Until then it cannot be stopped being used by those who produce
the event.`,
  ),
  "enum-large": rule(
    "data",
    "info",
    (p: { readonly field: string; readonly count: number }) => `The enum ${p.field} has ${p.count} values.`,
    `A list of more than 50 is mostly somebody else's: countries, currencies, carriers. Each new value of it is a new version of
every event that uses it. A text with a pattern or a named type, checked where commands are decided on, grows without.`,
  ),
  "event-wide": rule(
    "size",
    "warning",
    (p: { readonly event: string; readonly count: number }) => `${p.event} has ${p.count} fields.`,
    `An event of more than 40 fields tends to be a copy of the whole row, with all its reasons to change: each of them is a
version of the event. Events say what happened; readers keep the rest. Related fields make a record.`,
  ),
  "string-unbounded": rule(
    "size",
    "off",
    (p: { readonly field: string }) => `The text ${p.field} has no longest length.`,
    `A broker refuses messages beyond its limit, 5 MiB by default, at the worst moment. \`maxLength\`, a \`pattern\` or a named type with
one keeps a text small. Off by default; a platform team may want it: \`lint: { rules: { size: warning } }\`.`,
  ),
  "list-unbounded": rule(
    "size",
    "off",
    (p: { readonly field: string }) => `The list or map ${p.field} has no largest number of items.`,
    `It is lists that make a message too large for the broker, whose limit is 5 MiB by default. \`maxItems\` says how many there may be.
Off by default; a platform team may want it: \`lint: { rules: { size: warning } }\`.`,
  ),
};
