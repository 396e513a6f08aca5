import { rule } from "../entry.js";

/** How events are emitted, kept and read. */
export const lintReadingCodes = {
  "event-unread": rule(
    "reading",
    "info",
    (p: { readonly event: string; readonly aggregate: string }) =>
      `No consumer and no projection does anything with ${p.event}, though others of ${p.aggregate} are read.`,
    `Either a reader forgot it, or it only matters to decisions of the aggregate itself; then a word in its description says so. It
is not looked at where no event of the aggregate is read in this model.`,
  ),
  "deprecated-emitted": rule(
    "reading",
    "warning",
    (p: { readonly event: string; readonly command: string }) =>
      `The command ${p.command} still emits ${p.event}, which is deprecated.`,
    `Stored ones are read for ever, but the command adds new ones each day. Let it emit what takes the event's place; once nothing
emits it, it can be \`retired: true\`.`,
  ),
  "command-untested": rule(
    "reading",
    "info",
    (p: { readonly command: string; readonly aggregate: string }) =>
      `No scenario of ${p.aggregate} shows what ${p.command} does.`,
    `A scenario is an example that is checked when the model is built: given these events, when this command, then these. It is
not looked at where an aggregate has no scenarios at all.`,
  ),
  "retention-ends": rule(
    "reading",
    "warning",
    () => "The broker deletes events after a while, so a projection cannot be built again from all of them.",
    `\`retention:\` has limits, and what every subscription has acknowledged is deleted beyond them. A log that is the source of truth
is kept \`forever\`. If the topic is for passing on only, say so in the reason.`,
  ),
  "projection-latest": rule(
    "reading",
    "warning",
    (p: { readonly projection: string }) => `The projection ${p.projection} begins with the latest event.`,
    `With \`position: latest\` what was stored before its first start never gets into its rows, and a rebuild gives another result than
the first run. Projections begin with the earliest.`,
  ),
  "newer-skipped": rule(
    "reading",
    "warning",
    (p: { readonly reader: string }) => `${p.reader} passes over events that are newer than its code.`,
    `With \`newer: skip\`, what a newer program wrote is lost to this reader as soon as it has been seen once: rows stay wrong until
they are rebuilt. \`park\` keeps such events aside until the code knows them, \`halt\` waits.`,
  ),
  "partitions-few": rule(
    "reading",
    "info",
    (p: { readonly topic: string; readonly partitions: number }) =>
      `The topic ${p.topic} has ${p.partitions === 0 ? "no partitions" : "one partition"}.`,
    `All its events pass one broker, and each subscription of type failover one consumer. More partitions later move keys to other
partitions, so that the order of an aggregate's events breaks once. A few to begin with cost nothing.`,
  ),
};
