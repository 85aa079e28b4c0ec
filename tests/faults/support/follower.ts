/** A subscriber that comes back, and writes down every message it gets. */
import type {
  OpenClient,
  OpenOptions,
  Positions,
  TestClient,
} from "../../support/clients/client.ts";
import { Ended, Refused } from "../../support/clients/client.ts";
import { eventually } from "../../support/clients/eventually.ts";

export interface Followed {
  readonly offset: number | null;
  readonly data: unknown;
}

export interface FollowOptions extends OpenOptions {
  readonly open: OpenClient;
  /** A client that is open already. */
  readonly first?: TestClient;
  /** True once it has all. */
  readonly done: (message: Followed) => boolean;
  readonly onMessage: (message: Followed) => void;
  readonly signal: AbortSignal;
}

export interface FollowResult {
  readonly reconnects: number;
  /** Times that the server said something was lost. */
  readonly lost: number;
}

export async function follow(url: string, options: FollowOptions): Promise<FollowResult> {
  const { open, done, onMessage, signal } = options;
  let { first, positions } = options;
  let reconnects = -1;
  let lost = 0;
  while (true) {
    signal.throwIfAborted();
    const client = first ?? await openAtLast(() => open(url, withPositions(options, positions)));
    first = undefined;
    reconnects++;
    const stop = () => void client[Symbol.asyncDispose]();
    signal.addEventListener("abort", stop);
    try {
      for (const { recovered } of client.started.values()) if (recovered === false) lost++;
      for (;;) {
        const message = await client.next(120_000);
        onMessage(message);
        if (done(message)) return { reconnects, lost };
      }
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      // One that was cut off before it was told anything knows no position.
      const reached = client.positions();
      if (reached.size > 0) positions = reached;
      await client[Symbol.asyncDispose]();
    }
  }
}

function withPositions(options: OpenOptions, positions: Positions | undefined): OpenOptions {
  return { ...options, ...(positions && { positions }) };
}

/** Comes again until somebody listens there. */
async function openAtLast(open: () => Promise<TestClient>): Promise<TestClient> {
  let client: TestClient | undefined;
  const opened = async () => (client = await tryOpen(open)) !== undefined;
  await eventually(opened, "a server that takes the client", 60_000);
  if (client === undefined) throw new Error("opened, yet there is no client");
  return client;
}

/** undefined when nobody listens there, or not yet. */
async function tryOpen(open: () => Promise<TestClient>): Promise<TestClient | undefined> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof Refused && error.status !== 503 && error.status !== 0) throw error;
    if (error instanceof Refused || error instanceof TypeError || error instanceof Ended) return;
    if (error instanceof Error && error.name === "SyntaxError") return; // Cut off in an answer.
    throw error;
  }
}
