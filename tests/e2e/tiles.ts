/** A server of map tiles, each of them the same grey. */

export interface Tiles extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  readonly asked: readonly { readonly path: string; readonly referrer: string | null }[];
}

const tile = `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256">` +
  `<rect width="256" height="256" fill="#ccc" stroke="#999"/></svg>`;

export function startTiles(): Tiles {
  const asked: { path: string; referrer: string | null }[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push({ path: pathname + search, referrer: request.headers.get("referer") });
    return new Response(tile, { headers: { "content-type": "image/svg+xml" } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
