import { createRequire } from "node:module";
import type { CST, Document, ParsedNode, Scalar } from "yaml";
import type { DiagnosticCode, Parameters } from "../diagnostics/catalogue.js";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.js";
import { diagnostic } from "../diagnostics/diagnostic.js";
import { suggest } from "../diagnostics/entry.js";
import type { JsonValue } from "../model/type.js";
import { setOwn } from "./set-own.js";

/** How many levels of lists and maps a file may have. */
const depthLimit = 200;
/** How many values the aliases of one file may stand for. */
const aliasLimit = 100_000;

/** The library takes longer to load than most models to be built, and few models need it: nor do their schemas. */
const yaml = (): typeof import("yaml") => createRequire(import.meta.url)("yaml");

/**
 * Reads one file of a model as YAML 1.2, with all that the parser complains about, each at its offset. The value is
 * absent when there are errors. It shares the objects that aliases repeat, which are at most 100,000 values.
 */
export const parseYaml = (
  file: string,
  text: string,
): { readonly value?: JsonValue; readonly diagnostics: readonly Diagnostic[] } => {
  const report = reporter(file);
  const { Composer, Parser } = yaml();
  const tokens = [...new Parser().parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== undefined) {
    report.add("nested-too-deep", { limit: depthLimit }, [deep, deep + 1]);
    return { diagnostics: report.diagnostics };
  }
  for (const token of tokens) if (token.type === "directive") checkDirective(token, report);

  const composer = new Composer(composerOptions);
  const documents = [...composer.compose(tokens, true, text.length)];
  for (const document of documents) reportProblems(document, tokens, text, report);
  const [first, second] = documents;
  if (second !== undefined) {
    const start = second.contents?.range?.[0] ?? second.range[0];
    report.add("several-documents", {}, [start, start + 1]);
  }
  const value = first?.contents ? convert(first.contents, report) : null;
  return report.failed() ? { diagnostics: report.diagnostics } : { value, diagnostics: report.diagnostics };
};

const composerOptions = {
  version: "1.2",
  schema: "core",
  // Checked while converting, which takes linear time.
  uniqueKeys: false,
  // `1:`, `true:` and `null:` are keys as they stand.
  stringKeys: true,
  merge: false,
  resolveKnownTags: false,
  prettyErrors: false,
  logLevel: "silent",
} as const;

type Range = readonly [start: number, end: number];

interface Reporter {
  readonly diagnostics: Diagnostic[];
  place(range: Range): Place;
  add<C extends DiagnosticCode>(
    code: C,
    parameters: Parameters<C>,
    range: Range,
    related?: Diagnostic["related"],
  ): void;
  failed(): boolean;
}

const reporter = (file: string): Reporter => {
  const diagnostics: Diagnostic[] = [];
  const place = (range: Range): Place => ({ file, path: [], range });
  return {
    diagnostics,
    place,
    add: (code, parameters, range, related = []) => {
      diagnostics.push(diagnostic(code, parameters, place(range), { related }));
    },
    failed: () => diagnostics.some((one) => one.severity === "error"),
  };
};

/** The offset of the first value that is nested too deep. The parser builds tokens in a loop; all that follows recurs. */
const tooDeep = (tokens: readonly CST.Token[]): number | undefined => {
  for (const { token, depth } of walk(tokens)) if (depth > depthLimit) return token.offset;
  return undefined;
};

/** The text in quotes that goes on up to the offset, where the parser misses its end. */
const openQuote = (tokens: readonly CST.Token[], offset: number): CST.Token | undefined => {
  for (const { token } of walk(tokens)) {
    const quoted = token.type === "double-quoted-scalar" || token.type === "single-quoted-scalar";
    if (quoted && token.offset + token.source.length === offset) return token;
  }
  return undefined;
};

/** All tokens below those given, without recursion. */
function* walk(tokens: readonly CST.Token[]): Generator<{ readonly token: CST.Token; readonly depth: number }> {
  const open: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    const { token, depth } = next;
    if (token.type === "document") {
      if (token.value !== undefined) open.push({ token: token.value, depth });
    } else if ("items" in token) {
      for (const item of token.items) {
        if (item.key) open.push({ token: item.key, depth: depth + 1 });
        if (item.value) open.push({ token: item.value, depth: depth + 1 });
      }
    }
  }
}

