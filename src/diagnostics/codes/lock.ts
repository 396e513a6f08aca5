import { entry } from "../entry.js";

/** Of evgen.lock: what is wrong with the file itself. */
export const lockCodes = {
  "lock-unreadable": entry(
    "error",
    (p: { readonly reason: string }) => `evgen.lock cannot be read: ${p.reason}.`,
    `\`evgen.lock\` beside the model's first file says what has been released, and so in which order the versions of events
are numbered on the wire. Without it the generated code could read one event as another, so nothing is done until it can
be read.`,
  ),
  "lock-newer": entry(
    "error",
    (p: { readonly found: string; readonly known: number }) =>
      `evgen.lock was written by a newer evgen: its format is ${p.found}, and this one knows ${p.known}.`,
    `A lock of a newer format may say things that this evgen would pass over. Install the version of evgen that wrote it:
everybody who works on one model should use the one that \`package-lock.json\` names.`,
  ),
  "lock-conflict": entry(
    "error",
    () => "A merge left evgen.lock with marks of a conflict.",
    `Two branches released something whose lines stand beside each other. Merge the model, and let \`evgen release\` take the
lines of both sides:

    evgen release

That is not possible where both released events of one aggregate or topic: they gave the same position to different
versions. What was released first keeps its place. So take the lock of the branch that is deployed, or that was merged
first, and release again:

    git checkout --ours evgen.lock      # or --theirs; the deployed one
    evgen release

The versions of the other branch are then added at the end. Generated code follows with \`evgen build\`.`,
  ),
  "lock-line-ends": entry(
    "error",
    () => "evgen.lock has the line ends of Windows, so no line of it is what evgen wrote.",
    `Git was told to change line ends (\`core.autocrlf\`). Add to \`.gitattributes\`, as \`evgen init\` does,

    evgen.lock text eol=lf

and get the file back: \`git rm --cached -q evgen.lock && git reset -q --hard -- evgen.lock\`, or simply
\`rm evgen.lock && git checkout HEAD -- evgen.lock\`.`,
  ),
  "lock-cut": entry(
    "error",
    () => "evgen.lock is cut off: it does not end with the line `end`.",
    `The file lost its end, in a full disk, a copy that was broken off or an editor. Take it as it was committed:
\`git checkout HEAD -- evgen.lock\`. Then \`evgen release\` adds what was released since, if anything was.`,
  ),
  "lock-edited": entry(
    "error",
    (p: { readonly what: string }) => `This line of evgen.lock is not as evgen wrote it: ${p.what}.`,
    `Every line carries a hash of itself. This one says something else than what its hash stands for, so somebody or
something changed it. The lock is not the place for a change: a released version stays as it was, and a new version takes
its place. Take the file as it was committed: \`git checkout HEAD -- evgen.lock\`.`,
  ),
  "lock-twice": entry(
    "error",
    (p: { readonly what: string; readonly same: boolean }) =>
      p.same
        ? `evgen.lock says ${p.what} twice.`
        : `evgen.lock says two things of ${p.what}; a merge took the lines of both sides.`,
    `Each thing stands once in a lock. A merge that takes both sides' lines can leave some twice: \`evgen release\` puts that
right, as long as they say the same. Of two branches that released something for one topic, each gave the next position
to its own version, and a merge that takes both sides' lines leaves two claims of one position. What was released first
keeps its place: take the lock of the branch that is deployed, or that was merged first, and let \`evgen release\` add the
rest:

    git checkout <that branch> -- evgen.lock
    evgen release`,
  ),
  "lock-unknown": entry(
    "error",
    (p: { readonly problem: string }) => `This line of evgen.lock is not understood: ${p.problem}.`,
    `A lock holds nothing but the lines that \`evgen release\` writes, each of a known kind and with a hash at its end. Take
the file as it was committed: \`git checkout HEAD -- evgen.lock\`.`,
  ),
  "lock-order": entry(
    "error",
    (p: { readonly before: string }) => `This line of evgen.lock stands after ${p.before}, and belongs before it.`,
    `The lines of a lock are sorted, so that merges stay small. Lines were moved, by hand or by a merge that took those of both
sides. \`evgen release\` sorts them.`,
  ),
  "lock-missing": entry(
    "error",
    (p: { readonly what: string }) => `Lines are missing in evgen.lock: ${p.what}.`,
    `The lines of a lock belong together: each released version has its place on the wire, each aggregate a line that sums
up its others. Some are gone, by hand or in a merge. Take the file as it was committed: \`git checkout HEAD -- evgen.lock\`.
To take back a release that never reached a broker, undo the commit that made it.`,
  ),
  "released-missing": entry(
    "error",
    (p: { readonly event: string; readonly version: number }) =>
      `Version ${p.version} of ${p.event} was released, and the model no longer has it.`,
    `Stored events of a released version stay in the log, and its place on the wire stays taken: without it, code that is
generated now would read later versions as others. So a released version stays in the model. An event that nobody emits
any more is \`retired: true\`, and says under \`becomes\` what a stored one is read as; empty for nothing.

If the release never reached a broker, undo the commit that changed \`evgen.lock\`.`,
  ),
};
