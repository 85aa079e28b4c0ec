import type { StreamPosition } from "../../protocol/publication.ts";
import type { Client, Publication, Refusal, Subscription } from "../api.ts";
import type { WirePublication } from "../link.ts";
import { type Member, Source } from "./source.ts";

/** Publications kept for tabs that come later. */
const maxKept = 300;
/** How often a tab may be caught up with while what is kept moves on. */
const maxRounds = 5;

export interface StreamSourceOptions {
  readonly client: Client;
  /** A client for what is no longer kept here; it is closed after use. */
  readonly openOther: () => Client;
  /** Where the first tab goes on. */
  readonly since: StreamPosition | undefined;
  readonly onRefused: (refusal: Refusal) => void;
}

/** A stream: each tab goes on from its own position. */
export class StreamSource extends Source {
  readonly keyed = false;
  readonly #options: StreamSourceOptions;
  readonly #subscription: Subscription;
  /** The latest ones, one after the other. */
  #kept: WirePublication[] = [];
  #begun = false;

  constructor(channel: string, options: StreamSourceOptions) {
    super(channel);
    this.#options = options;
    const { client, since, onRefused } = options;
    this.#subscription = client.channel(channel).subscribe((one) => this.#take(one), {
      ...(since && { since }),
      onGap: () => this.#skip(),
      onRefused,
    });
    this.#subscription.ready.then(() => this.#begin(), () => {});
  }

  override close(): void {
    this.#subscription.unsubscribe();
  }

  /** undefined: the channel keeps no history. */
  get #head(): StreamPosition | undefined {
    return this.#options.client.channel(this.channel).position;
  }

  #begin(): void {
    this.#begun = true;
    for (const member of [...this.members]) this.serve(member);
  }

  #take({ data, offset, time, info, tags, latencyMs }: Publication<unknown>): void {
    const publication = {
      data,
      ...(offset !== undefined && { offset }),
      ...(time !== undefined && { time }),
      ...(info !== undefined && { info }),
      ...(tags !== undefined && { tags }),
    };
    if (offset !== undefined) this.#kept.push(publication);
    if (this.#kept.length > maxKept) this.#kept.shift();
    this.publish(latencyMs === undefined ? publication : { ...publication, latencyMs });
  }

  /** What came between is lost for good. */
  #skip(): void {
    this.#kept = [];
    const position = this.#head ?? null;
    for (const member of [...this.members]) {
      if (member.started) this.start(member, { position, recovered: false });
    }
  }

  protected override serve(member: Member): void {
    // Never rejects.
    if (this.#begun) void this.#serve(member);
  }

  async #serve(member: Member): Promise<void> {
    const { position } = member;
    if (position === undefined || this.#head === undefined) {
      return this.start(member, { position: this.#head ?? null });
    }
    const missed: WirePublication[] = [];
    let { offset } = position;
    for (let round = 0; round < maxRounds && this.#head?.epoch === position.epoch; round++) {
      const first = this.#firstOffset();
      if (offset + 1 >= first) {
        const kept = this.#kept.filter((one) => (one.offset ?? 0) > offset);
        return this.start(member, { position, recovered: true }, [...missed, ...kept]);
      }
      const older = await this.#fetch({ ...position, offset }, first - 1, member);
      if (older === undefined) break;
      missed.push(...older);
      offset = first - 1;
    }
    this.start(member, { position: this.#head ?? null, recovered: false });
  }

  /** Of what is kept, or would be next. */
  #firstOffset(): number {
    return this.#kept[0]?.offset ?? (this.#head?.offset ?? 0) + 1;
  }

  /**
   * What came after `since` up to the offset `last`, by a subscription of its own: all that the tab
   * surely has the right to.
   * @returns undefined where it is not to be had.
   */
  async #fetch(
    since: StreamPosition,
    last: number,
    { tab }: Member,
  ): Promise<readonly WirePublication[] | undefined> {
    const all: WirePublication[] = [];
    const client = this.#options.openOther();
    const { signal } = tab.ended;
    const isThere = new Promise<boolean>((resolve) => {
      signal.addEventListener("abort", () => resolve(false), { once: true });
      client.channel(this.channel).subscribe((one) => {
        const { data, offset = 0, time, info, tags } = one;
        if (offset > last) return resolve(false);
        all.push({
          data,
          offset,
          ...(time !== undefined && { time }),
          ...(info !== undefined && { info }),
          ...(tags !== undefined && { tags }),
        });
        if (offset === last) resolve(true);
      }, { since, onGap: () => resolve(false), onRefused: () => resolve(false) });
    });
    try {
      return await isThere ? all : undefined;
    } finally {
      await client.close();
    }
  }
}
