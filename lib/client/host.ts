import type { Refusal, Subscription } from "./api.ts";
import type { CallOptions } from "./calls.ts";
import type { Feed, Listener } from "./feed.ts";
import type { Command } from "./link.ts";

/** What channels need of their client. */
export interface Host {
  /** undefined: nobody listens. */
  feed(channel: string): Feed<unknown> | undefined;
  /** @param make where nobody listens yet. */
  join<News>(channel: string, make: () => Feed<News>, listener: Listener<News>): Subscription;
  /** This channel alone will not be served. */
  refused(channel: string, reason: Refusal): void;
  /** @returns what the reply has under the command's name. */
  call(command: Command, options?: CallOptions): Promise<unknown>;
  /** Sent until it is answered, and done once. */
  publish(publication: Command, options?: CallOptions): Promise<unknown>;
}
