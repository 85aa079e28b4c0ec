/** The inspector's document. */
import type { Context } from "hono";
import { InspectBadge } from "../../islands/inspect/badge.tsx";
import { InspectGate } from "../../islands/inspect/gate.tsx";
import { Inspect } from "../../islands/inspect/inspect.ts";
import { InspectView } from "../../islands/inspect/view.tsx";
import { Island } from "../../islands/island.tsx";
import type { PageState } from "../../islands/page.ts";
import type { Config } from "../../lib/config.ts";
import type { Assets } from "./assets.ts";
import { Shell } from "./shell.tsx";
import { pageOf, tokenFor } from "./visitor.ts";

/** It is of the server, not of the shop: it is there without one. */
export async function inspectPageState(c: Context, config: Config): Promise<PageState> {
  const token = await tokenFor(c, config, { sub: "inspect", role: "admin" });
  return { ...pageOf(c), access: token === null ? "needed" : "granted", token };
}

interface InspectProps {
  readonly state: PageState;
  readonly assets: Assets;
}

export function InspectPage({ state, assets }: InspectProps) {
  const inspect = new Inspect(state);
  return (
    <Shell
      state={state}
      assets={assets}
      name="inspect"
      title={`${inspect.texts.title} · Nhịp`}
      tagline={inspect.texts.tagline}
      badge={<InspectBadge inspect={inspect} />}
    >
      <Island name="gate">
        <InspectGate inspect={inspect} />
      </Island>
      <Island name="inspect">
        <InspectView inspect={inspect} visit={null} />
      </Island>
    </Shell>
  );
}
