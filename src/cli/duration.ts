/** Seconds as people say them: 90 s, 12 min, 5 h, 3 d. */
export const duration = (seconds: number): string => {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
};

/** Milliseconds of `90s`, `15m`, `2h`, `3d` or `1w`; undefined for other texts. */
export const parseDuration = (text: string): number | undefined => {
  const [, digits, unit = ""] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (units.get(unit) ?? 0);
};

const units: ReadonlyMap<string, number> = new Map([
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
]);
