/** What is shown in place of the page's content to who may not see it. */
import type { Page } from "./page.ts";

export function Gate({ page }: { page: Page }) {
  const { texts, access } = page;
  if (access.value === "granted") return null;
  if (access.value === "off") {
    return (
      <div class="gate" role="status" data-access="off">
        <h2>{texts.shopOff}</h2>
        <p>{texts.shopOffHow}</p>
      </div>
    );
  }
  return (
    <div class="gate" role="status" data-access={access.value}>
      <h2>{texts.needsToken}</h2>
      {access.value === "refused" && <p class="problem">{texts.tokenRefused}</p>}
      <p>{texts.needsTokenHow}</p>
    </div>
  );
}
