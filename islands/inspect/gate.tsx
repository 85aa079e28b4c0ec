/** What is shown in the inspector's place to who may not see it. */
import type { Inspect } from "./inspect.ts";

export function InspectGate({ inspect }: { inspect: Inspect }) {
  const { page: { access }, texts, lacksRole } = inspect;
  if (access.value === "granted") return null;
  return (
    <div class="gate" role="status" data-access={access.value}>
      <h2>{texts.needsAdmin}</h2>
      {access.value === "refused" && (
        <p class="problem">{lacksRole.value ? texts.lacksRole : texts.refused}</p>
      )}
      <p>{texts.needsAdminHow}</p>
    </div>
  );
}
