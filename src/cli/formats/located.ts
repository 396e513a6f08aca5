import { posix } from "node:path";
import type { ReadText } from "../../diagnostics/format.js";
import type { Location } from "../../diagnostics/locate.js";
import { locator } from "../../diagnostics/locate.js";
import type { Finding } from "../../evolution/finding.js";
import { byCodeUnit } from "../by-code-unit.js";
import type { ModelFindings } from "./print-findings.js";

/** A finding with the lines and columns of its places. */
export interface Located extends Omit<Finding, "base" | "related" | "place" | "fix"> {
  readonly at: Spot;
  readonly base?: { readonly name: string; readonly at?: Spot };
  readonly related: readonly { readonly message: string; readonly at: Spot }[];
  readonly fix?: { readonly at: Spot; readonly text: string };
}

export interface Spot {
  /** Below the prefix that was asked for. */
  readonly file: string;
  /** Absent when the file has no text. */
  readonly location: Location | undefined;
  /** Of the file, for a frame. */
  readonly text: string;
}

/** The findings of a model in order of file, place, rule and message, each once. `prefix` goes before file names. */
export const locateFindings = (
  { findings, read, readBase = () => undefined, baseFolder = "" }: ModelFindings,
  prefix: string,
): readonly Located[] => {
  const spot = spots(read, prefix);
  const baseSpot = spots(readBase, baseFolder === "" ? prefix : posix.join(prefix, baseFolder).replace(/^\.\/$/, ""));
  const seen = new Set<string>();
  return findings
    .map(({ place, base, related, fix, ...rest }) => ({
      ...rest,
      at: spot(place),
      ...(base === undefined
        ? {}
        : { base: { name: base.name, ...(base.place === undefined ? {} : { at: baseSpot(base.place) }) } }),
      related: related.map((one) => ({ message: one.message, at: spot(one.place) })),
      ...(fix === undefined ? {} : { fix: { at: spot(fix.place), text: fix.text } }),
    }))
    .filter((one) => {
      const { start, end } = one.at.location ?? {};
      const key = JSON.stringify([one.rule, one.fingerprint, one.message, one.at.file, start?.offset, end?.offset]);
      return !seen.has(key) && seen.add(key);
    })
    .sort(inOrder);
};

/** How many findings there are of each level; those that were accepted are counted apart. */
export const countFindings = (
  findings: readonly Pick<Finding, "level" | "accepted">[],
): { readonly [K in Finding["level"] | "accepted"]: number } => {
  const counts = { error: 0, warning: 0, info: 0, accepted: 0 };
  for (const { level, accepted } of findings) counts[accepted === undefined ? level : "accepted"]++;
  return counts;
};

/** Whether the model itself says, at the place, that it shall be so. */
export const isSuppressed = (one: Pick<Located, "accepted" | "verdict">): boolean =>
  one.accepted !== undefined && one.verdict === undefined;

const spots = (read: ReadText, prefix: string) => {
  const texts = new Map<string, string | undefined>();
  const readOnce = (file: string): string | undefined => {
    if (!texts.has(file)) texts.set(file, read(file));
    return texts.get(file);
  };
  const locationOf = locator(readOnce);
  return (place: Finding["place"]): Spot => ({
    file: prefix + place.file,
    location: locationOf(place),
    text: readOnce(place.file) ?? "",
  });
};

const inOrder = (a: Located, b: Located): number =>
  byCodeUnit(a.at.file, b.at.file) ||
  (a.at.location?.start.offset ?? 0) - (b.at.location?.start.offset ?? 0) ||
  byCodeUnit(a.rule, b.rule) ||
  byCodeUnit(a.message, b.message) ||
  byCodeUnit(a.fingerprint, b.fingerprint);
