/** A WebSocket session's shared poll subscription: keys that it follows by signatures. */
import { isOver } from "../auth/identity.ts";
import { checkKey } from "../broker/key_rules.ts";
import type { TrackBatch, TrackCommand } from "../protocol/commands.ts";
import { type Disconnect, unsubscribes } from "../protocol/disconnects.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { lifetime, sharedPollResult, unsubscribePush } from "../protocol/replies.ts";
import type { PollChannel, Wanted } from "../shared_poll/poll_channel.ts";
import type { Signatures } from "../shared_poll/signatures.ts";
import type { Tracker } from "../shared_poll/tracker.ts";
import type { SubscriptionOwner } from "./subscription_options.ts";

export interface PollSubscriptionOptions {
  readonly polls: PollChannel;
  readonly signatures: Signatures;
  /** Unix seconds; null: does not expire. */
  readonly expiresAt: number | null;
}

type MakeReply = (result: string) => string;

/** Keys whose signature is over are followed for so long: a new one may be on its way. */
const extraMs = 25_000;

export class PollSubscription {
  readonly channel: string;
  readonly #owner: SubscriptionOwner;
  readonly #options: PollSubscriptionOptions;
  readonly #tracker: Tracker;
  #expiresAt: number | null;
  #ended = false;

  constructor(channel: string, owner: SubscriptionOwner, options: PollSubscriptionOptions) {
    this.channel = channel;
    this.#owner = owner;
    this.#options = options;
    this.#expiresAt = options.expiresAt;
    this.#tracker = options.polls.join({
      transport: owner.transport,
      outdated: () => this.#leave(unsubscribes.insufficientState),
      onError: owner.onError,
    });
  }

  start(reply: MakeReply): void {
    const result = sharedPollResult(this.#options.polls.epoch, this.#expiresAt);
    this.#owner.transport.send(reply(result));
  }

  /**
   * Sends the reply itself, so that no value comes before it.
   * @throws ProtocolError 103, 106, 107, 109; then it follows what it did before.
   */
  async track(command: TrackCommand, user: string, reply: MakeReply): Promise<void> {
    const { batches, untrack } = command;
    if (batches.length === 0 && untrack.length === 0) {
      throw new ProtocolError("badRequest", "type 1 needs track and type 2 untrack");
    }
    for (const batch of batches) checkBatch(batch);
    const wanted: Wanted[] = [];
    let soonest: number | null = null;
    for (const batch of batches) {
      const expiresAt = await this.#verify(batch, user);
      const until = expiresAt === null ? null : expiresAt * 1_000 + extraMs;
      for (const { key, version } of batch.items) wanted.push({ key, version, until });
      if (expiresAt !== null) soonest = Math.min(soonest ?? Infinity, expiresAt);
    }
    // It may have ended while the signatures were verified.
    if (this.#ended) throw new ProtocolError("permissionDenied", "not subscribed");
    this.#options.polls.track(this.#tracker, wanted, untrack);
    this.#owner.transport.send(reply(JSON.stringify(lifetime(soonest))));
    this.#tracker.flush();
  }

  /** @param expiresAt in Unix seconds; null: it no longer expires. */
  renew(expiresAt: number | null): void {
    this.#expiresAt = expiresAt;
  }

  /** Ends it when its token is over; else gives up keys whose signature is. */
  expire(): void {
    if (isOver(this.#expiresAt)) return this.#leave(unsubscribes.expired);
    this.#options.polls.untrack(this.#tracker, this.#tracker.over(Date.now()));
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.polls.leave(this.#tracker);
  }

  #verify({ signature, items }: TrackBatch, user: string): Promise<number | null> {
    const keys = items.map(({ key }) => key);
    return this.#options.signatures.verify(signature, user, this.channel, keys);
  }

  #leave(reason: Disconnect): void {
    this.#owner.transport.send(unsubscribePush(this.channel, reason));
    this.#owner.lost(this.channel);
  }
}

/** @throws ProtocolError 107 */
function checkBatch({ items }: TrackBatch): void {
  if (items.length === 0) throw new ProtocolError("badRequest", "track has a batch of no items");
  for (const { key, version } of items) {
    checkKey(key);
    // Keys are signed joined by NUL: with one inside, two would be signed as well.
    if (key.includes("\0")) throw new ProtocolError("badRequest", "key has a NUL");
    if (version < 0) throw new ProtocolError("badRequest", "version is below 0");
  }
}
