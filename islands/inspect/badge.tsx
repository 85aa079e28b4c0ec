/** How old what the inspector shows is. */
import type { Inspect } from "./inspect.ts";

export function InspectBadge({ inspect }: { inspect: Inspect }) {
  const { page, texts, overview, trouble } = inspect;
  if (page.access.value !== "granted") return null;
  const time = overview.value?.time;
  const why = trouble.value;
  const asOf = time === undefined ? page.texts.loading : texts.asOf(page.format.clock(time));
  return (
    <div class="badge" data-state={why === null ? "online" : "waiting"}>
      <span class="state">{asOf}</span>
      {/* Only trouble is told to screen readers: the time changes with each look. */}
      <span class="problem" role="status">{why ?? ""}</span>
    </div>
  );
}
