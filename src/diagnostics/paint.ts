import type { Location } from "./locate.js";
import { visible } from "./visible.js";

/** What a part of a message is, and so which colour it has on a terminal. */
type Part = keyof typeof styles;
export type Paint = (part: Part, text: string) => string;

export const plain: Paint = (_, text) => text;

export const painted: Paint = (part, text) => `\u001b[${styles[part]}m${text}\u001b[0m`;

/** shop.yaml:31:15, or the file alone where it has no text. */
export const placeText = (file: string, location: Location | undefined): string =>
  location === undefined ? visible(file) : `${visible(file)}:${location.start.line}:${location.start.column}`;

const styles = {
  error: "1;31",
  warning: "1;33",
  info: "1;34",
  accepted: "1;32",
  place: "36",
  code: "2",
  message: "1",
  label: "1",
  gutter: "2",
  caret: "31",
} as const;
