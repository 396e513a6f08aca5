import { frame } from "../../diagnostics/frame.js";
import type { Paint } from "../../diagnostics/paint.js";
import { painted, placeText, plain } from "../../diagnostics/paint.js";
import { visible } from "../../diagnostics/visible.js";
import type { Detail } from "./details.js";
import { detailsOf, withPlace } from "./details.js";
import type { Located, Spot } from "./located.js";
import { countFindings, isSuppressed, locateFindings } from "./located.js";
import type { FindingReport } from "./print-findings.js";

/**
 * Findings as diagnostics look, for people, with counts at the end; empty when there are none. What was suppressed in the
 * model is only counted: whoever wrote the reason there need not read it at each run.
 */
export const textOf = ({ results }: FindingReport, colour: boolean): string => {
  const paint = colour ? painted : plain;
  const located = results.flatMap((one) => locateFindings(one, one.model.prefix));
  if (located.length === 0) return "";
  const blocks = located.filter((one) => !isSuppressed(one)).map((one) => `${block(one, paint).join("\n")}\n\n`);
  return `${blocks.join("")}${summary(located)}\n`;
};

const block = (one: Located, paint: Paint): readonly string[] => {
  const level = one.accepted === undefined ? one.level : "accepted";
  const head = [
    paint("place", placeText(one.at.file, one.at.location)),
    paint(level, level),
    paint("code", one.rule),
    paint("message", visible(one.message)),
  ];
  return [head.join("  "), ...frameOf(one.at, paint), ...detailsOf(one).flatMap((detail) => shown(detail, paint))];
};

const shown = ({ label, text, at }: Detail, paint: Paint): readonly string[] => [
  `${paint("label", `${label}:`)} ${withPlace(text, at)}`,
  ...(at === undefined ? [] : frameOf(at, paint)),
];

const frameOf = ({ location, text }: Spot, paint: Paint): readonly string[] =>
  location === undefined ? [] : frame(text, location, paint);

/** "1 error, 2 warnings, 1 accepted" */
const summary = (located: readonly Located[]): string => {
  const { error, warning, info, accepted } = countFindings(located);
  const suppressed = located.filter(isSuppressed).length;
  const counts: readonly (readonly [number, string])[] = [
    [error, error === 1 ? "error" : "errors"],
    [warning, warning === 1 ? "warning" : "warnings"],
    [info, "info"],
    [accepted - suppressed, "accepted"],
    [suppressed, "suppressed"],
  ];
  return counts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(", ");
};
