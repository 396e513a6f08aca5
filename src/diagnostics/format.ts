import type { Diagnostic } from "./diagnostic.js";
import type { Severity } from "./entry.js";
import { frame } from "./frame.js";
import type { Location } from "./locate.js";
import { locator } from "./locate.js";
import type { Paint } from "./paint.js";
import { painted, placeText, plain } from "./paint.js";
import { visible } from "./visible.js";

/** The text of a file that diagnostics are about, or undefined when there is none. */
export type ReadText = (file: string) => string | undefined;

/**
 * Diagnostics as text for people: sorted by file, place and code, each once, with the line that it is about, and the
 * counts at the end. It ends with a line break, and is empty when there are none. Nothing that a model holds can reach
 * a terminal as a control character.
 */
export const format = (diagnostics: readonly Diagnostic[], read: ReadText, colour = false): string => {
  if (diagnostics.length === 0) return "";
  const paint = colour ? painted : plain;
  const located = arrange(diagnostics, read);
  const blocks = located.map((one) => block(one, paint).join("\n"));
  return `${blocks.join("\n\n")}\n\n${summary(located.map((one) => one.diagnostic))}\n`;
};

/** A diagnostic as other programs read it. Lines and columns count from 1; they are absent when the file has no text. */
export interface JsonDiagnostic extends JsonPlace {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly related: readonly ({ readonly message: string } & JsonPlace)[];
  readonly help?: string;
}

export interface JsonPlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** Diagnostics as plain objects, in the same order as `format` has them. */
export const toJson = (diagnostics: readonly Diagnostic[], read: ReadText): readonly JsonDiagnostic[] =>
  arrange(diagnostics, read).map(({ diagnostic, location, related }) => ({
    code: diagnostic.code,
    severity: diagnostic.severity,
    message: diagnostic.message,
    ...jsonPlace(diagnostic.place.file, location),
    related: related.map((one) => ({ message: one.message, ...jsonPlace(one.file, one.location) })),
    ...(diagnostic.help === undefined ? {} : { help: diagnostic.help }),
  }));

/** "3 errors, 1 warning" */
export const summary = (diagnostics: readonly Diagnostic[]): string => {
  const errors = diagnostics.filter((one) => one.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const counts = [counted(errors, "error"), counted(warnings, "warning")].filter((text) => text !== undefined);
  return counts.length === 0 ? "no errors" : counts.join(", ");
};

const counted = (count: number, word: string): string | undefined =>
  count === 0 ? undefined : `${count} ${word}${count === 1 ? "" : "s"}`;

interface Located {
  readonly diagnostic: Diagnostic;
  readonly location: Location | undefined;
  readonly text: string;
  readonly related: readonly {
    readonly message: string;
    readonly file: string;
    readonly location: Location | undefined;
    readonly text: string;
  }[];
}

const arrange = (diagnostics: readonly Diagnostic[], read: ReadText): readonly Located[] => {
  const texts = new Map<string, string | undefined>();
  const readOnce = (file: string): string | undefined => {
    if (!texts.has(file)) texts.set(file, read(file));
    return texts.get(file);
  };
  const locationOf = locator(readOnce);
  const seen = new Set<string>();
  return diagnostics
    .map((diagnostic) => ({
      diagnostic,
      location: locationOf(diagnostic.place),
      text: readOnce(diagnostic.place.file) ?? "",
      related: diagnostic.related.map(({ message, place }) => ({
        message,
        file: place.file,
        location: locationOf(place),
        text: readOnce(place.file) ?? "",
      })),
    }))
    .filter((one) => {
      const key = JSON.stringify([
        one.diagnostic.place.file,
        one.location?.start.offset,
        one.location?.end.offset,
        one.diagnostic.code,
        one.diagnostic.message,
      ]);
      return !seen.has(key) && seen.add(key);
    })
    .sort(inOrder);
};

const inOrder = (a: Located, b: Located): number =>
  byCodeUnit(a.diagnostic.place.file, b.diagnostic.place.file) ||
  (a.location?.start.offset ?? 0) - (b.location?.start.offset ?? 0) ||
  byCodeUnit(a.diagnostic.code, b.diagnostic.code) ||
  byCodeUnit(a.diagnostic.message, b.diagnostic.message);

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A place as other programs read it. */
export const jsonPlace = (file: string, location: Location | undefined): JsonPlace =>
  location === undefined
    ? { file }
    : {
        file,
        line: location.start.line,
        column: location.start.column,
        endLine: location.end.line,
        endColumn: location.end.column,
      };

const block = ({ diagnostic, location, text, related }: Located, paint: Paint): readonly string[] => [
  [
    paint("place", placeText(diagnostic.place.file, location)),
    paint(diagnostic.severity, diagnostic.severity),
    paint("code", diagnostic.code),
    paint("message", visible(diagnostic.message)),
  ].join("  "),
  ...(location === undefined ? [] : frame(text, location, paint)),
  ...related.flatMap((one) => [
    `${paint("label", "related:")} ${paint("place", placeText(one.file, one.location))}  ${visible(one.message)}`,
    ...(one.location === undefined ? [] : frame(one.text, one.location, paint)),
  ]),
  ...(diagnostic.help ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => `${paint("label", "help:")} ${visible(line)}`),
  `${paint("label", "help:")} evgen explain ${diagnostic.code}`,
];
