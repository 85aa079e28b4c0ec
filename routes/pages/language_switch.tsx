import { type Language, languages } from "../../islands/language.ts";

const names: Readonly<Record<Language, string>> = { en: "English", vi: "Tiếng Việt" };

interface LanguageSwitchProps {
  readonly current: Language;
  /** What else the address says, beginning with `&`. */
  readonly query?: string | undefined;
}

/** The same page in each language. */
export function LanguageSwitch({ current, query = "" }: LanguageSwitchProps) {
  return (
    <nav class="languages" aria-label={current === "vi" ? "Ngôn ngữ" : "Language"}>
      {languages.map((one) => (
        <a
          key={one}
          href={`?lang=${one}${query}`}
          hreflang={one}
          lang={one}
          aria-current={one === current ? "true" : undefined}
        >
          {names[one]}
        </a>
      ))}
    </nav>
  );
}
