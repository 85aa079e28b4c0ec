import { type Language, languages } from "../../islands/language.ts";

/**
 * The language to answer in: the one chosen by `?lang=`, else what the reader prefers most among
 * ours, else English.
 */
export function chooseLanguage(chosen: string | undefined, accepted: string | undefined): Language {
  const known = (tag: string) => languages.find((one) => one === tag.toLowerCase().split("-")[0]);
  const byChoice = chosen === undefined ? undefined : known(chosen);
  if (byChoice !== undefined) return byChoice;
  const preferences = (accepted ?? "").split(",").map((item) => {
    const [tag = "", ...parameters] = item.split(";").map((part) => part.trim());
    const q = parameters.find((one) => one.startsWith("q="))?.slice(2);
    return { language: known(tag), weight: q === undefined ? 1 : Number(q) || 0 };
  });
  const best = preferences
    .filter(({ language, weight }) => language !== undefined && weight > 0)
    .sort((a, b) => b.weight - a.weight)[0];
  return best?.language ?? "en";
}
