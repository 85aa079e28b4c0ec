/**
 * The publications that go to a channel's subscribers in one flush, with each wire form encoded at
 * most once, when the first subscriber asks for it.
 */
import type { Publication, StreamPosition } from "../protocol/publication.ts";

export class Batch {
  readonly channel: string;
  /** The channel's number in this hub, for clients that asked for numeric ids. */
  readonly channelId: number;
  readonly publications: readonly Publication[];
  #byName: string | undefined;
  #byId: string | undefined;
  #messages: readonly string[] | undefined;

  /** @param publications at least one, in order. */
  constructor(channel: string, channelId: number, publications: readonly Publication[]) {
    this.channel = channel;
    this.channelId = channelId;
    this.publications = publications;
  }

  /** The stream position after it; null when none of its publications has one. */
  get position(): StreamPosition | null {
    return this.publications.findLast(({ position }) => position !== null)?.position ?? null;
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

function pushes(addressee: string, publications: readonly Publication[]): string {
  const head = `{"push":{${addressee},"pub":`;
  let text = "";
  for (const { body } of publications) text += `${text === "" ? "" : "\n"}${head}${body}}}`;
  return text;
}