const checkDirective = (token: CST.Directive, report: Reporter): void => {
  if (/^%YAML\s+1\.2(\s|$)/.test(token.source)) return;
  report.add("yaml-directive", { directive: token.source.trim() }, [token.offset, token.offset + token.source.length]);
};

/**
 * What the parser says of the document; one thing a line, since a mistake makes it stumble several times, and only the
 * first of what comes after the place where it gave up.
 */
const reportProblems = (
  document: Document.Parsed,
  tokens: readonly CST.Token[],
  text: string,
  report: Reporter,
): void => {
  const seen = new Set<number>();
  let lost = false;
  const problems = [
    ...document.errors.map((problem) => ({ problem, code: "yaml-syntax" as const })),
    ...document.warnings.map((problem) => ({ problem, code: "yaml-warning" as const })),
  ].sort((a, b) => a.problem.pos[0] - b.problem.pos[0]);
  for (const { problem, code } of problems) {
    // Reported from its token already.
    if (problem.code === "BAD_DIRECTIVE") continue;
    const quote = problem.message.startsWith("Missing closing") ? openQuote(tokens, problem.pos[0]) : undefined;
    const [start, end] = quote === undefined ? problem.pos : [quote.offset, problem.pos[0]];
    if (problem.code === "NON_STRING_KEY") report.add("yaml-key", {}, [start, end]);
    else if (problem.code === "TAG_RESOLVE_FAILED")
      report.add("yaml-tag", { tag: text.slice(start, end) }, [start, end]);
    else {
      const line = text.lastIndexOf("\n", start - 1);
      const outside = problem.code === "UNEXPECTED_TOKEN" && problem.message.includes(" in YAML stream");
      if (seen.has(line) || (outside && lost)) continue;
      seen.add(line);
      lost ||= outside;
      report.add(code, { problem: inPlainWords(problem.code, problem.message, text, start) }, [start, end]);
    }
  }
};

/** The parser's messages that users of YAML meet most, in words that say what to do. */
const inPlainWords = (code: string, message: string, text: string, start: number): string => {
  switch (code) {
    case "BLOCK_AS_IMPLICIT_KEY":
      return message.startsWith("Nested mappings") ? nestedInLine(text, start) : sentence(message);
    case "BAD_INDENT":
      return message.startsWith("All mapping items") || message.startsWith("All sequence items")
        ? "This line is not indented like its neighbours."
        : /^Flow (map|sequence) in block/.test(message)
          ? `The end of a list or map in brackets, "${message.at(-1)}", is missing, or is not indented enough.`
          : `The indentation is wrong: ${message.charAt(0).toLowerCase()}${message.slice(1)}.`;
    case "TAB_AS_INDENT":
      return "A tab cannot be used for indentation; use spaces.";
    case "MISSING_CHAR":
      return message.startsWith("Missing closing") ? "This text in quotes has no end." : sentence(message);
    case "MULTILINE_IMPLICIT_KEY":
      return "A key has to stand on one line with its colon. Is there a colon missing, or the end of a quoted text?";
    case "RESOURCE_EXHAUSTION":
      return "This is nested too deep to be read.";
    case "UNEXPECTED_TOKEN":
      if (message.includes(" in YAML stream")) return "This does not belong to what is above: check its indentation.";
      return /^Unexpected flow-(seq|map)-(start|end)/.test(message)
        ? 'This bracket or brace is not expected here. Inside { } and [ ], a text with one in it needs quotes, such as "LineItem[]".'
        : sentence(message);
    default:
      return sentence(message);
  }
};

/** Two keys in a line, or a line that has a value and lines below it that are indented as if they were its value. */
const nestedInLine = (text: string, start: number): string => {
  const newline = text.indexOf("\n", start);
  const rest = text.slice(start, newline < 0 ? text.length : newline);
  return /:(\s|$)/.test(rest)
    ? 'There are two keys in this line. A text with a colon and a space in it (": ") needs quotes.'
    : "This line has a value already, and the next one is indented as if it were the value.";
};

