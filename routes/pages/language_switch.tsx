import { type Language, languages } from "../../islands/language.ts";

const names: Readonly<Record<Language, string>> = { en: "English", vi: "Tiếng Việt" };

/** The same page in each language. */
export function LanguageSwitch({ current }: { current: Language }) {
  return (
    <nav class="languages" aria-label={current === "vi" ? "Ngôn ngữ" : "Language"}>
      {languages.map((one) => (
        <a
          key={one}
          href={`?lang=${one}`}
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
