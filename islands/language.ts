/** The languages that the pages are written in. */
export const languages = ["en", "vi"] as const;
export type Language = (typeof languages)[number];

export type Translated<Texts> = Readonly<Record<Language, Texts>>;
