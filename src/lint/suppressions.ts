import type { RuleCode } from "../diagnostics/catalogue.js";
import type { Place } from "../diagnostics/diagnostic.js";
import type { RuleLevel } from "../diagnostics/entry.js";
import type { JsonMap, LintDocument } from "./document.js";
import { mapOf } from "./document.js";
import type { Found, Reporter } from "./report.js";
import { isRule, reportUnknownRule } from "./settings.js";

/** `suppress: { rule: reason }` of an element, for it and all that is below it. */
interface Suppression {
  readonly rule: string;
  readonly reason: string;
  readonly element: Place;
  readonly path: readonly string[];
}

/** Accepts what somebody gave a reason for, and reports reasons for nothing. The nearest one around a finding counts. */
export const suppress = (
  documents: readonly LintDocument[],
  levels: ReadonlyMap<RuleCode, RuleLevel>,
  reporter: Reporter,
): void => {
  const byElement = new Map<string, Suppression>();
  for (const one of documents.flatMap(suppressionsIn)) byElement.set(keyOf(one.rule, one.element), one);
  if (byElement.size === 0) return;

  const used = new Set<Suppression>();
  for (const found of reporter.found) {
    const one = nearest(found, byElement);
    if (one === undefined) continue;
    used.add(one);
    reporter.accept(found, one.reason);
  }
  for (const one of byElement.values()) {
    const place = { file: one.element.file, path: one.path };
    if (!isRule(one.rule)) reportUnknownRule(one.rule, place, reporter.report);
    else if (!used.has(one) && levels.get(one.rule) !== "off")
      reporter.report(
        "lint-suppression-unused",
        { rule: one.rule },
        { place: { ...place, at: "key" }, subject: place.path },
      );
  }
};

const keyOf = (rule: string, { file, path }: Place): string => JSON.stringify([rule, file, ...path.map(String)]);

const nearest = ({ finding, places }: Found, byElement: ReadonlyMap<string, Suppression>): Suppression | undefined => {
  for (const place of places)
    for (let length = place.path.length; length > 0; length--) {
      const around = { file: place.file, path: place.path.slice(0, length) };
      const one = byElement.get(keyOf(finding.rule, around));
      if (one !== undefined) return one;
    }
  return undefined;
};

/** Walked as the language nests, since a field, an event or a value may be called `suppress`, too. */
const suppressionsIn = ({ file, value }: LintDocument): readonly Suppression[] => {
  const found: Suppression[] = [];
  const element = (source: JsonMap, path: readonly string[]): void => {
    for (const [rule, reason] of Object.entries(mapOf(source["suppress"])))
      found.push({ rule, reason: String(reason), element: { file, path }, path: [...path, "suppress", rule] });
  };
  const each = (
    source: JsonMap,
    key: string,
    path: readonly string[],
    visit: (one: JsonMap, path: readonly string[]) => void,
  ): void => {
    for (const [name, one] of Object.entries(mapOf(source[key]))) {
      // Of `String.raw` maps nothing is below a type expression.
      if (typeof one !== "object") continue;
      element(mapOf(one), [...path, key, name]);
      visit(mapOf(one), [...path, key, name]);
    }
  };
  const fields = (source: JsonMap, path: readonly string[]): void => each(source, "fields", path, fields);

  const root = mapOf(value);
  element(mapOf(root["pulsar"]), ["pulsar"]);
  each(root, "types", [], fields);
  each(root, "aggregates", [], (aggregate, path) => {
    each(aggregate, "key", path, fields);
    each(aggregate, "events", path, (event, at) => each(event, "versions", at, fields));
    each(aggregate, "commands", path, fields);
  });
  each(root, "projections", [], () => undefined);
  each(root, "consumers", [], () => undefined);
  return found;
};
