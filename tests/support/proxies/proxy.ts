/** What stands between a client and the server, and how a test uses it. */
export interface Proxy extends AsyncDisposable {
  /** Among all of them; for titles and tables. */
  readonly name: string;
  /** Where the proxy itself listens, on 127.0.0.1. */
  readonly port: number;
  /**
   * Without a slash at its end: what a client is told as the server's address. Of a forward proxy
   * that is the server's own, and the client's platform has to be told of the proxy (`forward`).
   */
  readonly url: string;
  /** A forward proxy's own address; `environment.ts` and `chromiumProxy` make use of it. */
  readonly forward?: string;
}

/** For Playwright's `proxy`: by itself Chromium would go to 127.0.0.1 directly. */
export function chromiumProxy({ forward }: Proxy): { server: string; bypass: string } | undefined {
  return forward === undefined ? undefined : { server: forward, bypass: "<-loopback>" };
}
