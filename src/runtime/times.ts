/**
 * Dates and times between text and numbers. By arithmetic, since Date is the slowest part of a codec; the texts have been
 * validated, so only their digits are read.
 */

const millisecondsOfDay = 86_400_000;
const firstDay = -719_162;
const lastDay = 2_932_896;

/** Days since 1970 of a valid date, YYYY-MM-DD. */
export const daysOf = (date: string): number =>
  daysFromCivil(digit(date, 0) * 1000 + digit(date, 1) * 100 + two(date, 2), two(date, 5), two(date, 8));

/** The date of days since 1970. Throws a RangeError outside the years 0001 to 9999. */
export const dateOf = (days: number): string => {
  if (days === lastDateDays) return lastDate;
  if (!(days >= firstDay && days <= lastDay)) throw new RangeError(`day ${days} is outside the years 0001 to 9999`);
  // Howard Hinnant's civil_from_days: eras of 400 years, years that start in March.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  lastDate = `${pairs[Math.floor(year / 100)]}${pairs[year % 100]}-${pairs[month]}-${pairs[day]}`;
  lastDateDays = days;
  return lastDate;
};

/** Milliseconds since 1970 of a valid timestamp, YYYY-MM-DDTHH:MM:SS.mmmZ. */
export const millisecondsOf = (timestamp: string): number =>
  daysOf(timestamp) * millisecondsOfDay +
  two(timestamp, 11) * 3_600_000 +
  two(timestamp, 14) * 60_000 +
  two(timestamp, 17) * 1000 +
  digit(timestamp, 20) * 100 +
  two(timestamp, 21);

/** The timestamp of milliseconds since 1970. Throws a RangeError outside the years 0001 to 9999. */
export const timestampOf = (milliseconds: number): string => {
  const days = Math.floor(milliseconds / millisecondsOfDay);
  const rest = milliseconds - days * millisecondsOfDay;
  const seconds = (rest / 1000) | 0;
  const minutes = (seconds / 60) | 0;
  const hours = (minutes / 60) | 0;
  const fraction = rest - seconds * 1000;
  return `${dateOf(days)}T${pairs[hours]}:${pairs[minutes - hours * 60]}:${pairs[seconds - minutes * 60]}.${(fraction / 100) | 0}${pairs[fraction % 100]}Z`;
};

const pairs: readonly string[] = /* @__PURE__ */ Array.from({ length: 100 }, (_, n) => String(n).padStart(2, "0"));

// Events of one day come together, so the last date is the next one's most of the time.
let lastDateDays = 0;
let lastDate = "1970-01-01";

const digit = (text: string, at: number): number => text.charCodeAt(at) - 48;
const two = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1);

const daysFromCivil = (year: number, month: number, day: number): number => {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
};
