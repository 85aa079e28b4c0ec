/**
 * The publications that go to a channel's subscribers in one flush, with each wire form encoded at
 * most once, when the first subscriber asks for it.
 */
import type { Filter } from "../protocol/filter.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";
import { filtered, type Replaced } from "./filtered.ts";

export class Batch {
  readonly channel: string;
  /** The channel's number in this hub, for clients that asked for numeric ids. */
  readonly channelId: number;
  readonly publications: readonly Publication[];
  /** The stream position after it; null when none of its publications has one. */
  readonly position: StreamPosition | null;
  #byName: string | undefined;
  #byId: string | undefined;
  #messages: readonly string[] | undefined;
  readonly #replaced: Replaced | undefined;
  #filtered: Map<string, Batch> | undefined;

  /**
   * @param publications in order; not empty, but for what a filter left.
   * @param replaced what the subscribers had of the publications' keys; absent: nothing.
   */
  constructor(
    channel: string,
    channelId: number,
    publications: readonly Publication[],
    position = lastPosition(publications),
    replaced?: Replaced,
  ) {
    this.channel = channel;
    this.channelId = channelId;
    this.publications = publications;
    this.position = position;
    this.#replaced = replaced;
  }

  /** What a filter lets through, maybe nothing, up to the same position; shared by all who ask. */
  filtered(filter: Filter): Batch {
    this.#filtered ??= new Map();
    const before = this.#filtered.get(filter.text);
    if (before !== undefined) return before;
    const through = filtered(this.publications, filter, (_key, _one, i) => {
      const before = this.#replaced?.[i] ?? null;
      return before === "unknown" || (before !== null && filter.matches(before.tags));
    });
    const batch = new Batch(this.channel, this.channelId, through, this.position);
    this.#filtered.set(filter.text, batch);
    return batch;
  }

  /** WebSocket pushes that carry the channel's name, joined by newline. */
  get byName(): string {
    return this.#byName ??= pushes(`"channel":${JSON.stringify(this.channel)}`, this.publications);
  }

  /** WebSocket pushes that carry the channel's number. */
  get byId(): string {
    return this.#byId ??= pushes(`"id":${this.channelId}`, this.publications);
  }

  /** The messages of `/v1/events`, one for each publication. */
  get messages(): readonly string[] {
    if (this.#messages === undefined) {
      const head = `{"channel":${JSON.stringify(this.channel)},"pub":`;
      this.#messages = this.publications.map(({ body }) => `${head}${body}}`);
    }
    return this.#messages;
  }
}

function lastPosition(publications: readonly Publication[]): StreamPosition | null {
  return publications.findLast(({ position }) => position !== null)?.position ?? null;
}

function pushes(addressee: string, publications: readonly Publication[]): string {
  const head = `{"push":{${addressee},"pub":`;
  let text = "";
  for (const { body } of publications) text += `${text === "" ? "" : "\n"}${head}${body}}}`;
  return text;
}
