/** What a push says, in the language that its page was read in. */

export type Language = "en" | "vi";

interface PushTexts {
  /** @param count 1 or more */
  readonly title: (count: string, isOne: boolean) => string;
  readonly one: (id: string, total: string) => string;
  readonly latest: (id: string, total: string) => string;
}

const locales: Readonly<Record<Language, string>> = { en: "en-GB", vi: "vi-VN" };

const texts: Readonly<Record<Language, PushTexts>> = {
  en: {
    title: (count, isOne) => isOne ? "New order" : `${count} new orders`,
    one: (id, total) => `${id}, ${total}`,
    latest: (id, total) => `Latest: ${id}, ${total}`,
  },
  vi: {
    title: (count, isOne) => isOne ? "Đơn hàng mới" : `${count} đơn hàng mới`,
    one: (id, total) => `${id}, ${total}`,
    latest: (id, total) => `Mới nhất: ${id}, ${total}`,
  },
};

/** What is told of an order. */
export interface OrderNews {
  readonly id: string;
  /** In the currency's minor unit. */
  readonly total: number;
  readonly currency: string;
  /** Unix milliseconds. */
  readonly placedAt: number;
}

/** @param latest the last of them; @param count of them all */
export function describe(
  language: Language,
  latest: OrderNews,
  count: number,
): { readonly title: string; readonly body: string } {
  const { title, one, latest: several } = texts[language];
  const total = money(language, latest);
  return {
    title: title(new Intl.NumberFormat(locales[language]).format(count), count === 1),
    body: count === 1 ? one(latest.id, total) : several(latest.id, total),
  };
}

function money(language: Language, { total, currency }: OrderNews): string {
  const format = new Intl.NumberFormat(locales[language], { style: "currency", currency });
  return format.format(total / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
