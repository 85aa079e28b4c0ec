/** What is shown in place of the shop to who may not see it. */
import type { Live } from "./live.ts";

export function Gate({ live }: { live: Live }) {
  const { texts, access } = live;
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
