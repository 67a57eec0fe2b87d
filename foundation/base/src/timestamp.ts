const DAY_MS = 86_400_000;
const PATTERN =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/u;

/**
 * Milliseconds since 1970 as RFC 3339 in UTC, always with three decimals:
 * `2026-11-22T10:20:36.123Z`. Fractions of a millisecond are dropped; the years are 0000 to 9999.
 */
export function formatTimestamp(wallMs: number): string {
  const whole = Math.floor(wallMs);
  const day = Math.floor(whole / DAY_MS);
  const ms = whole - day * DAY_MS;
  const { year, month, dayOfMonth } = dateOf(day);
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(dayOfMonth, 2)}`;
  const hours = pad(Math.floor(ms / 3_600_000), 2);
  const minutes = pad(Math.floor(ms / 60_000) % 60, 2);
  const seconds = pad(Math.floor(ms / 1000) % 60, 2);
  return `${date}T${hours}:${minutes}:${seconds}.${pad(ms % 1000, 3)}Z`;
}

/**
 * Milliseconds since 1970 of an RFC 3339 timestamp with any offset, or undefined when `text` is
 * none. Decimals beyond the millisecond are dropped; a leap second counts as the next second.
 */
export function parseTimestamp(text: string): number | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [year, month, dayOfMonth, hours, minutes, seconds] = match.slice(1, 7).map(Number);
  if (year === undefined || month === undefined || dayOfMonth === undefined) return undefined;
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  if (month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > daysIn(year, month))
    return undefined;
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const offsetMinutes = parseOffset(match[8] ?? "Z");
  if (offsetMinutes === undefined) return undefined;
  const decimals = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  const ofDay = (hours * 60 + minutes - offsetMinutes) * 60_000 + seconds * 1000 + decimals;
  return dayNumberOf(year, month, dayOfMonth) * DAY_MS + ofDay;
}

function parseOffset(text: string): number | undefined {
  if (text === "Z" || text === "z") return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly dayOfMonth: number;
}

/** The proleptic Gregorian date of a day number: eras of 400 years that begin in March. */
function dateOf(day: number): CivilDate {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear =
    dayOfEra - (yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    dayOfMonth: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

/** Days since 1970-01-01: the inverse of `dateOf`. */
function dayNumberOf(year: number, month: number, dayOfMonth: number): number {
  const yearFromMarch = month <= 2 ? year - 1 : year;
  const era = Math.floor(yearFromMarch / 400);
  const yearOfEra = yearFromMarch - era * 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + dayOfMonth - 1;
  const leaps = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leaps + dayOfYear - 719_468;
}

function daysIn(year: number, month: number): number {
  const next = month === 12 ? dayNumberOf(year + 1, 1, 1) : dayNumberOf(year, month + 1, 1);
  return next - dayNumberOf(year, month, 1);
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
