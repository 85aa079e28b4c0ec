/**
 * One channel of one WebSocket session.
 *
 *     opening ──level──▶ live ◀──level── behind ──▶ ended
 *        ├──pages of state──▶ paging ──last page──▶ behind
 *        └──first page of what was missed──▶ behind
 *
 * Who is behind reads on by itself, as fast as its client does. A live subscriber of a keyed channel
 * falls behind when its client is slow, or after each update when it asked for fewer of them: then
 * it is given the latest of each key, not all that came between.
 */
import { isOver } from "../auth/identity.ts";
import { fitting } from "../broker/broker.ts";
import type { ChannelStream } from "../hub/channel_stream.ts";
import type { Batch } from "../hub/batch.ts";
import { catchUp, isLevel, levelBeyond } from "../hub/catch_up.ts";
import type { Subscriber } from "../hub/subscriber.ts";
import { type Disconnect, disconnects, unsubscribes } from "../protocol/disconnects.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { Publication, Signal, StreamPosition } from "../protocol/publication.ts";
import {
  signalPush,
  statePageResult,
  subscribeResult,
  unsubscribePush,
} from "../protocol/replies.ts";
import { drained } from "../transport/transport.ts";
import { StatePages } from "./state_pages.ts";
import type { SubscriptionOptions, SubscriptionOwner } from "./subscription_options.ts";

type MakeReply = (result: string) => string;

/** The most that is sent before the client is seen to read on. */
const pageCount = 200;
const pageLength = 128 * 1024;
/** The offset of what a client knows that may have been given the latest of some keys only. */
const unknown = 0;
/** A client that reads nothing of what it asked to catch up on is slow. */
const catchUpPatienceMs = 25_000;

export class Subscription implements Subscriber {
  readonly channel: string;
  readonly #owner: SubscriptionOwner;
  readonly #options: SubscriptionOptions;
  #stream: ChannelStream | undefined;
  /** Up to where it was sent when it last was behind. */
  #sent: StreamPosition | null = null;
  /** Being asked for, one after the other. */
  #pages: StatePages | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
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

