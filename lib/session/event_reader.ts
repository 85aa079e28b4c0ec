/**
 * One `/v1/events` request on its way from the position it gave to being level with its channels.
 * Event streams and long-poll both start here.
 */
import type { Node } from "../node/node.ts";
import type { Namespace } from "../channels.ts";
import { catchUp } from "../hub/catch_up.ts";
import type { ChannelStream } from "../hub/channel_stream.ts";
import { encodeCursor, hashOf } from "../protocol/cursor.ts";
import type { ChannelStart } from "../protocol/events.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";

export interface EventRequest {
  readonly channels: readonly string[];
  readonly rules: readonly Namespace[];
  /** A position per channel, null meaning from now; null: none was given. */
  readonly from: readonly (StreamPosition | null)[] | null;
}

/** A message and the cursor after it; null when it does not move the cursor. */
export interface Message {
  readonly text: string;
  readonly cursor: string | null;
}

export class EventReader {
  readonly hash: string;
  readonly streams: ChannelStream[] = [];
  readonly #node: Node;
  readonly #request: EventRequest;
  #positions: (StreamPosition | null)[] = [];
  constructor(node: Node, request: EventRequest) {
    this.#node = node;
    this.#request = request;
    this.hash = hashOf(request.channels);
  }

  /**
   * Opens the channels and finds out where each goes on from. `release` is due in any case, also
   * when this throws.
   */
  async start(): Promise<ChannelStart[]> {
    const { channels, rules, from } = this.#request;
    for (const [i, channel] of channels.entries()) {
      this.streams.push(await this.#node.hub.open(channel, rules[i]?.history ?? null));
    }
    const starts: ChannelStart[] = [];
    for (const [index, stream] of this.streams.entries()) {
      starts.push(await this.#startOf(stream, index, from?.[index] ?? null));
    }
    return starts;
  }

  /** The cursor of what has been read so far. */
  get cursor(): string {
    return encodeCursor(this.hash, this.#positions);
  }

  /**
   * The next messages, or null when the request is level with all its channels in this very turn.
   * "lost" names a channel that could not be read on; its position is now the head.
   */
  async next(limit: number): Promise<Message[] | { lost: ChannelStart } | null> {
    for (const [index, stream] of this.streams.entries()) {
      const since = this.#positions[index] ?? null;
      if (since === null || isLevel(stream, since)) continue;
      const step = await catchUp(stream, since, limit);
      if (step.kind === "page") return this.#messages(index, step.publications);
      if (step.kind === "lost") return { lost: this.#moveToHead(stream, index) };
    }
    // Reading one channel takes time in which another may move on.
    const level = this.streams.every((stream, i) => isLevel(stream, this.#positions[i] ?? null));
    return level ? null : [];
  }

  release(): void {
    for (const stream of this.streams.splice(0)) this.#node.hub.release(stream);
  }

  async #startOf(
    stream: ChannelStream,
    index: number,
    since: StreamPosition | null,
  ): Promise<ChannelStart> {
    const { channel } = stream;
    if (since === null || stream.retention === null) {
      this.#positions[index] = stream.position;
      return { channel, position: stream.position };
    }
    // Only whether it can be honoured: pages of all channels at once would be held for a client that
    // may never read them.
    const step = await catchUp(stream, since, 1);
    if (step.kind === "lost") return this.#moveToHead(stream, index);
    const position = { epoch: stream.position?.epoch ?? since.epoch, offset: since.offset };
    this.#positions[index] = position;
    return { channel, position, recovered: true };
  }

  #moveToHead(stream: ChannelStream, index: number): ChannelStart {
    this.#positions[index] = stream.position;
    return { channel: stream.channel, position: stream.position, recovered: false };
  }

  #messages(index: number, publications: readonly Publication[]): Message[] {
    const head = `{"channel":${JSON.stringify(this.#request.channels[index])},"pub":`;
    return publications.map(({ body, position }) => {
      this.#positions[index] = position;
      return { text: `${head}${body}}`, cursor: position && this.cursor };
    });
  }
}

function isLevel(stream: ChannelStream, since: StreamPosition | null): boolean {
  const { position } = stream;
  if (position === null || since === null) return true;
  return position.offset === since.offset && position.epoch === since.epoch;
}
