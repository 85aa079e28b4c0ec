/** The document that shows a state channel as it changes; for development. */
import type { Context } from "hono";
import { LiveBadge } from "../../islands/live/badge.tsx";
import type { LivePageState } from "../../islands/live/page.ts";
import { LiveTable } from "../../islands/live/table.tsx";
import { LiveView } from "../../islands/live/view.ts";
import { type Namespace, namespaceOf } from "../../lib/channels.ts";
import type { Config } from "../../lib/config.ts";
import type { Node } from "../../lib/node/node.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import type { Assets } from "./assets.ts";
import { Shell } from "./shell.tsx";
import { pageOf, tokenFor } from "./visitor.ts";

interface LiveDeps {
  readonly config: Config;
  readonly node: Pick<Node, "registry">;
}

/** null: there is no such page for this reader. */
export async function livePageState(
  c: Context,
  channel: string,
  { config, node }: LiveDeps,
): Promise<LivePageState | null> {
  if (config.mode !== "dev") return null;
  const rules = rulesOf(channel, node);
  if (rules === null || rules.keyed === null) return null;
  const isBridged = namespaceOf(channel) === "bridge";
  const statusChannel = isBridged ? channel.replace(/^bridge:/, "sources:") : null;
  const token = await tokenFor(c, config, { sub: "live" });
  const page = { ...pageOf(c), access: "granted", channel, statusChannel } as const;
  if (rules.allow.subscribe === "anyone") return { ...page, token: null };
  return rules.allow.subscribe === "user" && token !== null ? { ...page, token } : null;
}

/** null: there is no such channel. */
function rulesOf(channel: string, node: LiveDeps["node"]): Namespace | null {
  try {
    return node.registry.rules(channel);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

interface LiveProps {
  readonly state: LivePageState;
  readonly assets: Assets;
}

export function LivePage({ state, assets }: LiveProps) {
  const view = new LiveView(state);
  return (
    <Shell
      state={state}
      assets={assets}
      name="live"
      title={`${state.channel} · Nhịp`}
      heading={state.channel}
      tagline={view.texts.tagline}
      badge={<LiveBadge view={view} />}
    >
      <div class="live" data-island="table">
        <LiveTable view={view} />
      </div>
    </Shell>
  );
}
