import { change } from "../entry.js";

type VersionChange = {
  readonly event: string;
  readonly version: number;
  /** What is other than it was: "total, max 1000000 became 5000". */
  readonly what: string;
};

type TypeChange = {
  readonly type: string;
  readonly what: string;
  /** Versions that use it. */
  readonly users: readonly string[];
};

const head = ({ event, version, what }: VersionChange): string =>
  `Version ${version} of ${event} was released and has changed: ${what}.`;

const shared = ({ type, what, users }: TypeChange): string =>
  `${type} is part of released versions (${listed(users)}) and has changed: ${what}.`;

const listed = (names: readonly string[]): string =>
  names.length <= 4 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;

const never = `A version of an event that was released never changes: events of it are in the log, and programs that know
it as it was are running. Put it back as it was, and write the change as a next version with an \`upcast\`.`;

/** Of changes of versions and of the types that they share. */
export const versionChanges = {
  "version-tightened": change(
    "breaking",
    (p: VersionChange) => `${head(p)} Stored events are no longer valid.`,
    "version-loosened",
    `${never}

The change allows less than before. An event that is in the log, such as the one shown, does not pass the validation of the
new code: it is parked instead of read.`,
  ),
  "version-loosened": change(
    "breaking",
    (p: VersionChange) => `${head(p)} Programs that are running refuse what may be written now.`,
    "version-tightened",
    `${never}

The change allows more than before, so what is stored stays valid. But consumers and projections that were deployed with the
old definition park the new events, and cannot tell that these are of another kind: the version is the same.`,
  ),
  "version-rewritten": change(
    "breaking",
    (p: VersionChange) => `${head(p)} What is stored is read as something else.`,
    "version-rewritten",
    `${never}

The change is one of the form on the wire. In Avro, fields follow one another without names, and members of enums and
unions are numbers: what was written by the old definition is read by the new one as other fields, or not at all. In JSON a
field that was renamed or removed is lost.`,
  ),
  "version-restated": change(
    "safe",
    (p: VersionChange) => `Version ${p.version} of ${p.event} is written differently and means the same: ${p.what}.`,
    "version-restated",
    `The order of fields and of enum values, and the names of records, are no part of JSON: with \`encoding: json\` what is
stored is read as it was. In Avro, a record without fields takes no room, so that nobody can tell where it stands. In both
encodings, a bound that every value keeps anyway says nothing. \`evgen release\` takes the new form into the lock.`,
  ),
  "type-tightened": change(
    "breaking",
    (p: TypeChange) => `${shared(p)} Stored events are no longer valid.`,
    "type-loosened",
    `A named type is frozen with the first release of an event that uses it, as if it were written out in each. Put it back
as it was, and give the new one another name: the next versions of the events use that, with an \`upcast\`.

The change allows less than before: an event that is in the log, such as the one shown, does not pass validation any more.`,
  ),
  "type-loosened": change(
    "breaking",
    (p: TypeChange) => `${shared(p)} Programs that are running refuse what may be written now.`,
    "type-tightened",
    `A named type is frozen with the first release of an event that uses it, as if it were written out in each. Put it back
as it was, and give the new one another name: the next versions of the events use that, with an \`upcast\`.

The change allows more than before: what is stored stays valid, but programs that are deployed park the new events.`,
  ),
  "type-rewritten": change(
    "breaking",
    (p: TypeChange) => `${shared(p)} What is stored is read as something else.`,
    "type-rewritten",
    `A named type is frozen with the first release of an event that uses it, as if it were written out in each. Put it back
as it was, and give the new one another name: the next versions of the events use that, with an \`upcast\`.

The change is one of the form on the wire: what was written by the old definition is read by the new one as something else.`,
  ),
  "type-restated": change(
    "safe",
    (p: TypeChange) => `${p.type} is written differently and means the same: ${p.what}.`,
    "type-restated",
    `The order of fields and of enum values, and the names of records, are no part of JSON: with \`encoding: json\` what is
stored is read as it was. In both encodings, a bound that every value keeps anyway says nothing. \`evgen release\` takes
the new form into the lock.`,
  ),
  "version-removed": change(
    "breaking",
    (p: { readonly event: string; readonly version: number }) =>
      `Version ${p.version} of ${p.event} was released, and is gone.`,
    "version-added",
    `Events of the version are in the log and cannot be read without it; its position on the wire stays taken, or later
versions would be read as others. A version that was released stays in the model, with the \`upcast\` to the next one.

A version that never reached a broker can be taken back: accept the finding, and let \`evgen release\` forget it. That works
for the last versions of a topic only, since the others have positions after it.`,
  ),
  "version-added": change(
    "covered",
    (p: { readonly event: string; readonly version: number }) =>
      `${p.event} has a version ${p.version}, which stored events of version ${p.version - 1} are read as.`,
    "version-removed",
    `The change is carried by the upcaster, which is proved to turn every valid event of the version below into a valid one of
the new version. Deploy consumers before producers: a consumer that does not know the version yet parks its events.`,
  ),
  "version-unproved": change(
    "unknown",
    (p: { readonly event: string; readonly version: number; readonly functions: readonly string[] }) =>
      `Version ${p.version} of ${p.event} is built by functions that evgen cannot look into: ${p.functions.join(", ")}.`,
    { none: "A function that is no longer called is a change of the upcaster, upcast-changed." },
    `A mapping of the model is proved; of a function that \`by:\` names, only running it can tell whether it turns every stored
event into a valid one, and into the same one each time. \`evgen verify --record\` runs it on events of every version and, when
all is well, notes that in evgen.lock. This is then said no more, until the mapping or one of its two versions changes. What
the function itself does may change as well, so let CI run \`evgen verify\`, which reads the samples of the lock again.`,
  ),
  "upcast-changed": change(
    "breaking",
    (p: { readonly event: string; readonly version: number; readonly shown: boolean }) =>
      `How version ${p.version - 1} of ${p.event} is read as version ${p.version} has changed${p.shown ? "" : ", though its samples are read as before"}.`,
    "upcast-changed",
    `The upcaster of a released version is part of what the log means. Projections were built with it, and consumers acted on
it: with another one, the same stored event says something else from now on, and a rebuild gives other rows. Put the mapping
back. What should be said differently is a next version, or a new event that corrects.

It is the meaning that counts. How it is written is free: \`$a\` and \`{ from: $a }\`, or a field that is copied by name, are
the same.`,
  ),
  "reading-changed": change(
    "breaking",
    (p: { readonly version: string; readonly sample: string }) =>
      `A stored ${p.version} is read as something else than when it was released (its ${p.sample} sample), though the mappings are the same.`,
    { none: "It has no direction: what a stored event means has changed." },
    `The lock holds samples of every released version with what they are read as. This one is read differently now although
nothing in the model says so, which leaves evgen itself: a conversion behaves differently than in the version that released
it. Please report it, and stay with the older version of evgen.`,
  ),
};
