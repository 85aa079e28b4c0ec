/** One poll of one source: ask, compare, publish what changed. */
import { createHash } from "node:crypto";
import type { StreamPosition } from "../protocol/publication.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { type Change, difference, type Moment, momentOf } from "./diff.ts";
import {
  type Answer,
  fetchBounded,
  type Fetching,
  parseJson,
  type Validators,
} from "./fetch_json.ts";
import { heldIn, type Item, itemsOf } from "./items.ts";
import { PollError } from "./poll_error.ts";
import type { Shape, Source } from "./source.ts";
import type { BridgeTarget, WatchedState } from "./target.ts";
import type { Hold } from "./tenure.ts";

export interface Polled {
  readonly outcome: "changed" | "unchanged" | "not_modified";
  readonly published: number;
}

export interface PollOptions extends Fetching {
  readonly source: Source;
  readonly url: string;
  readonly state: WatchedState;
  readonly target: BridgeTarget;
}

/** The last answer whose items the channel has all, and how the channel looks then. */
interface Settled {
  readonly validators: Validators | null;
  readonly digest: string;
  readonly fingerprint: string;
}

/** Publications on their way at a time. */
const maxInFlight = 100;

export class Poll {
  readonly #options: PollOptions;
  #settled: Settled | null = null;
  #shape: Shape | null = null;

  constructor(options: PollOptions) {
    this.#options = options;
  }

  /**
   * Publishes only as long as the hold is valid.
   * @throws PollError; the reason of the hold's signal when that is aborted.
   */
  async run(hold: Hold): Promise<Polled> {
    const { source, url, state } = this.#options;
    const start = momentOf(state);
    // When others have published since, an answer that is as before is compared all the same.
    const settled = this.#settled?.fingerprint === fingerprint(start.values())
      ? this.#settled
      : null;
    const request = { ...source, url, validators: settled?.validators ?? null };
    const answer = await fetchBounded(request, hold.signal, this.#options).catch((error) => {
      if (error instanceof PollError && error.kind === "unasked_304") this.#settled = null;
      throw error;
    });
    if (answer.name === "not_modified") return { outcome: "not_modified", published: 0 };
    const digest = createHash("sha256").update(answer.bytes).digest("base64");
    if (settled?.digest === digest) {
      this.#settled = { ...settled, validators: answer.validators };
      return { outcome: "unchanged", published: 0 };
    }
    return await this.#compare(answer, digest, start, hold);
  }

  async #compare(
    answer: Extract<Answer, { name: "body" }>,
    digest: string,
    start: Moment,
    hold: Hold,
  ): Promise<Polled> {
    const { source, state } = this.#options;
    const document = parseJson(answer, source.headers.map(([, value]) => value));
    const items = itemsOf(document, source, { shape: this.#shape, held: heldIn(state) });
    this.#shape = items.shape ?? this.#shape;
    const { changes, leftAlone } = difference(items.byKey, state, start);
    this.#settled = null;
    const positions = await this.#publish(changes, hold);
    if (leftAlone === 0 && positions.length === changes.length) {
      this.#settled = {
        validators: answer.validators,
        digest,
        fingerprint: expected(items.byKey, changes, positions, start),
      };
    }
    const published = positions.length;
    return { outcome: published > 0 ? "changed" : "unchanged", published };
  }

  /** The positions of what was published; a change whose key others published first is left out. */
  async #publish(changes: readonly Change[], hold: Hold): Promise<StreamPosition[]> {
    const removals = changes.filter(({ item }) => item === null);
    const sets = changes.filter(({ item }) => item !== null);
    return [...await this.#publishAll(removals, hold), ...await this.#publishAll(sets, hold)];
  }

  async #publishAll(changes: readonly Change[], hold: Hold): Promise<StreamPosition[]> {
    const positions: StreamPosition[] = [];
    let failure: { readonly error: unknown } | undefined;
    const queue = changes.values();
    const work = async () => {
      for (const change of queue) {
        if (failure !== undefined || !hold.valid) return;
        try {
          const position = await this.#publishOne(change);
          if (position !== null) positions.push(position);
        } catch (error) {
          failure = { error };
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(maxInFlight, changes.length) }, work));
    hold.signal.throwIfAborted();
    if (failure !== undefined) throw publishError(failure.error);
    if (!hold.valid) throw new PollError("publish", "another poller may have taken over");
    return positions;
  }

  #publishOne({ key, item, before }: Change): Promise<StreamPosition | null> {
    const { state: { channel }, target } = this.#options;
    const condition = before === null
      ? { exists: false }
      : { exists: true, ...(before.position && { offset: before.position.offset }) };
    return item === null
      ? target.remove(channel, key, condition)
      : target.set(channel, key, item.value, condition);
  }
}

function publishError(error: unknown): PollError {
  // Whoever may read it may know a ProtocolError; the rest is ours.
  const why = error instanceof ProtocolError ? error.message : "a fault of the server's";
  return new PollError("publish", `what changed could not be published: ${why}`);
}

interface Positioned {
  readonly position: StreamPosition | null;
}

/** Two states of one channel that differ have other fingerprints. */
function fingerprint(entries: Iterable<Positioned>): string {
  let keys = 0;
  let last: StreamPosition | null = null;
  for (const { position } of entries) {
    keys++;
    if (position !== null && position.offset >= (last?.offset ?? 0)) last = position;
  }
  return `${keys} ${last?.epoch} ${last?.offset}`;
}

/** The fingerprint of the state once all that was published has arrived. */
function expected(
  items: ReadonlyMap<string, Item>,
  changes: readonly Change[],
  positions: readonly StreamPosition[],
  start: Moment,
): string {
  const changed = new Set(changes.map(({ key }) => key));
  const unchanged = [...start].filter(([key]) => !changed.has(key)).map(([, entry]) => entry);
  const removed = changes.filter(({ item }) => item === null).length;
  const set = positions.slice(removed).map((position) => ({ position }));
  const all = fingerprint([...unchanged, ...set]);
  return unchanged.length + set.length === items.size ? all : "unknown";
}
