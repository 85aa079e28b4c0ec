/** One subscribed channel: what the application has been given of it, and who listens. */
import { deferred } from "./deferred.ts";
import type { StreamPosition } from "../protocol/publication.ts";
import type { Refusal } from "./api.ts";
import type { Opening, Opens, Start, WirePublication } from "./link.ts";
import { call } from "./signal.ts";

export interface Listener<News> {
  readonly onNews: (news: News) => void;
  readonly onGap?: (() => void) | undefined;
  readonly onRefused?: ((reason: Refusal) => void) | undefined;
}

export abstract class Feed<News> implements Opens {
  readonly channel: string;
  abstract readonly keyed: boolean;
  abstract readonly position: StreamPosition | undefined;
  readonly listeners = new Set<Listener<News>>();
  readonly #ready = deferred<void>();

  constructor(channel: string) {
    this.channel = channel;
    this.#ready.promise.catch(() => {}); // Not everybody waits for it.
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /**
   * Takes the server's word for where it goes on.
   * @param sole whether no other connection carries the channel.
   * @returns whether what comes on that connection goes on from what is known here.
   */
  start(start: Start, sole: boolean): boolean {
    const fits = this.begin(start, sole);
    if (fits) this.#ready.resolve();
    return fits;
  }

  abstract opening(): Opening;

  protected abstract begin(start: Start, sole: boolean): boolean;

  /** @returns false: one before it is missing, which the server promises not to happen. */
  abstract take(publication: WirePublication, latencyMs: number | undefined): boolean;

  refuse(reason: Refusal): void {
    this.#ready.reject(reason);
    this.#each(({ onRefused }) => call(onRefused, reason));
  }

  protected tell(news: News): void {
    this.#each(({ onNews }) => call(onNews, news));
  }

  protected tellGap(): void {
    this.#each(({ onGap }) => call(onGap, undefined));
  }

  /** One listener may end the subscription of another. */
  #each(act: (listener: Listener<News>) => void): void {
    for (const listener of [...this.listeners]) if (this.listeners.has(listener)) act(listener);
  }
}
