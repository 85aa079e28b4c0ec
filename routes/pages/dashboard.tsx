/** The dashboard's document. */
import { Island } from "../../islands/island.tsx";
import { Live } from "../../islands/dashboard/live.ts";
import { encodePageState, type PageState, pageStateId } from "../../islands/page_state.ts";
import type { Assets } from "./assets.ts";
import { LanguageSwitch } from "./language_switch.tsx";

interface DashboardProps {
  readonly state: PageState;
  readonly assets: Assets;
}

export function DashboardPage({ state, assets }: DashboardProps) {
  const live = new Live(state);
  const { texts } = live;
  return (
    <html lang={state.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`Nhịp · ${texts.title}`}</title>
        <meta name="description" content={texts.tagline} />
        <link rel="icon" href={assets.address("icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.address("dashboard.css")} />
        <script
          type="application/json"
          id={pageStateId}
          dangerouslySetInnerHTML={{ __html: encodePageState(state) }}
        />
        <script type="module" src={assets.address("dashboard.js")} />
      </head>
      <body>
        <a class="skip" href="#main">{texts.skip}</a>
        <header>
          <div class="brand">
            <h1>Nhịp</h1>
            <p>{texts.tagline}</p>
          </div>
          <Island name="badge" live={live} props={{}} />
          <LanguageSwitch current={state.language} />
        </header>
        <noscript>
          <p class="notice">{texts.needsScript}</p>
        </noscript>
        <main id="main">
          <Island name="gate" live={live} props={{}} />
          <div class="panels">
            <Island name="orders" live={live} props={{ announceMs: 3_000 }} />
            <Island name="stock" live={live} props={{}} />
            <Island name="vehicles" live={live} props={{}} />
          </div>
        </main>
      </body>
    </html>
  );
}
