/** One feed, changing as long as somebody reads what its run says; everything in this isolate. */
import type { Node } from "../node/node.ts";
import { itemAt, itemCount } from "./item.ts";
import { gapAfter, runLimits } from "./limits.ts";

type Needs = Pick<Node, "publisher" | "broker" | "sessions" | "onError">;

/** The lines of a run, as JSON. */
export type RunLine =
  /** The first: what the feed is called. */
  | { readonly feed: string }
  /** Change `n` has been made. */
  | { readonly n: number };

export const feedNamespace = "compare";

export function feedChannel(feed: string): `${typeof feedNamespace}:${string}` {
  return `${feedNamespace}:${feed}`;
}

const encoder = new TextEncoder();

export class FeedRuns {
  readonly #node: Needs;
  #running = 0;

  constructor(node: Needs) {
    this.#node = node;
  }

  /**
   * Lines of JSON, one a change. The feed ends with its reader, or after `runLimits.longestMs`; its
   * channel is gone then. A reader who stays and does not read leaves 100 KB unread at most.
   * @param everyMs from one change to the next, in the mean
   * @returns null where there are as many as there may be
   */
  start(everyMs: number): ReadableStream<Uint8Array> | null {
    if (this.#running >= runLimits.atOnce) return null;
    this.#running++;
    const end = new AbortController();
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        // Not awaited: what it reads is written from now on.
        this.#run(everyMs, controller, end.signal).catch((error) => {
          this.#node.onError(error, "compare");
        }).finally(() => {
          this.#running--;
        });
      },
      cancel: () => end.abort(),
    });
  }

  async #run(
    everyMs: number,
    controller: ReadableStreamDefaultController<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const feed = crypto.randomUUID();
    const channel = feedChannel(feed);
    const { publisher, sessions } = this.#node;
    const say = (line: RunLine) => controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
    const put = (n: number, changes: boolean) => {
      const item = itemAt(n, Date.now());
      return publisher.publishKey(channel, item.id, changes ? item : { ...item, n: 0 });
    };
    try {
      await Promise.all(Array.from({ length: itemCount }, (_, n) => put(n, false)));
      if (signal.aborted) return;
      say({ feed });
      const until = performance.now() + runLimits.longestMs;
      for (let n = 1;; n++) {
        const ms = gapAfter(n - 1, everyMs);
        if (performance.now() + ms > until) break;
        await pause(ms, signal);
        if (signal.aborted || sessions.closing) break;
        await put(n, true);
        if (!signal.aborted) say({ n });
      }
      if (!signal.aborted) controller.close();
    } catch (error) {
      // Its reader learns that it is over, and may begin anew.
      if (!signal.aborted) controller.error(error);
      throw error;
    } finally {
      await this.#node.broker.clear(channel);
    }
  }
}

/** Ends early when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", done);
    resolve();
  };
  const timer = setTimeout(done, ms);
  signal.addEventListener("abort", done, { once: true });
  return promise;
}
