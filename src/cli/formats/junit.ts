import { visible } from "../../diagnostics/visible.js";
import { repositoryPrefix } from "../repository.js";
import { fullText } from "./details.js";
import type { Located } from "./located.js";
import { locateFindings } from "./located.js";
import type { FindingReport, ModelFindings } from "./print-findings.js";

/**
 * Findings as a JUnit report: a suite for each model, a case for each finding. Errors are failures, what was accepted is
 * skipped, warnings and information are cases that pass and say so. A model without findings is one case that passes.
 */
export const junitOf = ({ command, results }: FindingReport): string => {
  const suites = results.map((one) => suite(one));
  const tests = suites.reduce((sum, one) => sum + one.tests, 0);
  const failures = suites.reduce((sum, one) => sum + one.failures, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="evgen ${command}" tests="${tests}" failures="${failures}" errors="0">`,
    ...suites.flatMap(({ lines }) => lines),
    "</testsuites>",
    "",
  ].join("\n");
};

const suite = (result: ModelFindings) => {
  const prefix = repositoryPrefix(result.model);
  const name = `${prefix}${result.model.entry}`;
  const located = locateFindings(result, prefix);
  const names = new Map<string, number>();
  const cases = located.flatMap((one) => testCase(one, distinct(titleOf(one), names)));
  if (located.length === 0) cases.push(`    <testcase name="no findings" classname=${attribute(name)}/>`);
  const tests = Math.max(1, located.length);
  const failures = located.filter(isFailure).length;
  const skipped = located.filter((one) => one.accepted !== undefined).length;
  const counts = `tests="${tests}" failures="${failures}" errors="0" skipped="${skipped}"`;
  return { tests, failures, lines: [`  <testsuite name=${attribute(name)} ${counts}>`, ...cases, "  </testsuite>"] };
};

const isFailure = ({ level, accepted }: Located): boolean => level === "error" && accepted === undefined;

/** Of ids alone, so that a case has the same name at each run. */
const titleOf = ({ rule, subject }: Located): string => [`${rule}:`, ...subject].join(" ");

const distinct = (name: string, names: Map<string, number>): string => {
  const count = (names.get(name) ?? 0) + 1;
  names.set(name, count);
  return count === 1 ? name : `${name} (${count})`;
};

const testCase = (one: Located, name: string): readonly string[] => {
  const { file, location } = one.at;
  const line = location === undefined ? "" : ` line="${location.start.line}"`;
  const place = location === undefined ? file : `${file}:${location.start.line}:${location.start.column}`;
  const text = `${visible(place)}  ${fullText(one)}`;
  const body =
    one.accepted !== undefined
      ? `<skipped message=${attribute(one.accepted)}/>`
      : one.level === "error"
        ? `<failure type=${attribute(one.rule)} message=${attribute(one.message)}>${content(text)}</failure>`
        : `<system-out>${content(`${one.level}: ${text}`)}</system-out>`;
  return [
    `    <testcase name=${attribute(name)} classname=${attribute(file)} file=${attribute(file)}${line}>`,
    `      ${body}`,
    "    </testcase>",
  ];
};

/** With its quotes. What XML cannot hold at all is shown as \uXXXX. */
const attribute = (text: string): string => `"${content(visible(text)).replaceAll('"', "&quot;")}"`;

const content = (text: string): string =>
  text
    .replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
