/**
 * Every page, with something on it: in both languages, light and dark, on a desktop and on a phone,
 * and without script. What they looked like is kept (screenshots.ts). A page more is an entry more
 * in pages/table.ts; PAGES=chat,live looks at these alone.
 */
import assert from "node:assert/strict";
import { type Language, languages } from "../../islands/language.ts";
import { testWith } from "../support/programs.ts";
import { Screenshots } from "../support/screenshots.ts";
import {
  faultsIn,
  firstFaults,
  scriptlessFaults,
  shellFaults,
  shellTexts,
  untried,
} from "./pages/checks.ts";
import { openShop, type Shop } from "./pages/shop.ts";
import { addressOf, entries, type Entry, seeMap } from "./pages/table.ts";
import { launch, type Scheme, type Screen, screens, Visit } from "./pages/visit.ts";

interface Round {
  readonly shop: Shop;
  readonly screenshots: Screenshots;
}

/** So every screen and every language is looked at in both. */
const schemeOf = (language: Language, screen: Screen): Scheme =>
  (language === "en") === (screen === "desktop") ? "light" : "dark";

testWith(["chromium"], "every page is whole for everybody", async (t) => {
  await using shop = await openShop();
  const browser = await launch();
  await using _browser = { [Symbol.asyncDispose]: () => browser.close() };
  const screenshots = await Screenshots.open();
  const shifts: string[] = [];

  const chosen = Deno.env.get("PAGES")?.split(",");
  for (const entry of entries.filter(({ name }) => chosen?.includes(name) ?? true)) {
    await t.step(entry.name, async () => {
      const said: Record<Language, string[]> = { en: [], vi: [] };
      let shift = 0;
      const visits = languages.flatMap((language) =>
        screens.map(async (screen) => {
          const colorScheme = schemeOf(language, screen);
          await using visit = await Visit.open(browser, language, screen, { colorScheme });
          const found = await look({ shop, screenshots }, visit, entry).catch((error) => {
            throw new Error(`${language}, ${screen}; complaints: ${visit.errors}`, {
              cause: error,
            });
          });
          shift = Math.max(shift, (await visit.seen()).shift);
          said[language] = await shellTexts(visit);
          return found.map((fault) => `${language}, ${screen}: ${fault}`);
        })
      );
      const scriptless = languages.map((language) =>
        scriptlessFaults(browser, shop.url, entry, language)
      );
      const faults = (await all([...visits, ...scriptless])).flat();
      faults.push(...shellFaults(said, entry));
      shifts.push(`${entry.name} ${shift.toFixed(4)}`);
      assert.deepEqual(faults, []);
    });
  }

  await t.step("none is left out", async () => {
    await using visit = await Visit.open(browser, "en", "desktop");
    await visit.page.goto(shop.url);
    assert.deepEqual(await untried(visit, entries), []);
  });

  // deno-lint-ignore no-console -- for who wants to look at them
  console.log(`screenshots: ${screenshots.folder}\nlayout shift: ${shifts.join(", ")}`);
});

async function look({ shop, screenshots }: Round, visit: Visit, entry: Entry): Promise<string[]> {
  const { page, language, screen } = visit;
  const faults: string[] = [];
  const see = async (name: string) => {
    await visit.still();
    faults.push(...(await faultsIn(visit)).map((fault) => `${name}: ${fault}`));
    await screenshots.keep(page, `${name}-${screen}-${schemeOf(language, screen)}-${language}`);
  };
  const answer = await page.goto(shop.url + addressOf(entry, language));
  assert.equal(answer?.status(), 200);
  await entry.settle(page, shop);
  await visit.still();
  faults.push(...await firstFaults(visit, entry));
  await seeMap(page, shop);
  await see(entry.name);
  for (const { name, arrange } of entry.looks ?? []) {
    await arrange(page, shop);
    await see(`${entry.name}-${name}`);
  }
  return [...faults, ...visit.errors, ...(await visit.seen()).refused];
}

/** As `Promise.all`, but nothing goes on behind the back of who is told of a failure. */
async function all<T>(jobs: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(jobs);
  return await Promise.all(jobs);
}
