/// <reference lib="dom" />
/** One visit of a page: its token, and its connection to the server. */
import type { Channels } from "../lib/channels.ts";
import { type Client, connect, type Refusal } from "../lib/client/mod.ts";
import type { Page } from "./page.ts";
import { followTokens, forgetToken } from "./token.ts";

/** Why the server closes for good when it is the token that is at fault (PROTOCOL.md 2.3, 2.4). */
const tokenCodes: ReadonlySet<number> = new Set([101, 103, 109, 3500]);

export interface Visit {
  readonly client: Client<Channels>;
  /** For requests that are no calls of the client. */
  readonly token: string;
  /** To be told of each channel that is refused. */
  readonly refused: (refusal: Refusal) => void;
}

/**
 * Begins as soon as there is a token, the page's own or one that the viewer brings, and again with
 * each new one; the connection before has ended then.
 */
export function visit(page: Page, own: string | null, begin: (visit: Visit) => void): void {
  withToken(page, own, (token) => open(page, token, begin));
}

/** As `visit`, for pages without a connection. @param begin returns what ends it */
export function withToken(
  page: Page,
  own: string | null,
  begin: (token: string) => () => void,
): void {
  page.timeZone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (page.access.value === "off") return;
  let end = () => {};
  const enter = (token: string) => {
    end();
    page.access.value = "granted";
    end = begin(token);
  };
  if (own !== null) return enter(own);
  page.access.subscribe((access) => {
    if (access === "refused") forgetToken();
  });
  followTokens(enter);
}

function open(page: Page, token: string, begin: (visit: Visit) => void): () => void {
  const client = connect<Channels>(location.origin, { token });
  const refusedBy = (code: number) => {
    if (tokenCodes.has(code)) page.access.value = "refused";
  };
  const ends = [
    page.connection.follow(client),
    client.status.subscribe((status) => {
      if (status.name === "closed") refusedBy(status.code);
    }),
  ];
  begin({
    client,
    token,
    refused: (refusal) => {
      page.connection.refused(refusal);
      refusedBy(refusal.code);
    },
  });
  return () => {
    ends.forEach((end) => end());
    client.close();
  };
}
