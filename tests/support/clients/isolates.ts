/** Clients on every isolate of a server. Deno deals out connections as it likes: so they are asked. */
import { apiKey } from "../server.ts";
import type { OpenOptions, TestClient } from "./client.ts";
import { openLongPoll } from "./long_poll.ts";
import { openSse } from "./sse.ts";
import { openWebSocket } from "./websocket.ts";

const maxTries = 300;
/** An isolate may be ready seconds after the other on a busy machine. */
const patienceMs = 20_000;

/** Connections of one isolate; the first request that is under way has the known one. */
export interface Pinned extends Disposable {
  readonly node: string;
  readonly http: Deno.HttpClient;
}

/** One for each isolate. */
export async function pinEach(url: string, isolates: number): Promise<Pinned[]> {
  const found = new Map<string, Pinned>();
  const until = performance.now() + patienceMs;
  for (let tries = 0; found.size < isolates; tries++) {
    if (tries > maxTries && performance.now() > until) {
      throw new Error(`${found.size} of ${isolates} isolates answer`);
    }
    const http = Deno.createHttpClient({ poolMaxIdlePerHost: 1, http2: false });
    const node = await nodeOf(url, http);
    if (found.has(node)) http.close();
    else found.set(node, { node, http, [Symbol.dispose]: () => http.close() });
  }
  return [...found.values()];
}

/** The isolate that answers is the first of its own list. */
async function nodeOf(url: string, http: Deno.HttpClient): Promise<string> {
  const response = await fetch(`${url}/api/info`, {
    method: "POST",
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: "{}",
    client: http,
  });
  const { result } = await response.json() as { result: { nodes: { uid: string }[] } };
  const [first] = result.nodes;
  if (first === undefined) throw new Error("an isolate does not know itself");
  return first.uid;
}

/** A client of each transport on each isolate. */
export async function openOnEach(
  url: string,
  isolates: number,
  options: OpenOptions,
): Promise<{ readonly clients: TestClient[] } & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  try {
    const clients: TestClient[] = [];
    for (const open of [openSse, openLongPoll]) {
      for (const pinned of await pinEach(url, isolates)) {
        stack.use(pinned);
        clients.push(stack.use(await open(url, { ...options, http: pinned.http })));
      }
    }
    const nodes = new Set<string>();
    for (let tries = 0; nodes.size < isolates; tries++) {
      if (tries === maxTries) throw new Error(`${nodes.size} of ${isolates} isolates`);
      const client = await openWebSocket(url, options);
      if (nodes.has(client.node)) {
        await client[Symbol.asyncDispose]();
        continue;
      }
      nodes.add(client.node);
      clients.push(stack.use(client));
    }
    return { clients, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
