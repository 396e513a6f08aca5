import { placeText } from "../../diagnostics/paint.js";
import { visible } from "../../diagnostics/visible.js";
import type { Located, Spot } from "./located.js";

/** What is said of a finding below its message, line by line; it holds no control characters. */
export interface Detail {
  readonly label:
    | "verdict"
    | "base"
    | "reads"
    | "affects"
    | "example"
    | "related"
    | "accepted"
    | "fingerprint"
    | "help";
  readonly text: string;
  /** Whose line belongs below it. */
  readonly at?: Spot;
}

export const detailsOf = (one: Located): readonly Detail[] => [
  ...said("verdict", one.verdict),
  ...baseDetail(one.base),
  ...said("reads", one.chain),
  ...said("affects", affected(one.affected)),
  ...(one.example === undefined
    ? []
    : said("example", `${one.example.version} ${one.example.data} → ${one.example.result}`)),
  ...one.related.map(({ message, at }): Detail => ({ label: "related", text: visible(message), at })),
  ...said("accepted", one.accepted),
  ...said("fingerprint", isAcceptable(one) ? one.fingerprint : undefined),
  ...(one.help ?? "").split("\n").flatMap((line) => said("help", line)),
  ...said("help", `evgen explain ${one.rule}`),
];

/** Only what check finds about a change is accepted by its fingerprint; what verify reads otherwise is recorded. */
const isAcceptable = ({ verdict, rule }: Located): boolean => verdict !== undefined && rule !== "read-changed";

const said = (label: Detail["label"], text: string | undefined): readonly Detail[] =>
  text === undefined || text === "" ? [] : [{ label, text: visible(text) }];

const baseDetail = (base: Located["base"]): readonly Detail[] =>
  base === undefined
    ? []
    : [{ label: "base", text: visible(base.name), ...(base.at === undefined ? {} : { at: base.at }) }];

const affected = ({ projections, consumers }: Located["affected"]): string =>
  [list("projection", projections), list("consumer", consumers)].filter((text) => text !== "").join(", ");

const list = (word: string, names: readonly string[]): string =>
  names.length === 0 ? "" : `${word}${names.length === 1 ? "" : "s"} ${names.join(", ")}`;

/** The message and all details, in lines without frames, for where there is no room for them. */
export const fullText = (one: Located): string =>
  [visible(one.message), ...detailsOf(one).map(({ label, text, at }) => `${label}: ${withPlace(text, at)}`)].join("\n");

/** The name of a base, or a message, with its place. */
export const withPlace = (text: string, at: Spot | undefined): string => {
  if (at === undefined) return text;
  const place = placeText(at.file, at.location);
  // The lock is named like its file.
  return place.startsWith(`${text}:`) || place === text || place.includes(`/${text}:`) ? place : `${place}  ${text}`;
};
