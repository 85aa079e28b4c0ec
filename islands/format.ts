/** Amounts and times as the reader's language writes them. */
import type { Language } from "./language.ts";

const locales: Readonly<Record<Language, string>> = { en: "en-GB", vi: "vi-VN" };

export interface Format {
  /** @param minor in the currency's minor unit */
  money(minor: number, currency: string): string;
  /** @param time Unix milliseconds */
  clock(time: number): string;
  /** With its day, of what may be old. @param time Unix milliseconds */
  moment(time: number): string;
  /** The hour and minute. @param time Unix milliseconds */
  hour(time: number): string;
  /** The date. @param time Unix milliseconds */
  day(time: number): string;
  /** @param metresPerSecond shown as km/h */
  speed(metresPerSecond: number): string;
  number(value: number): string;
  /** In kilobytes or megabytes. */
  bytes(value: number): string;
}

export function formatFor(language: Language, timeZone: string): Format {
  const locale = locales[language];
  const clock = new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
    timeZone,
  });
  const hour = new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    timeZone,
  });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "short", timeZone });
  const moment = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    // Vietnamese writes it as a number: 23/11.
    month: language === "vi" ? "numeric" : "short",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    timeZone,
  });
  const number = new Intl.NumberFormat(locale);
  const speed = unit(locale, "kilometer-per-hour", 0);
  const kilobytes = unit(locale, "kilobyte", 1);
  const megabytes = unit(locale, "megabyte", 1);
  const currencies = new Map<string, Intl.NumberFormat>();
  return {
    money(minor, currency) {
      let format = currencies.get(currency);
      if (format === undefined) {
        format = new Intl.NumberFormat(locale, { style: "currency", currency });
        currencies.set(currency, format);
      }
      const { maximumFractionDigits = 2 } = format.resolvedOptions();
      return format.format(minor / 10 ** maximumFractionDigits);
    },
    clock: (time) => clock.format(time),
    moment: (time) => moment.format(time),
    hour: (time) => hour.format(time),
    day: (time) => day.format(time),
    speed: (metresPerSecond) => speed.format(metresPerSecond * 3.6),
    number: (value) => number.format(value),
    bytes: (value) =>
      value < 1_000_000 ? kilobytes.format(value / 1_000) : megabytes.format(value / 1_000_000),
  };
}

function unit(locale: string, unit: string, maximumFractionDigits: number): Intl.NumberFormat {
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits });
}
