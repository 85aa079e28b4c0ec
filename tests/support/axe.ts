/** What axe-core finds wrong with a page's accessibility. */
import axe, { type RunOptions } from "axe-core";
import type { Page } from "playwright-core";

declare const globalThis: { readonly axe: typeof axe };

/** Each as the rule and the elements at fault; none is what is wanted. */
export async function violations(page: Page): Promise<string[]> {
  // How large targets are is looked at only where one asks for it.
  return await run(page, { rules: { "target-size": { enabled: true } } });
}

/** Those alone that are of colours: what another colour scheme may change. */
export async function colourViolations(page: Page): Promise<string[]> {
  return await run(page, { runOnly: ["color-contrast", "link-in-text-block"] });
}

async function run(page: Page, options: RunOptions): Promise<string[]> {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe.source);
  return await page.evaluate(async (options) => {
    const { violations } = await globalThis.axe.run({ ...options, resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) =>
      `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`
    );
  }, options);
}
