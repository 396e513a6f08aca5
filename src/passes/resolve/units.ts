/** `30d` in milliseconds; infinity for more than can be counted, undefined when the text is no time. */
export const milliseconds = (text: string): number | undefined => amount(text, times);

/** `50G` in bytes; infinity for more than can be counted, undefined when the text is no size. */
export const bytes = (text: string): number | undefined => amount(text, sizes);

const times: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
]);

const sizes: ReadonlyMap<string, number> = new Map([
  ["K", 2 ** 10],
  ["M", 2 ** 20],
  ["G", 2 ** 30],
  ["T", 2 ** 40],
]);

const amount = (text: string, units: ReadonlyMap<string, number>): number | undefined => {
  const match = /^([0-9]+)([A-Za-z]+)$/.exec(text);
  const unit = units.get(match?.[2] ?? "");
  if (unit === undefined) return undefined;
  const value = Number(match?.[1]) * unit;
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
};
