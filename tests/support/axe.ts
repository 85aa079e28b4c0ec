/** What axe-core finds wrong with a page's accessibility. */
import axe from "axe-core";
import type { Page } from "playwright-core";

declare const globalThis: { readonly axe: typeof axe };

/** Each as the rule and the elements at fault; none is what is wanted. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run();
    return violations.map(({ id, nodes }) =>
      `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`
    );
  });
}