  /** Publications that it is behind its stream. */
  get lag(): number {
    const head = this.#stream?.position ?? null;
    if (this.#stream?.subscribers.has(this) || head === null || this.#sent === null) return 0;
    return head.epoch === this.#sent.epoch ? Math.max(0, head.offset - this.#sent.offset) : 0;
  }

  /** Whether pages of state are still to be asked for. */
  get isPaging(): boolean {
    return this.#pages !== undefined;
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
  async start(reply: MakeReply): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return;
    const since = stream.retention === null ? null : this.#options.recover;
    if (since === null) return this.#goLive(stream, reply, false);
    if (this.#options.filter !== null) await levelBeyond(stream, since);
    const step = await catchUp(stream, since, pageCount);
    if (this.#ended) return;
    switch (step.kind) {
      case "lost":
        if (this.#options.strictRecovery) throw new ProtocolError("unrecoverablePosition");
        return this.#goLive(stream, reply, true);
      case "level":
        if (!isLevel(stream, since)) return await this.start(reply);
        return this.#goLive(stream, reply, true, since);
      case "page": {
        const read = fitting(step.publications, pageLength);
        const last = read.at(-1)?.position ?? since;
        const { filter } = this.#options;
        const sent = filter ? stream.filtered(read, unknown, filter) : read;
        // A plain stream's client counts on from the publications, a map's from the position; with
        // a filter neither sees all of them.
        const told = this.#options.map !== null || filter !== null ? last : since;
        this.#answer(reply(this.#result(stream, true, told, sent)));
        this.#followFrom(stream, last, false, unknown);
      }
    }
  }

  /**
   * Sends a page of state, and after the last one goes on with what changed since. `hold` comes
   * first.
   * @returns the UTF-16 units of state in it.
   * @throws ProtocolError 107 for the cursor of another page, 112 when they must begin again.
   */
  sendPage(reply: MakeReply, cursor: string, limit: number): number {
    const stream = this.#stream;
    if (stream === undefined || stream.state === null || stream.position === null) return 0;
    if (cursor === "") {
      this.#pages = new StatePages(stream.state.snapshot(stream.position), this.#options.filter);
    }
    const pages = this.#pages;
    if (pages === undefined || pages.position.epoch !== stream.position.epoch) {
      throw new ProtocolError("unrecoverablePosition");
    }
    const page = pages.next(cursor, limit);
    if (page.cursor !== null) {
      this.#send(reply(statePageResult(pages.position, page.bodies, page.cursor)));
    } else {
      this.#pages = undefined;
      this.#answer(reply(this.#result(stream, false, pages.position, [], page.bodies)));
      this.#followFrom(stream, pages.position);
    }
    return page.bodies.length;
  }

  /** Detaches from the stream and returns it, to be released. */
  end(): ChannelStream | undefined {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#pages = undefined;
    this.#ended = true;
    clearTimeout(this.#timer);
    stream?.subscribers.delete(this);
    return stream;
  }

  deliver(batch: Batch): void {
    const { map } = this.#options;
    if (map !== null && (map.everyMs > 0 || this.backlog > pageLength)) {
      return this.#fallBehind(batch, map.everyMs);
    }
    this.#push(batch);
  }

  reset(): void {
    const keyed = this.#options.map !== null;
    this.#leave(keyed ? unsubscribes.stateInvalidated : unsubscribes.insufficientState);
  }

  /** @param expiresAt in Unix seconds; null: it no longer expires. */
  renew(expiresAt: number | null): void {
    this.#expiresAt = expiresAt;
  }

  /** Ends it when its token is over, or when its client asks for no more pages. */
  expire(): void {
    if (isOver(this.#expiresAt)) this.#leave(unsubscribes.expired);
    else if (this.#pages?.isStale) this.#owner.lost(this.channel);
  }

  signal(channel: string, signal: Signal): void {
    if (this.#options.joinLeave) this.#send(signalPush(channel, signal));
  }

  /** @param recovered the position that was recovered; absent: it was not, or none was given. */
  #goLive(
    stream: ChannelStream,
    reply: MakeReply,
    wasRecovering: boolean,
    recovered?: StreamPosition,
  ): void {
    this.#answer(reply(this.#result(stream, wasRecovering, recovered, [])));
    stream.subscribers.add(this);
  }

  #result(
    stream: ChannelStream,
    wasRecovering: boolean,
    position: StreamPosition | undefined,
    publications: readonly Publication[],
    state = "",
  ): string {
    const head = stream.position;
    const { map, numericId } = this.#options;
    return subscribeResult({
      position: head && { ...head, ...position, epoch: position?.epoch || head.epoch },
      recoverable: this.#options.recoverable,
      wasRecovering,
      recovered: wasRecovering && position !== undefined,
      publications,
      expiresAt: this.#options.expiresAt,
      ...(map && { map: { state, debounceMs: map.debounceMs } }),
      ...(numericId && { numericId: stream.id }),
    });
  }

  /** Leaves the live ones before a batch, and reads on when it is time. */
  #fallBehind(batch: Batch, everyMs: number): void {
    const stream = this.#stream;
    const [first] = batch.publications;
    const position = first?.position ?? null;
    if (stream === undefined || position === null) return this.#push(batch);
    stream.subscribers.delete(this);
    const { epoch, offset } = position;
    const since = { epoch, offset: offset - 1 };
    this.#sent = since;
    if (everyMs === 0) return this.#followFrom(stream, since, true);
    // At the same moments for all who asked for the same: they share what is encoded.
    const wait = everyMs - Date.now() % everyMs;
    this.#timer = setTimeout(() => this.#followFrom(stream, since, true), wait);
  }

  /** @param base see `ChannelStream.filtered` */
  #followFrom(
    stream: ChannelStream,
    since: StreamPosition,
    latest = false,
    base = since.offset,
  ): void {
    this.#follow(stream, since, latest, base).catch((error) => this.#fail(error));
  }

  /** Sends page after page as fast as the client reads, then goes live. */
  async #follow(
    stream: ChannelStream,
    from: StreamPosition,
    latest: boolean,
    base: number,
  ): Promise<void> {
    for (let since = from;;) {
      this.#sent = since;
      const { transport } = this.#owner;
      const reading = await drained(transport, pageLength, catchUpPatienceMs, () => !this.#ended);
      if (this.#ended) return;
      if (!reading) return transport.close(disconnects.slow);
      const step = await catchUp(stream, since, pageCount, latest);
      if (this.#ended) return;
      if (step.kind === "level") {
        if (isLevel(stream, since)) return void stream.subscribers.add(this);
        continue;
      }
      if (step.kind === "lost") return this.reset();
      const publications = fitting(step.publications, pageLength);
      this.#sendBatch(stream.batch(publications, base, this.#options.filter));
      since = publications.at(-1)?.position ?? since;
    }
  }

  #push(batch: Batch): void {
    const { filter } = this.#options;
    this.#sendBatch(filter === null ? batch : batch.filtered(filter));
  }

  #sendBatch(batch: Batch): void {
    if (batch.publications.length === 0) return;
    this.#send(this.#options.numericId ? batch.byId : batch.byName);
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
