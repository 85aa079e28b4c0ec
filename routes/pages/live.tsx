/** The document that shows a state channel as it changes; for development. */
import { LiveBadge } from "../../islands/live/badge.tsx";
import type { LivePageState } from "../../islands/live/page.ts";
import { LiveTable } from "../../islands/live/table.tsx";
import { LiveView } from "../../islands/live/view.ts";
import { encodePageState, pageStateId } from "../../islands/page_state.ts";
import type { Language } from "../../islands/texts.ts";
import { signToken } from "../../lib/auth/tokens.ts";
import { type Namespace, namespaceOf } from "../../lib/channels.ts";
import type { Config } from "../../lib/config.ts";
import type { Node } from "../../lib/node/node.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import type { Assets } from "./assets.ts";
import { LanguageSwitch } from "./language_switch.tsx";

interface LiveDeps {
  readonly config: Config;
  readonly node: Pick<Node, "registry">;
  readonly language: Language;
  /** Whether the reader may be given a token. */
  readonly trusted: boolean;
}

/** null: there is no such page for this reader. */
export async function livePageState(
  channel: string,
  { config, node, language, trusted }: LiveDeps,
): Promise<LivePageState | null> {
  if (config.mode !== "dev") return null;
  const rules = rulesOf(channel, node);
  if (rules === null || rules.keyed === null) return null;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const isBridged = namespaceOf(channel) === "bridge";
  const statusChannel = isBridged ? channel.replace(/^bridge:/, "sources:") : null;
  const page = { language, timeZone, channel, statusChannel };
  if (rules.allow.subscribe === "anyone") return { ...page, token: null };
  const mayHaveToken = trusted && rules.allow.subscribe === "user";
  if (!mayHaveToken || !("secret" in config.tokens)) return null;
  return { ...page, token: await signToken(config.tokens.secret, { sub: "live" }) };
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
  const { texts } = view;
  return (
    <html lang={state.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${state.channel} · Nhịp`}</title>
        <meta name="description" content={texts.tagline} />
        <link rel="icon" href={assets.address("icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.address("dashboard.css")} />
        <link rel="stylesheet" href={assets.address("live.css")} />
        <script
          type="application/json"
          id={pageStateId}
          dangerouslySetInnerHTML={{ __html: encodePageState(state) }}
        />
        <script type="module" src={assets.address("live.js")} />
      </head>
      <body>
        <a class="skip" href="#main">{texts.skip}</a>
        <header>
          <div class="brand">
            <h1>{state.channel}</h1>
            <p>{texts.tagline}</p>
          </div>
          <div data-island="badge">
            <LiveBadge view={view} />
          </div>
          <LanguageSwitch current={state.language} />
        </header>
        <noscript>
          <p class="notice">{texts.needsScript}</p>
        </noscript>
        <main id="main">
          <div class="live" data-island="table">
            <LiveTable view={view} />
          </div>
        </main>
      </body>
    </html>
  );
}
