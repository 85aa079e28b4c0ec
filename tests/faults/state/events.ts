/** Clients of `/v1/events` that keep maps: an event stream, and a loop of long-polls. */
import { anonymous } from "../../../lib/auth/identity.ts";
import { decodeCursor, type Places } from "../../../lib/protocol/cursor.ts";
import type { EventRequest } from "../../../lib/session/event_reader.ts";
import { openEventSession } from "../../../lib/session/event_session.ts";
import { longPoll } from "../../../lib/session/long_poll.ts";
import { intervalOf } from "../../../lib/session/rate.ts";
import { SseParser } from "../../support/clients/sse.ts";
import { type KeyedPub, type StateStarts, takeStart } from "../../support/clients/state_mirror.ts";
import type { Following, Line } from "./following.ts";
import type { Place } from "./node.ts";

const waitMs = 3_000;

type By = "cursor" | "position";

/** As the route makes it of the client's URL. */
function requestOf({ node }: Place, following: Following, by: By): EventRequest {
  const { wishes: { channels, maxRate }, filter, cursor } = following;
  return {
    channels,
    rules: channels.map((channel) => node.registry.rules(channel)),
    from: by === "cursor" && cursor !== null
      ? decodeCursor(cursor, channels)
      : positionsOf(following),
    filter,
    everyMs: maxRate === null ? 0 : intervalOf(maxRate),
  };
}

/** `since`; a channel that is not whole begins anew. */
function positionsOf({ mirrors }: Following): Places | null {
  const places = [...mirrors.values()].map(({ whole, position }) =>
    whole ? position && { ...position, base: 0 } : null
  );
  return places.every((place) => place === null) ? null : places;
}

/** What both have in common. */
abstract class EventsLine implements Line {
  stalled = false;
  protected readonly place: Place;
  protected readonly following: Following;
  protected open = true;

  constructor(place: Place, following: Following) {
    this.place = place;
    this.following = following;
  }

  get isOpen(): boolean {
    return this.open && !this.place.isDead;
  }

  abstract get isLevel(): boolean;
  abstract cut(): void;

  protected started(channels: StateStarts): void {
    const { tally } = this.following;
    for (const [channel, start] of Object.entries(channels)) {
      if (start.recovered === true) tally.resumed++;
      if (start.recovered === false) tally.lost++;
      takeStart(this.following.mirror(channel), start);
      if (start.more) tally.pages++;
    }
  }

  protected failed(error: unknown): void {
    if (this.isOpen) this.following.faults.push(error);
    this.open = false;
  }

  /** Whether it may read on; false when it is over. */
  protected async reading(): Promise<boolean> {
    while (this.stalled && this.isOpen) await new Promise((again) => setTimeout(again, 20));
    return this.isOpen;
  }
}

export class SseLine extends EventsLine {
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #subscribed = false;

  constructor(place: Place, following: Following, by: By) {
    super(place, following);
    this.#run(by).catch((error) => this.failed(error));
  }

  get isLevel(): boolean {
    return this.#subscribed && this.following.isWhole;
  }

  cut(): void {
    this.open = false;
    // A killed node is not told.
    if (!this.place.isDead) this.#reader?.cancel().catch(() => {});
  }

  async #run(by: By): Promise<void> {
    const { node, groups } = this.place;
    const request = requestOf(this.place, this.following, by);
    const response = await openEventSession({
      node,
      groups,
      request,
      identity: anonymous,
      joinLeave: false,
    });
    if (!this.isOpen) return void response.body?.cancel();
    this.#reader = response.body?.getReader();
    const decoder = new TextDecoder();
    const parser = new SseParser(
      (name, data) => this.#event(name, data),
      () => {},
      (id) => this.following.cursor = id,
    );
    while (await this.reading()) {
      const read = await this.#reader?.read().catch(() => undefined);
      if (!this.isOpen) return;
      if (read === undefined || read.done) {
        this.following.tally.closed++;
        this.open = false;
        return;
      }
      parser.push(decoder.decode(read.value, { stream: true }));
    }
  }

  #event(name: string, data: string): void {
    const json: unknown = JSON.parse(data);
    switch (name) {
      case "subscribed":
        this.#subscribed = true;
        return this.started((json as { channels: StateStarts }).channels);
      case "state": {
        const { channel, state, more } = json as {
          channel: string;
          state: KeyedPub[];
          more: boolean;
        };
        if (more) this.following.tally.pages++;
        return this.following.mirror(channel).page(state, more);
      }
      case "message": {
        const { channel, pub } = json as { channel: string; pub: KeyedPub };
        return this.following.mirror(channel).change(pub);
      }
      default:
        throw new Error(`event ${name}: ${data}`);
    }
  }
}

interface Answer {
  readonly cursor: string;
  readonly channels?: StateStarts;
  readonly messages: readonly { readonly channel: string; readonly pub: KeyedPub }[];
}

export class LongPollLine extends EventsLine {
  readonly #abort = new AbortController();
  #asked = 0;

  constructor(place: Place, following: Following, by: By) {
    super(place, following);
    this.#run(by).catch((error) => this.failed(error));
  }

  /** Level when it has been answered, and waits. */
  get isLevel(): boolean {
    return this.#asked > 1 && this.following.isWhole;
  }

  cut(): void {
    this.open = false;
    if (!this.place.isDead) this.#abort.abort();
  }

  async #run(by: By): Promise<void> {
    const { node, groups } = this.place;
    const { signal } = this.#abort;
    while (await this.reading()) {
      const request = requestOf(this.place, this.following, this.#asked++ > 0 ? "cursor" : by);
      const identity = anonymous;
      const text = await longPoll({ node, groups, request, identity, waitMs, signal });
      if (!this.isOpen) return;
      const { cursor, channels = {}, messages } = JSON.parse(text) as Answer;
      this.following.cursor = cursor;
      this.started(channels);
      for (const { channel, pub } of messages) this.following.mirror(channel).change(pub);
    }
  }
}
