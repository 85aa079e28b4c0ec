/** Times and days as a chat shows them. */
import type { Language } from "../language.ts";

export interface Dates {
  /** Hours and minutes. */
  time(at: number): string;
  /** Equal for two times of one day. */
  dayOf(at: number): string;
  /** Today and yesterday by name. */
  dayName(at: number): string;
}

const locales: Readonly<Record<Language, string>> = { en: "en-GB", vi: "vi-VN" };
const dayMs = 24 * 3_600_000;

/** Days counted by the calendar there: they are not all of one length. */
function calendar(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    year: "numeric",
    month: "numeric",
    day: "numeric",
    timeZone,
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1 } = Object.fromEntries(parts);
    return Date.UTC(year, month - 1, day) / dayMs;
  };
}

export function datesFor(language: Language, timeZone: string, now = Date.now): Dates {
  const time = new Intl.DateTimeFormat(locales[language], {
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    timeZone,
  });
  const day = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone });
  const dayNumber = calendar(timeZone);
  const long = new Intl.DateTimeFormat(locales[language], { dateStyle: "full", timeZone });
  const relative = new Intl.RelativeTimeFormat(locales[language], { numeric: "auto" });
  const named = (days: number) => {
    const name = relative.format(days, "day");
    return name.charAt(0).toLocaleUpperCase() + name.slice(1);
  };
  return {
    time: (at) => time.format(at),
    dayOf: (at) => day.format(at),
    dayName(at) {
      const days = dayNumber(at) - dayNumber(now());
      return days === 0 || days === -1 ? named(days) : long.format(at);
    },
  };
}
