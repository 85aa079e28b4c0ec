/**
 * What a keyed channel's stream has besides: its state in this isolate, read from the broker when
 * the stream opens and again when it had to start over, snapshots of it for newcomers, and the end
 * of keys whose time is over.
 */
import type { Broker, StatePage } from "../broker/broker.ts";
import type { Keyed, Retention } from "../channels.ts";
import type { StateEntry } from "../protocol/cursor.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";
import { Expiry } from "./expiry.ts";
import type { Replaced } from "./filtered.ts";
import { Mirror } from "./mirror.ts";
import { Snapshot } from "./snapshot.ts";

/** What is read from the broker at a time. */
const pageLimit = { limit: 10_000, maxLength: 4 * 1024 * 1024 };
/**
 * A snapshot serves those who come in the same moment, unless so much has changed, which each of
 * them then has to read on. Who comes later is not shown what has been over for long.
 */
const reuse = { forMs: 250, least: 200, part: 1 / 20 };
/** Snapshots whose encoded parts are kept, as long as somebody reads them. */
const maxShared = 4;
const maxLoads = 5;

export interface StateContext {
  readonly broker: Pick<Broker, "state" | "publish">;
  readonly onError: (error: unknown, stage: string) => void;
}

export interface WholeState {
  readonly entries: readonly Publication[];
  readonly position: StreamPosition;
  /** The offset when it had been read: a key that changed up to there may be missing. */
  readonly until: number;
}

export class ChannelState {
  readonly mirror = new Mirror();
  readonly #channel: string;
  readonly #retention: Retention;
  readonly #keyed: Keyed;
  readonly #context: StateContext;
  readonly #expiry: Expiry | null;
  /** The newest last. Held by those who are reading them; nobody else needs them for long. */
  #snapshots: WeakRef<Snapshot>[] = [];
  #madeAt = 0;

  constructor(channel: string, retention: Retention, keyed: Keyed, context: StateContext) {
    this.#channel = channel;
    this.#retention = retention;
    this.#keyed = keyed;
    this.#context = context;
    this.#expiry = keyed.ttlMs === null ? null : new Expiry({
      ttlMs: keyed.ttlMs,
      mirror: this.mirror,
      remove: (entry) => this.#remove(entry),
      onError: (error) => context.onError(error, "key expiry"),
    });
  }

  /** The whole state; the stream goes on after its position. */
  async read(): Promise<WholeState> {
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#read();
      } catch (error) {
        // The stream began anew in between.
        const again = error instanceof ProtocolError && error.code === 112 && attempt < maxLoads;
        if (!again) throw error;
      }
    }
  }

  /** Starts over with what was read; its stream does so in the same turn. */
  load({ entries, position, until }: WholeState): void {
    this.mirror.load(entries, position.offset, until);
    this.#unshare(0);
    this.#expiry?.schedule();
  }

  /** Removes what is overdue, and from here on each key in its time. Never rejects. */
  async startExpiry(): Promise<void> {
    await this.#expiry?.start();
  }

  close(): void {
    this.#expiry?.close();
  }

  /** @param publications what the subscribers are given now. Returns what each took the place of. */
  apply(publications: readonly Publication[]): Replaced {
    const replaced = this.mirror.apply(publications);
    this.#expiry?.schedule();
    return replaced;
  }

  /** @param position that of the mirror. */
  snapshot(position: StreamPosition): Snapshot {
    const recent = this.#snapshots.at(-1)?.deref();
    if (recent !== undefined && this.#isRecent(recent.position, position)) return recent;
    const made = new Snapshot(this.#channel, position, this.#sorted([...this.mirror.entries()]));
    this.#snapshots.push(new WeakRef(made));
    this.#unshare(maxShared);
    this.#madeAt = performance.now();
    return made;
  }

  /**
   * What is left of a snapshot that somebody has read in part: what has not changed since.
   * @param position that of the snapshot.
   */
  rest(position: StreamPosition, after: StateEntry): Snapshot {
    const left: Publication[] = [];
    for (const entry of this.mirror.entries()) {
      // In the order of their offsets.
      if ((entry.position?.offset ?? 0) > position.offset) break;
      if (this.#compare(entry, after) > 0) left.push(entry);
    }
    const rest = new Snapshot(this.#channel, position, this.#sorted(left));
    rest.unshare();
    return rest;
  }

  /** All but the newest. */
  #unshare(newest: number): void {
    const over = this.#snapshots.splice(0, Math.max(0, this.#snapshots.length - newest));
    for (const one of over) one.deref()?.unshare();
  }

  #isRecent(then: StreamPosition, now: StreamPosition): boolean {
    const changes = now.offset - then.offset;
    if (changes > 0 && performance.now() - this.#madeAt > reuse.forMs) return false;
    return then.epoch === now.epoch && this.mirror.reaches(then.offset) &&
      changes <= Math.max(reuse.least, this.mirror.size * reuse.part);
  }

  #sorted(entries: Publication[]): Publication[] {
    return entries.sort((a, b) => this.#compare(a, b));
  }

  #compare(a: Partial<StateEntry>, b: Partial<StateEntry>): number {
    const apart = this.#keyed.order === "score" ? (a.score ?? 0) - (b.score ?? 0) : 0;
    if (apart !== 0) return apart;
    const [one = "", other = ""] = [a.key, b.key];
    return one < other ? -1 : one > other ? 1 : 0;
  }

  async #read(): Promise<WholeState> {
    const query = { retention: this.#retention, keyed: this.#keyed, withExpired: true };
    const entries: Publication[] = [];
    let page: StatePage | undefined;
    do {
      const { cursor = null, position } = page ?? {};
      const after = cursor !== null && position && { cursor, position };
      page = await this.#context.broker.state(this.#channel, {
        ...query,
        ...pageLimit,
        ...(after && { after }),
      });
      entries.push(...page.entries);
    } while (page.cursor !== null);
    const { position } = page;
    const now = await this.#context.broker.state(this.#channel, { ...query, limit: 0 });
    if (now.position.epoch !== position.epoch) throw new ProtocolError("unrecoverablePosition");
    return { entries, position, until: now.position.offset };
  }

  async #remove({ key = "", position }: Publication): Promise<void> {
    await this.#context.broker.publish(
      this.#channel,
      { data: "null", key, removed: true },
      {
        retention: this.#retention,
        keyed: this.#keyed,
        condition: { offset: position?.offset ?? 0 },
      },
    );
  }
}
