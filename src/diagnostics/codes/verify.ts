import { entry } from "../entry.js";

export interface Found {
  /** OrderPlaced version 1 → 2 */
  readonly step: string;
  /** A sentence without its end. */
  readonly reason: string;
}

const said = ({ step, reason }: Found): string => `${step}: ${reason}.`;

const again = `The finding shows the smallest event that \`evgen verify\` has found, and the command that tries it again.`;

/** Of stored events that were tried: `evgen verify`. */
export const verifyCodes = {
  "function-missing": entry(
    "error",
    said,
    `A mapping names a function with \`by:\`, and \`evgen verify\` has none of this name to run. Functions are the exports of a
module, each under its own name or in an object: \`export const orderFunctions: OrderFunctions = { readPayment: … }\`. The
module is named in the model, \`verify: { functions: src/upcasters.ts }\`, or with \`--functions\`.`,
  ),
  "function-throws": entry(
    "error",
    said,
    `A function of \`by:\` has to give a value for every event that may be stored: one for which it throws can never be read
again, by no consumer and no projection, and is parked by all of them. ${again}`,
  ),
  "function-endless": entry(
    "error",
    said,
    `A function of \`by:\` was stopped, since it had not come to an end for ten seconds. Whoever reads such an event stands
still. The finding shows the data that it was given.`,
  ),
  "function-invalid": entry(
    "error",
    said,
    `What a function of \`by:\` returns has to be valid in the version that it makes, with all constraints of the model. A
reader validates it, and parks the event when it is not. ${again}`,
  ),
  "function-async": entry(
    "error",
    said,
    `Events are upcast where they are read, without waiting, so that every reader sees the same order. A function of \`by:\`
that needs something from elsewhere cannot get it while it reads: let a consumer fetch it and emit an event of its own.`,
  ),
  "function-impure": entry(
    "error",
    said,
    `A log is read many times: by each consumer, and again at every rebuild. A function of \`by:\` that looks at the clock or at
chance, remembers something between two calls, depends on the time zone of the machine or changes what it is given makes
of one event something else each time, and two projections of one log that differ. The event's header has its \`time\`. ${again}`,
  ),
  "read-broken": entry(
    "error",
    said,
    `An event that is valid in a stored version is written, and is then not read as it should be, although no function of yours
has to do with it. The mappings of the model are proved and the encodings are tested, so this is a bug in evgen: please
report it with the model and the event that is shown.`,
  ),
  "read-changed": entry(
    "error",
    (p: { readonly version: string; readonly kind: string; readonly file: string }) =>
      `The ${p.kind} sample of ${p.version} in ${p.file} is read as something else than when it was released.`,
    `\`evgen release\` keeps a few events of every version in the lock, with what they were read as: golden samples. Whoever
reads the log again gets something else now, and what was made of it before, a row or an e-mail, does not fit any more. If
that is what you want, rebuild the projections that are named and release again: \`evgen verify --record\` notes what
functions of yours make of the samples.`,
  ),
  "read-untried": entry(
    "warning",
    (p: { readonly version: string; readonly reason: string }) => `No event of ${p.version} was tried: ${p.reason}.`,
    `\`evgen verify\` makes events from the types of the model. There are patterns for which it finds no text: those with back
references, or of which a lookaround decides. Give the field an \`example:\`, which is then used.`,
  ),
};
