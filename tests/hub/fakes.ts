/** A scripted log, a loop whose time a test moves, and subscribers that write down what they get. */
import type {
  HistoryPage,
  HistoryQuery,
  HistoryReader,
  Published,
  PublishOptions,
  StatePage,
  StateQuery,
} from "../../lib/broker/broker.ts";
import type { Keyed } from "../../lib/channels.ts";
import { ChannelStream, type Counted } from "../../lib/hub/channel_stream.ts";
import type { Batch } from "../../lib/hub/batch.ts";
import { Pacer, type PacerOptions } from "../../lib/hub/pacer.ts";
import type { Subscriber } from "../../lib/hub/subscriber.ts";
import {
  type Draft,
  encodeBody,
  type Publication,
  type Signal,
  type StreamPosition,
} from "../../lib/protocol/publication.ts";
import { turn } from "../broker/waiting.ts";

export const retention = { size: 10_000, ttlMs: 3_600_000 };

export class FakeLog implements HistoryReader {
  epoch = "e1";
  offset = 0;
  kept: Publication[] = [];
  reads: HistoryQuery[] = [];
  /** Thrown by the next reads, one each. */
  readonly failures: Error[] = [];
  /** Turns that a read takes. */
  slowness: () => number = () => 0;

  /** Appends without telling anybody. */
  append(n = 1): Publication[] {
    return Array.from({ length: n }, () => {
      const position = { epoch: this.epoch, offset: ++this.offset };
      const body = encodeBody({ data: `${this.offset}` }, position, 0);
      const publication = { channel: "a", position, body, time: 0 };
      this.kept.push(publication);
      return publication;
    });
  }

  /** Keeps the newest `size` only. */
  trim(size: number): void {
    this.kept = this.kept.slice(Math.max(0, this.kept.length - size));
  }

  beginAnew(epoch: string): void {
    this.epoch = epoch;
    this.offset = 0;
    this.kept = [];
  }

  get head(): StreamPosition {
    return { epoch: this.epoch, offset: this.offset };
  }

  state(_channel: string, _query: StateQuery): Promise<StatePage> {
    throw new Error("a plain stream has no state");
  }

  publish(_channel: string, _draft: Draft, _options: PublishOptions): Promise<Published> {
    throw new Error("nothing publishes here");
  }

  async history(_channel: string, query: HistoryQuery): Promise<HistoryPage> {
    this.reads.push(query);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const page = this.#page(query);
    for (let n = this.slowness(); n > 0; n--) await turn();
    return page;
  }

  #page({ since, limit }: HistoryQuery): HistoryPage {
    const position = this.head;
    if (since === undefined) {
      return { publications: this.kept.slice(0, limit), position, reachable: true };
    }
    const known = (since.epoch === "" || since.epoch === this.epoch) && since.offset <= this.offset;
    if (!known) return { publications: [], position, reachable: false };
    const rest = this.kept.filter((one) => (one.position?.offset ?? 0) > since.offset);
    const reachable = since.offset === this.offset ||
      rest[0]?.position?.offset === since.offset + 1;
    return { publications: rest.slice(0, limit), position, reachable };
  }
}

/** Runs what is `later` only when told, in the order of its time. */
export class FakeLoop {
  now = 0;
  #jobs: { at: number; run: () => void }[] = [];

  pacer(options: PacerOptions = {}): Pacer {
    return new Pacer({
      now: () => this.now,
      later: (run, ms) => void this.#jobs.push({ at: this.now + ms, run }),
      ...options,
    });
  }

  get waiting(): number {
    return this.#jobs.length;
  }

  /** Moves to the next job that is due and runs it; false when there is none. */
  step(): boolean {
    this.#jobs.sort((x, y) => x.at - y.at);
    const job = this.#jobs.shift();
    if (job === undefined) return false;
    this.now = Math.max(this.now, job.at);
    job.run();
    return true;
  }

  /** Runs all that is due within `ms`. */
  advance(ms: number): void {
    const until = this.now + ms;
    while (this.#jobs.some(({ at }) => at <= until)) this.step();
    this.now = until;
  }
}

export class Listener implements Subscriber {
  backlog = 0;
  readonly offsets: number[] = [];
  readonly resets: StreamPosition[] = [];
  readonly signals: Signal[] = [];
  readonly batches: Batch[] = [];

  deliver(batch: Batch): void {
    this.batches.push(batch);
    for (const { position } of batch.publications) this.offsets.push(position?.offset ?? 0);
  }

  reset(_channel: string, position: StreamPosition): void {
    this.resets.push(position);
  }

  signal(_channel: string, signal: Signal): void {
    this.signals.push(signal);
  }
}

export interface Bench {
  readonly log: FakeLog;
  readonly loop: FakeLoop;
  readonly stream: ChannelStream;
  readonly errors: string[];
  readonly counts: Record<Counted, number>;
  /** Lets everything happen that can happen now. */
  settle(): Promise<void>;
}

/** An open stream of a log that has `before` publications. */
export async function bench(before = 0): Promise<Bench> {
  const log = new FakeLog();
  log.append(before);
  const made = unopened(log);
  await made.stream.open();
  return made;
}

export function unopened(
  log: FakeLog,
  keep: typeof retention | null = retention,
  keyed: Keyed | null = null,
): Bench {
  const loop = new FakeLoop();
  const errors: string[] = [];
  const counts = { gap: 0, reset: 0, delivered: 0, dropped: 0, conflated: 0 };
  const stream = new ChannelStream("a", 7, { history: keep, keyed }, {
    broker: log,
    pacer: loop.pacer(),
    onError: (error, stage) => void errors.push(`${stage}: ${error}`),
    count: (what, n) => void (counts[what] += n),
  });
  const settle = async () => {
    do await turn(); while (loop.step() || stream.order === "filling");
  };
  return { log, loop, stream, errors, counts, settle };
}
