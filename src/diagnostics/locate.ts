import type { Place } from "./diagnostic.js";
import { parsedPlaces } from "./parsed-places.js";
import { plainPlaces } from "./plain-places.js";
import type { Range } from "./plain-yaml.js";

/** A position in a file: line and column count from 1, columns in UTF-16 units as editors do, the offset from 0. */
interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Location {
  readonly start: Position;
  /** After the last character. */
  readonly end: Position;
}

/** Where a place is in the text of its file. What is not there stands where the nearest thing around it does. */
export const locate = (place: Place, text: string): Location => locateIn(place, fileOf(text));

/** As `locate`, for many places: each file is read and parsed at most once. Undefined where a file has no text. */
export const locator = (read: (file: string) => string | undefined): ((place: Place) => Location | undefined) => {
  const files = new Map<string, File | undefined>();
  return (place) => {
    if (!files.has(place.file)) {
      const text = read(place.file);
      files.set(place.file, text === undefined ? undefined : fileOf(text));
    }
    const file = files.get(place.file);
    return file && locateIn(place, file);
  };
};

interface File {
  readonly text: string;
  /** Offsets at which lines start. */
  readonly lines: readonly number[];
  /** Read when it is first asked for. */
  readonly rangeOf: (place: Place) => Range;
}

const fileOf = (text: string): File => {
  const lines = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.push(at + 1);
  let plain: ReturnType<typeof plainPlaces> | false = false;
  let parsed: ReturnType<typeof parsedPlaces> | undefined;
  return {
    text,
    lines,
    rangeOf: (place) => {
      if (plain === false) plain = plainPlaces(text);
      const found = plain?.(place);
      if (found !== undefined) return found;
      parsed ??= parsedPlaces(text);
      return parsed(place);
    },
  };
};

const locateIn = (place: Place, file: File): Location => {
  const [start, end] = place.range ?? file.rangeOf(place);
  const from = Math.min(Math.max(start, 0), file.text.length);
  return { start: positionOf(from, file), end: positionOf(Math.min(Math.max(end, from), file.text.length), file) };
};

const positionOf = (offset: number, { lines, text }: File): Position => {
  let [low, high] = [0, lines.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const start = lines[low] ?? 0;
  // A byte order mark takes no column.
  const mark = low === 0 && offset > 0 && text.startsWith("\ufeff") ? 1 : 0;
  return { line: low + 1, column: offset - start + 1 - mark, offset };
};