const sentence = (message: string): string => (/[.?!]$/.test(message) ? message : `${message}.`);

interface Conversion {
  readonly library: typeof import("yaml");
  readonly report: Reporter;
  readonly anchors: Map<string, Anchor>;
  /** Values made so far, with those that aliases repeat. */
  values: number;
  repeated: number;
}
/** `value` is absent while what is anchored is being read. */
interface Anchor {
  value?: JsonValue;
  size: number;
}

const convert = (root: ParsedNode, report: Reporter): JsonValue =>
  convertNode(root, { library: yaml(), report, anchors: new Map(), values: 0, repeated: 0 });

const convertNode = (node: ParsedNode | null, conversion: Conversion): JsonValue => {
  if (node === null) return null;
  const { isAlias, isMap, isScalar, isSeq } = conversion.library;
  if (isAlias(node)) return convertAlias(node, conversion);
  const anchor: Anchor = { size: 0 };
  const before = conversion.values;
  if (node.anchor) conversion.anchors.set(node.anchor, anchor);
  conversion.values++;
  const value = isScalar(node)
    ? convertScalar(node, conversion)
    : isSeq<ParsedNode>(node)
      ? node.items.map((item) => convertNode(item, conversion))
      : isMap<ParsedNode, ParsedNode | null>(node)
        ? convertMap(node.items, conversion)
        : null;
  anchor.value = value;
  anchor.size = conversion.values - before;
  return value;
};

const convertAlias = (
  node: { readonly source: string; readonly range?: readonly number[] | null },
  conversion: Conversion,
): JsonValue => {
  const range = rangeOf(node);
  const anchor = conversion.anchors.get(node.source);
  if (anchor?.value === undefined) {
    const problem = anchor === undefined ? "unknown" : "circular";
    const suggestion = anchor === undefined ? suggest(node.source, conversion.anchors.keys()) : undefined;
    conversion.report.add("yaml-alias", { alias: node.source, problem, suggestion }, range);
    return null;
  }
  const within = conversion.repeated <= aliasLimit;
  conversion.repeated += anchor.size;
  conversion.values += anchor.size;
  if (conversion.repeated <= aliasLimit) return anchor.value;
  if (within) conversion.report.add("too-many-aliases", { limit: aliasLimit }, range);
  return null;
};

const convertScalar = (node: Scalar.Parsed, conversion: Conversion): JsonValue => {
  const { value } = node;
  if (typeof value === "number") {
    if (!isExact(node.source, value))
      conversion.report.add("inexact-number", { number: node.source, finite: Number.isFinite(value) }, rangeOf(node));
    return value;
  }
  if (typeof value === "string" || typeof value === "boolean") return value;
  return null;
};

const convertMap = (
  items: readonly { readonly key: ParsedNode; readonly value: ParsedNode | null }[],
  conversion: Conversion,
): JsonValue => {
  const map: Record<string, JsonValue> = {};
  const seen = new Map<string, Range>();
  for (const { key, value } of items) {
    // Other keys have been reported by the parser.
    const name = conversion.library.isScalar(key) && typeof key.value === "string" ? key.value : undefined;
    const converted = convertNode(value, conversion);
    if (name === undefined) continue;
    const range = rangeOf(key);
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, range);
      setOwn(map, name, converted);
    } else {
      const related = [{ message: "It is here first.", place: conversion.report.place(first) }];
      conversion.report.add("duplicate-key", { key: name }, range, related);
    }
  }
  return map;
};

/** Whether the number is what its text says, digit by digit. */
const isExact = (source: string, value: number): boolean => {
  if (!Number.isFinite(value)) return false;
  if (Number.isInteger(value) && !/[.eE]/.test(source)) return Number.isSafeInteger(value);
  return significant(source) === significant(String(value));
};

const significant = (number: string): string =>
  number
    .replace(/e.*$/i, "")
    .replace(/[^0-9]/g, "")
    .replace(/^0+/, "")
    .replace(/0+$/, "");

const rangeOf = (node: { readonly range?: readonly number[] | null }): Range => [
  node.range?.[0] ?? 0,
  node.range?.[1] ?? 0,
];
