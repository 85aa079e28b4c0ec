/// <reference lib="dom" />
/** What the map says of one vehicle, in a popup. */
import type { Format } from "../format.ts";
import type { Sighted } from "./fleet.ts";
import { ago, type MapTexts } from "./texts.ts";

export interface CardActions {
  readonly close: () => void;
  readonly follow: () => void;
}

/** All of it comes from outside: it is put there as text alone. */
export class Card {
  readonly element = document.createElement("div");
  readonly #title = part("b", "map-card-title");
  readonly #headsign = part("span", "map-card-headsign");
  readonly #state = part("span", "map-card-state");
  readonly #follow = part("button", "map-button");
  readonly #texts: MapTexts;
  readonly #format: () => Format;

  constructor(texts: MapTexts, format: () => Format, actions: CardActions) {
    this.#texts = texts;
    this.#format = format;
    const close = part("button", "map-card-close");
    close.type = this.#follow.type = "button";
    close.setAttribute("aria-label", texts.close);
    close.title = texts.close;
    say(close, "×");
    say(this.#follow, texts.follow);
    close.addEventListener("click", actions.close);
    this.#follow.addEventListener("click", actions.follow);
    this.element.className = "map-card";
    this.element.setAttribute("role", "group");
    this.element.append(this.#title, close, this.#headsign, this.#state, this.#follow);
  }

  /** @param speed metres per second */
  show({ position, age, isStale }: Sighted, speed: number, isFollowed: boolean): void {
    const { id, route, headsign } = position;
    const { silent, route: routeName } = this.#texts;
    const title = route === "" ? id : `${id} · ${routeName} ${route}`;
    say(this.#title, title);
    this.element.setAttribute("aria-label", title);
    say(this.#headsign, headsign);
    const since = ago(this.#texts, age);
    say(this.#state, isStale ? silent(since) : `${this.#format().speed(speed)} · ${since}`);
    this.#state.toggleAttribute("data-stale", isStale);
    this.#follow.setAttribute("aria-pressed", `${isFollowed}`);
  }
}

function part<Name extends keyof HTMLElementTagNameMap>(name: Name, className: string) {
  const element = document.createElement(name);
  element.className = className;
  return element;
}

/** Only what is new is written: to write costs, and ends a selection of the text. */
function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
