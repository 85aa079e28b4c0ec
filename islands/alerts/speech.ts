/** What is said to who cannot see the alerts: news that come together are said together. */
import { type Signal, signal } from "@preact/signals";
import type { AlertTexts } from "./texts.ts";

/** How long news are gathered, in milliseconds. */
const gather = { polite: 3_000, urgent: 500 } as const;
export type Manner = keyof typeof gather;

export class Speech {
  readonly said: Readonly<Record<Manner, Signal<string>>> = {
    polite: signal(""),
    urgent: signal(""),
  };
  readonly #texts: Pick<AlertTexts, "several">;
  readonly #gathered = new Map<Manner, { count: number; last: string }>();

  constructor(texts: Pick<AlertTexts, "several">) {
    this.#texts = texts;
  }

  say(manner: Manner, title: string): void {
    const known = this.#gathered.get(manner);
    this.#gathered.set(manner, { count: (known?.count ?? 0) + 1, last: title });
    if (known === undefined) setTimeout(() => this.#speak(manner), gather[manner]);
  }

  #speak(manner: Manner): void {
    const { count, last } = this.#gathered.get(manner) ?? { count: 1, last: "" };
    this.#gathered.delete(manner);
    const said = this.said[manner];
    const text = count === 1 ? last : this.#texts.several(count, last);
    // Only a change is heard.
    said.value = text === said.value ? `${text}\u00a0` : text;
  }
}
