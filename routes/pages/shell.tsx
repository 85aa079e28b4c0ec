/** What all pages' documents have in common. */
import type { ComponentChildren } from "preact";
import { Island } from "../../islands/island.tsx";
import type { Language, Translated } from "../../islands/language.ts";
import type { PageState } from "../../islands/page.ts";
import { encodePageState, pageStateId } from "../../islands/page_state.ts";
import { texts } from "../../islands/texts.ts";
import type { Assets } from "./assets.ts";
import { LanguageSwitch } from "./language_switch.tsx";

interface ShellProps {
  /** For the page's script. */
  readonly state: PageState;
  readonly assets: Assets;
  /** Its script and style sheet have this name. */
  readonly name: string;
  /** Further style sheets that it needs before it is shown. */
  readonly styles?: readonly string[];
  readonly title: string;
  /** What stands at the top in the title's place; absent: the product's name. */
  readonly heading?: string;
  readonly tagline: string;
  readonly badge: ComponentChildren;
  /** What the address says beside the language, beginning with `&`. */
  readonly query?: string;
  readonly children: ComponentChildren;
}

export function Shell(props: ShellProps) {
  const { state, assets, name, styles = [], title, heading = "Nhịp", tagline } = props;
  const { badge, query, children } = props;
  const { language } = state;
  const common = texts[language];
  return (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <meta name="description" content={tagline} />
        <link rel="icon" href={assets.address("icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.address("page.css")} />
        {[name, ...styles].map((one) => (
          <link key={one} rel="stylesheet" href={assets.address(`${one}.css`)} />
        ))}
        <script
          type="application/json"
          id={pageStateId}
          dangerouslySetInnerHTML={{ __html: encodePageState(state) }}
        />
        <script type="module" src={assets.address(`${name}.js`)} />
      </head>
      <body>
        <a class="skip" href="#main">{common.skip}</a>
        <header>
          <div class="brand">
            <h1>{heading}</h1>
            <p>{tagline}</p>
          </div>
          <Island name="badge">{badge}</Island>
          <Ways language={language} current={name} />
          <LanguageSwitch current={language} query={query} />
        </header>
        <noscript>
          <p class="notice">{common.needsScript}</p>
        </noscript>
        <main id="main">{children}</main>
      </body>
    </html>
  );
}

/** The pages that a visitor may go to from any of them, and their names. */
const ways: readonly { readonly name: string; readonly href: string; title: Translated<string> }[] =
  [
    { name: "dashboard", href: "/", title: { en: "Operations", vi: "Điều hành" } },
    { name: "driver", href: "/driver", title: { en: "Driver", vi: "Tài xế" } },
    { name: "chat", href: "/chat/support", title: { en: "Chat", vi: "Trò chuyện" } },
    { name: "compare", href: "/compare", title: { en: "Compare", vi: "So sánh" } },
    { name: "inspect", href: "/inspect", title: { en: "Inspector", vi: "Giám sát" } },
  ];

function Ways({ language, current }: { language: Language; current: string }) {
  if (ways.length < 2) return null;
  return (
    <nav class="ways" aria-label={texts[language].pages}>
      {ways.map(({ name, href, title }) => (
        <a
          key={name}
          href={`${href}?lang=${language}`}
          aria-current={name === current ? "page" : undefined}
        >
          {title[language]}
        </a>
      ))}
    </nav>
  );
}
