import { visible } from "../diagnostics/visible.js";
import type { JsonValue } from "../model/type.js";
import type { Applied, Done } from "../pulsar/apply.js";
import type { Consents } from "../pulsar/consents.js";
import type { Foreign } from "../pulsar/foreign.js";
import { obstacle, type Plan } from "../pulsar/plan.js";
import type { Provisioning } from "./provisioning.js";
import { paint } from "./report.js";

/** A plan as text for people, line by line. */
export const planText = (
  plan: Plan,
  { consents, desired, drafts, ...where }: Provisioning,
  colours: boolean,
): string => {
  const lines = plan.changes.map((change) => changeLine(change, consents, colours));
  const notes = plan.equal.flatMap(({ kind, name, note }) =>
    note === undefined ? [] : [`  ${title(kind, name)}: ${note}`],
  );
  const foreign = plan.foreign.map(foreignLine);
  return [
    paint("bold", heading({ consents, desired, drafts, ...where }), colours),
    ...lines,
    ...(drafts.length === 0 ? [] : ["", "Drafts, and not provisioned here:", ...drafts.map((name) => `  ${name}`)]),
    ...(notes.length === 0 ? [] : ["", "Worth knowing:", ...notes]),
    ...(foreign.length === 0 ? [] : ["", "Not the model's, and left alone:", ...foreign]),
    "",
    summary(plan, consents),
    "",
  ].join("\n");
};

const heading = ({ desired, admin, environment }: Provisioning): string =>
  `${environment === undefined ? "" : `${environment.name}: `}${desired.namespace.name} on ${visible(admin.url)}`;

const changeLine = (
  { kind, name, difference }: Plan["changes"][number],
  consents: Consents,
  colours: boolean,
): string => {
  const { action, note } = difference;
  const problem = obstacle(difference, consents);
  const [sign, colour] = problem === undefined ? signs[action] : (["!", "red"] as const);
  const line = `${sign} ${title(kind, name)}${values(difference)}`;
  const more = [note, problem].filter((one) => one !== undefined).map((one) => `\n    ${one}`);
  return `${paint(colour, line, colours)}${more.join("")}`;
};

const signs = { create: ["+", "green"], change: ["~", "yellow"], remove: ["-", "red"] } as const;

const values = ({ action, from, to }: Plan["changes"][number]["difference"]): string => {
  switch (action) {
    case "create":
      return to === undefined ? "" : `: ${shown(to)}`;
    case "change":
      return `: ${from === undefined ? "not set" : shown(from)} → ${shown(to ?? null)}`;
    case "remove":
      return from === undefined ? "" : `: ${shown(from)}`;
  }
};

/** What something is called in a sentence. */
const title = (kind: string, name: string): string => {
  const its = visible(name);
  switch (kind) {
    case "schema":
      return `schema of ${its}`;
    case "owner":
      return `owner of ${its}`;
    default:
      return `${kind} ${its}`;
  }
};

const shown = (value: JsonValue): string => {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((one) => shown(one)).join(", ");
  if (typeof value !== "object" || value === null) return visible(String(value));
  return Object.entries(value)
    .map(([key, one]) => `${visible(key)} ${Array.isArray(one) ? `[${shown(one)}]` : shown(one as JsonValue)}`)
    .join(", ");
};

const foreignLine = ({ kind, name, value, owner, consent }: Foreign): string => {
  const its = value === undefined ? "" : `: ${shown(value)}`;
  const whose = owner === undefined ? "" : `, marked as of ${visible(owner)}`;
  return `  ${title(kind, name)}${its}${whose}${consent === undefined ? "" : `  (to remove it: --allow ${visible(consent)})`}`;
};

const summary = ({ changes, equal }: Plan, consents: Consents): string => {
  if (changes.length === 0) return `Nothing to do: all ${equal.length} are as they should be.`;
  const count = (action: string): number => changes.filter((one) => one.difference.action === action).length;
  const stuck = changes.filter((one) => obstacle(one.difference, consents) !== undefined).length;
  const parts = [
    [count("create"), "to create"],
    [count("change"), "to change"],
    [count("remove"), "to remove"],
    [equal.length, "as they should be"],
    [stuck, "in the way of all of it (!)"],
  ] as const;
  return `${parts
    .filter(([number]) => number > 0)
    .map(([number, what]) => `${number} ${what}`)
    .join(", ")}.`;
};

/** What apply has done, as it does it. */
export const doneLine = ({ kind, name, difference, by }: Done): string => {
  const past = { create: "created", change: "changed", remove: "removed" }[difference.action];
  return by === "us"
    ? `${past} ${title(kind, name)}${values(difference)}\n`
    : `${title(kind, name)}: somebody else has done it meanwhile\n`;
};

/** Why apply stopped. */
export const stopText = ({ at, stop, done }: Applied & { readonly kind: "stopped" }): string =>
  `evgen: ${title(at.kind, at.name)}: ${stop.why}\n${done.length} done, and they stay; run evgen apply again to go on from there.\n`;

/** The machine format of `evgen plan --json` and `evgen apply --json`. */
export const planJson = (
  plan: Plan,
  { file, environment, desired, admin, drafts, consents, findings }: Provisioning,
  applied?: Applied,
) => ({
  format: "evgen-plan",
  version: 1,
  model: file.prefix + file.entry,
  ...(environment === undefined ? {} : { environment: environment.name }),
  adminUrl: admin.url,
  namespace: desired.namespace.name,
  changes: plan.changes.map(({ kind, name, difference }) => {
    const problem = obstacle(difference, consents);
    const { action, from, to, note, consent } = difference;
    return {
      ...{ action, kind, name },
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(note === undefined ? {} : { note }),
      ...(consent === undefined ? {} : { consent: consent.name }),
      ...(problem === undefined ? {} : { problem }),
    };
  }),
  unchanged: plan.equal,
  foreign: plan.foreign,
  drafts,
  diagnostics: findings.items,
  ...(applied === undefined ? {} : { applied: appliedJson(applied) }),
});

const appliedJson = (applied: Applied) => ({
  outcome: applied.kind,
  done: applied.done.map(({ kind, name, difference, by }) => ({ action: difference.action, kind, name, by })),
  ...(applied.kind === "stopped" ? { stopped: { ...applied.at, why: applied.stop.why } } : {}),
});
