/** What axe-core finds wrong with a page's accessibility. */
import axe, { type RunOptions } from "axe-core";
import type { Page } from "playwright-core";

declare const globalThis: { readonly axe: typeof axe };

const options: RunOptions = {
  resultTypes: ["violations"],
  // How large targets are is looked at only where one asks for it.
  rules: { "target-size": { enabled: true } },
};

/** Each as the rule and the elements at fault; none is what is wanted. */
export async function violations(page: Page): Promise<string[]> {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe.source);
  return await page.evaluate(async (options) => {
    const { violations } = await globalThis.axe.run(options);
    return violations.map(({ id, nodes }) =>
      `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`
    );
  }, options);
}
