/**
 * One channel of one WebSocket session.
 *
 *     opening ──level──▶ live ──▶ ended
 *        └──first page──▶ catching up ──level──▶ live
 */
import { isOver } from "../auth/identity.ts";
import { fitting } from "../broker/broker.ts";
import type { ChannelStream } from "../hub/channel_stream.ts";
import { Batch } from "../hub/batch.ts";
import { catchUp } from "../hub/catch_up.ts";
import type { Subscriber } from "../hub/subscriber.ts";
import { type Disconnect, disconnects, unsubscribes } from "../protocol/disconnects.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { Publication, Signal, StreamPosition } from "../protocol/publication.ts";
import { signalPush, subscribeResult, unsubscribePush } from "../protocol/replies.ts";
import { drained, type Transport } from "../transport/transport.ts";

export interface SubscriptionOptions {
  /** null: from now. */
  readonly recover: StreamPosition | null;
  readonly recoverable: boolean;
  readonly strictRecovery: boolean;
  readonly numericId: boolean;
  readonly joinLeave: boolean;
  /** Unix seconds; null: does not expire. */
  readonly expiresAt: number | null;
}

/** What the subscription asks of its session. */
export interface SubscriptionOwner {
  readonly transport: Transport<string>;
  /** The subscription has ended by itself, and the client has been told. */
  lost(channel: string): void;
  onError(error: unknown, stage: string): void;
}

/** The most that is sent before the client is seen to read on. */
const pageCount = 200;
const pageLength = 128 * 1024;
/** A client that reads nothing of what it asked to catch up on is slow. */
const catchUpPatienceMs = 25_000;

export class Subscription implements Subscriber {
  readonly channel: string;
  readonly #owner: SubscriptionOwner;
  readonly #options: SubscriptionOptions;
  #stream: ChannelStream | undefined;
  /** null before the reply, too: what the client has not been told of cannot be over. */
  #expiresAt: number | null = null;
  #ended = false;

  constructor(channel: string, owner: SubscriptionOwner, options: SubscriptionOptions) {
    this.channel = channel;
    this.#owner = owner;
    this.#options = options;
  }

  get backlog(): number {
    return this.#owner.transport.backlog;
  }

  /** Takes the lease of an open stream; `end` gives it back. */
  hold(stream: ChannelStream): void {
    this.#stream = stream;
  }

  /**
   * Sends the reply, then goes live or catches up. `hold` comes first.
   * @param reply makes the reply's text of the result's.
   * @throws ProtocolError 112 when recovery fails and was to be strict; nothing is sent then.
   */
  async start(reply: (result: string) => string): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return;
    const since = stream.retention === null ? null : this.#options.recover;
    if (since === null) return this.#goLive(stream, reply, false);
    const step = await catchUp(stream, since, pageCount);
    if (this.#ended) return;
    switch (step.kind) {
      case "lost":
        if (this.#options.strictRecovery) throw new ProtocolError("unrecoverablePosition");
        return this.#goLive(stream, reply, true);
      case "level":
        return this.#goLive(stream, reply, true, since);
      case "page": {
        const publications = fitting(step.publications, pageLength);
        this.#answer(reply(this.#result(stream, true, since, publications)));
        const last = publications.at(-1)?.position ?? since;
        this.#follow(stream, last).catch((error) => this.#fail(error));
      }
    }
  }

  /** Detaches from the stream and returns it, to be released. */
  end(): ChannelStream | undefined {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#ended = true;
    stream?.subscribers.delete(this);
    return stream;
  }

  deliver(batch: Batch): void {
    this.#owner.transport.send(this.#options.numericId ? batch.byId : batch.byName);
  }

  reset(): void {
    this.#leave(unsubscribes.insufficientState);
  }

  /** @param expiresAt in Unix seconds; null: it no longer expires. */
  renew(expiresAt: number | null): void {
    this.#expiresAt = expiresAt;
  }

  /** Ends it when its token is over. */
  expire(): void {
    if (isOver(this.#expiresAt)) this.#leave(unsubscribes.expired);
  }

  signal(channel: string, signal: Signal): void {
    if (this.#options.joinLeave) this.#send(signalPush(channel, signal));
  }

  /** @param recovered the position that was recovered; absent: it was not, or none was given. */
  #goLive(
    stream: ChannelStream,
    reply: (result: string) => string,
    wasRecovering: boolean,
    recovered?: StreamPosition,
  ): void {
    this.#answer(reply(this.#result(stream, wasRecovering, recovered, [])));
    stream.subscribers.add(this);
  }

  #result(
    stream: ChannelStream,
    wasRecovering: boolean,
    recovered: StreamPosition | undefined,
    publications: readonly Publication[],
  ): string {
    const head = stream.position;
    return subscribeResult({
      position: head && { epoch: head.epoch, offset: recovered?.offset ?? head.offset },
      recoverable: this.#options.recoverable,
      wasRecovering,
      recovered: recovered !== undefined,
      publications,
      expiresAt: this.#options.expiresAt,
      ...(this.#options.numericId && { numericId: stream.id }),
    });
  }

  /** Sends page after page as fast as the client reads, then goes live. */
  async #follow(stream: ChannelStream, from: StreamPosition): Promise<void> {
    for (let since = from;;) {
      const { transport } = this.#owner;
      const reading = await drained(transport, pageLength, catchUpPatienceMs, () => !this.#ended);
      if (this.#ended) return;
      if (!reading) return transport.close(disconnects.slow);
      const step = await catchUp(stream, since, pageCount);
      if (this.#ended) return;
      if (step.kind === "level") return void stream.subscribers.add(this);
      if (step.kind === "lost") return this.reset();
      const publications = fitting(step.publications, pageLength);
      this.deliver(new Batch(this.channel, stream.id, publications));
      since = publications.at(-1)?.position ?? since;
    }
  }

  #fail(error: unknown): void {
    this.#owner.onError(error, "catch up");
    if (!this.#ended) this.#owner.transport.close(disconnects.serverError);
  }

  #leave(reason: Disconnect): void {
    this.#send(unsubscribePush(this.channel, reason));
    this.#owner.lost(this.channel);
  }

  #answer(text: string): void {
    this.#send(text);
    this.#expiresAt = this.#options.expiresAt;
  }

  #send(text: string): void {
    this.#owner.transport.send(text);
  }
}
