import type { Proxy as NetworkProxy } from "./proxy.ts";

/** What a client in this process needs of the platform to go by a proxy. */
export interface ProxyEnvironment extends Disposable {
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
  readonly WebSocket: new (url: URL) => WebSocket;
  /** For a `fetch` of the test's own. */
  readonly http: Deno.HttpClient;
}

/**
 * By the forward proxy where it is one, as HTTP_PROXY would have it. Deno asks a proxy for a
 * WebSocket to ws:// by GET and Upgrade, where browsers ask by CONNECT.
 */
export function environmentOf({ forward }: NetworkProxy): ProxyEnvironment {
  const http = Deno.createHttpClient(forward === undefined ? {} : { proxy: { url: forward } });
  return {
    fetch: (url, init) => fetch(url, { ...init, client: http }),
    // By reflection: where the types of browsers are in force, too, the option is not known.
    WebSocket: new Proxy(WebSocket, {
      construct: (target, [url]) => Reflect.construct(target, [url, { client: http }]),
    }),
    http,
    [Symbol.dispose]: () => http.close(),
  };
}
