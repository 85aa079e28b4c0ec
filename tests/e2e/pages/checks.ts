/// <reference lib="dom" />
/** What is asked of every page; each answers with what is wrong, none is what is wanted. */
import type { Browser } from "playwright-core";
import { type Language, languages } from "../../../islands/language.ts";
import { texts } from "../../../islands/texts.ts";
import { violations } from "../../support/axe.ts";
import { addressOf, type Entry } from "./table.ts";
import { sizes, Visit } from "./visit.ts";

/** More than this can be seen to move. */
const mostShift = 0.01;

/** Of a page that has just settled and has not been touched. */
export async function firstFaults(visit: Visit, { title }: Entry): Promise<string[]> {
  const { page, language } = visit;
  const faults = [];
  const lang = await page.getAttribute("html", "lang");
  if (lang !== language) faults.push(`lang is ${lang}`);
  const shown = await page.title();
  if (shown !== title[language]) faults.push(`title is ${shown}`);
  const { shift, moved } = await visit.seen();
  if (shift > mostShift) faults.push(`moved by itself: ${moved.join(", ")}: ${shift.toFixed(4)}`);
  return faults;
}

/** Of what a page looks like now. */
export async function faultsIn(visit: Visit): Promise<string[]> {
  const { page, screen } = visit;
  const faults = await violations(page);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  const room = sizes[screen].viewport.width;
  if (width > room) faults.push(`${width} px wide where there are ${room}`);
  faults.push(...(await cutOff(visit)).map((text) => `cut off: ${text}`));
  return faults;
}

/** Texts that end at an edge without a sign that there is more of them. */
function cutOff({ page }: Visit): Promise<string[]> {
  return page.evaluate(() => {
    /** Up to the first that scrolls: what is beyond that one's edge can be reached. */
    const around = (element: Element) => {
      const all: { readonly element: Element; readonly hides: boolean }[] = [];
      for (let one: Element | null = element; one !== document.body && one !== null;) {
        const { overflow, textOverflow, position } = getComputedStyle(one);
        if (/auto|scroll/.test(overflow) || position === "absolute") return [];
        all.push({
          element: one,
          hides: /hidden|clip/.test(overflow) && textOverflow !== "ellipsis",
        });
        one = one.parentElement;
      }
      return all;
    };
    const found: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      const element = text.parentElement;
      if (element === null || !element.checkVisibility()) continue;
      const frame = around(element).find(({ hides }) => hides)?.element.getBoundingClientRect();
      if (frame === undefined) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const { width, right, bottom } = range.getBoundingClientRect();
      const isOver = right > frame.right + 1 || bottom > frame.bottom + 1;
      if (width > 0 && isOver) found.push(text.textContent ?? "");
    }
    return found;
  });
}

/** Where no script runs. */
export async function scriptlessFaults(
  browser: Browser,
  url: string,
  entry: Entry,
  language: Language,
): Promise<string[]> {
  await using visit = await Visit.open(browser, language, "phone", { javaScriptEnabled: false });
  const { page } = visit;
  await page.goto(url + addressOf(entry, language));
  const faults = [];
  const text = async (where: string) => (await page.locator(where).first().innerText()).trim();
  if (await text("noscript .notice") !== texts[language].needsScript) faults.push("says nothing");
  if (await text(entry.readable) === "") faults.push(`nothing to read in ${entry.readable}`);
  if (await page.locator(".badge").first().isVisible()) faults.push("tells of a connection");
  const [width] = await page.locator("html").evaluateAll((all) =>
    all.map((root) => root.scrollWidth)
  );
  if (width !== sizes.phone.viewport.width) faults.push(`${width} px wide`);
  return [...faults, ...visit.errors].map((fault) => `${language}, without script: ${fault}`);
}

/** All that the shell says, in the order of the document. */
export function shellTexts({ page }: Visit): Promise<string[]> {
  return page.evaluate(() => {
    const said: string[] = [];
    const add = (text: string | null) => {
      if (text?.trim()) said.push(text.trim());
    };
    for (const part of document.querySelectorAll(".skip, header, header *")) {
      add(part.getAttribute("aria-label"));
      for (const node of part.childNodes) if (node instanceof Text) add(node.data);
    }
    return said;
  });
}

/** What is the same in every language. */
const names = new Set(["Nhịp", "English", "Tiếng Việt", "WebSocket", "SSE", "ms", "MB", "kB"]);

/** What the shell leaves out, says in another language, or alike in both. */
export function shellFaults(said: Readonly<Record<Language, readonly string[]>>, entry: Entry) {
  const own = new Set(Object.values(entry.title).flatMap((title) => title.split(" · ")));
  const hasWords = (text: string) =>
    !names.has(text) && !own.has(text) &&
    text.split(/[^\p{L}]+/u).some((word) => word !== "" && !names.has(word));
  const [en, vi] = [said.en.filter(hasWords), said.vi.filter(hasWords)];
  return [
    ...languages.flatMap((language) =>
      [texts[language].skip, texts[language].pages]
        .filter((text) => !said[language].includes(text))
        .map((text) => `${language}: does not say "${text}"`)
    ),
    ...vi.filter((text) => en.includes(text)).map((text) => `"${text}" in both languages`),
    ...en.filter((text) => /[^\p{ASCII}…–·“”’]/u.test(text)).map((text) => `en: says "${text}"`),
  ];
}

/** Where a page's navigation leads that no entry looks at. */
export async function untried(visit: Visit, entries: readonly Entry[]): Promise<string[]> {
  const ways = await visit.page.$$eval(
    "nav.ways a",
    (all) => all.map((way) => new URL((way as HTMLAnchorElement).href).pathname),
  );
  const known = new Set(entries.map(({ at }) => at.en.replace(/\?.*/, "")));
  return ways.filter((path) => !known.has(path));
}
