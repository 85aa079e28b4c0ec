import type { StreamPosition } from "../protocol/publication.ts";
import type { Change } from "./api.ts";
import { Feed } from "./feed.ts";
import type { Opening, Start, WirePublication } from "./link.ts";
import { StateOpening } from "./state_opening.ts";

type Entries = ReadonlyMap<string, unknown>;

/** A state channel: the latest data of each key, at one position. */
export class StateFeed extends Feed<Change<unknown> | Entries> {
  readonly keyed = true;
  readonly #isPlain: () => void;
  #entries: Map<string, unknown> | undefined;
  #position: StreamPosition | undefined;

  /** @param isPlain is called where the server says that the channel has no keys. */
  constructor(channel: string, isPlain: () => void) {
    super(channel);
    this.#isPlain = isPlain;
  }

  /** undefined before the first snapshot. */
  get entries(): Entries | undefined {
    return this.#entries;
  }

  get position(): StreamPosition | undefined {
    return this.#position;
  }

  override opening(): Opening {
    return new StateOpening(this.channel, this.#position, this.#isPlain);
  }

  protected override begin(start: Start, sole: boolean): boolean {
    const { position, entries, publications = [] } = start;
    if (position === null || !publications.every((one) => this.take(one, undefined))) return false;
    const known = this.#position;
    const isNewer = known === undefined || known.epoch !== position.epoch ||
      known.offset < position.offset;
    if (entries === undefined) {
      // It was recovered: all that came between is here.
      if (isNewer) this.#position = position;
    } else if (isNewer || (sole && start.recovered === false)) {
      this.#position = position;
      this.#entries = new Map(entries.map(({ key = "", data }) => [key, data]));
      this.tell(this.#entries);
    }
    return true;
  }

  /** Offsets need not follow one another: who is slow is given the latest of each key alone. */
  override take(publication: WirePublication, latencyMs: number | undefined): boolean {
    const { key, data, removed, offset, epoch, time, info, tags } = publication;
    const known = this.#position;
    const entries = this.#entries;
    // What comes before it has started is of an earlier subscription.
    if (known === undefined || entries === undefined) return true;
    if (offset === undefined || key === undefined) return false;
    if (epoch !== undefined && epoch !== known.epoch) return false;
    if (offset <= known.offset) return true;
    this.#position = { epoch: known.epoch, offset };
    const before = entries.get(key);
    if (!removed) entries.set(key, data);
    else if (!entries.delete(key)) return true;
    const now = removed ? undefined : data;
    this.tell({ key, data: now, before, entries, offset, time, info, tags, latencyMs });
    return true;
  }
}
