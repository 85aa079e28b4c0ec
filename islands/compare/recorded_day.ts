import type { Language } from "../language.ts";

/** The day of a recording as the reader's language writes it. @param date `YYYY-MM-DD` */
export function recordedDay(date: string, language: Language): string {
  return new Intl.DateTimeFormat(language === "vi" ? "vi-VN" : "en-GB", {
    day: "numeric",
    month: language === "vi" ? "numeric" : "short",
    year: "numeric",
    // It is the same day wherever it is read.
    timeZone: "UTC",
  }).format(Date.parse(date));
}
