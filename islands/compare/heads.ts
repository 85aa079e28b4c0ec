/// <reference lib="dom" />
/**
 * How long the heads of requests are. A page sees but the headers that it sets itself; the server sees
 * all of them, and is asked once for each kind of request what the browser adds. A proxy on the way
 * may add more before they are counted.
 */
import { headerBytes, requestHeadBytes } from "./wire.ts";

export interface OwnRequest {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HeadAnswer {
  readonly bytes: number;
  /** Unix milliseconds by the server's clock. */
  readonly time: number;
}

export const headPath = "/compare/api/head";
const withinMs = 5_000;

export class Heads {
  /** By kind, what the browser adds; of each it is asked once. */
  readonly #added = new Map<string, Promise<number>>();
  #handshake: Promise<number> | undefined;

  /** Measures what the ways will ask for before they do. @throws where the server does not answer */
  async prepare(token: string): Promise<void> {
    const authorization = `Bearer ${token}`;
    const accept = "application/json";
    await Promise.all([
      this.#addedTo({ headers: { accept, authorization } }),
      this.#addedTo({ headers: { accept, authorization, "if-none-match": '"-"' } }),
      this.#addedTo({ method: "POST", headers: { authorization } }),
    ]);
    this.#handshake = measureHandshake();
    // It is asked for again where it matters, and then its failure does.
    this.#handshake.catch(() => {});
  }

  /** Bytes. @throws where the server does not answer */
  async of(url: URL, request: OwnRequest): Promise<number> {
    return ownBytes(url, request) + await this.#addedTo(request);
  }

  /** Bytes of a WebSocket's handshake. @throws where no WebSocket comes through */
  async ofHandshake(url: URL): Promise<number> {
    this.#handshake ??= measureHandshake();
    return requestHeadBytes("GET", url.pathname + url.search, []) + await this.#handshake;
  }

  #addedTo(request: OwnRequest): Promise<number> {
    const kind = kindOf(request);
    let added = this.#added.get(kind);
    if (added === undefined) this.#added.set(kind, added = measure(request));
    return added;
  }
}

/** What decides which headers a browser adds. */
function kindOf({ method = "GET", headers }: OwnRequest): string {
  return [method, ...Object.keys(headers).sort()].join(" ");
}

function ownBytes(url: URL, { method = "GET", headers }: OwnRequest): number {
  return requestHeadBytes(method, url.pathname + url.search, Object.entries(headers));
}

async function measure(request: OwnRequest): Promise<number> {
  const url = new URL(headPath, location.href);
  const response = await fetch(url, {
    ...request,
    ...(request.method === "POST" && { body: "{}" }),
    signal: AbortSignal.timeout(withinMs),
  });
  const { bytes }: HeadAnswer = await response.json();
  return bytes - ownBytes(url, request);
}

async function measureHandshake(): Promise<number> {
  const url = new URL(headPath, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  const timer = setTimeout(() => socket.close(), withinMs);
  try {
    const { bytes } = await new Promise<HeadAnswer>((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(JSON.parse(String(data)));
      socket.onclose = () => reject(new Error("no WebSocket"));
    });
    return bytes - requestHeadBytes("GET", url.pathname, []);
  } finally {
    clearTimeout(timer);
    socket.onclose = null;
  }
}

/** Of an answer, the status line and the headers that a page may see: all of them, of its own server. */
export function visibleHeaderBytes(response: Response): number {
  return `HTTP/1.1 ${response.status} ${response.statusText}`.length + 4 +
    headerBytes(response.headers);
}
