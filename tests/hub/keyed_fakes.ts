/** A scripted log of a state channel, and streams of it. */
import type { Published, PublishOptions, StatePage, StateQuery } from "../../lib/broker/broker.ts";
import { type Keyed, keyedDefaults } from "../../lib/channels.ts";
import {
  type Draft,
  type Publication,
  publicationOf,
  type Tags,
} from "../../lib/protocol/publication.ts";
import { turn } from "../broker/waiting.ts";
import { type Bench, FakeLog, unopened } from "./fakes.ts";

export interface Put {
  readonly data?: unknown;
  readonly tags?: Tags;
  readonly score?: number;
  readonly time?: number;
}

/** A publication with a key. */
export function keyed(key: string, offset: number, put: Put = {}, epoch = "e1"): Publication {
  const { data = offset, tags, score, time = 0 } = put;
  const draft: Draft = {
    data: JSON.stringify(data),
    key,
    ...(tags && { tags }),
    ...(score !== undefined && { score }),
  };
  return publicationOf("a", draft, { epoch, offset }, time);
}

export function removal(key: string, offset: number, tags?: Tags, epoch = "e1"): Publication {
  const draft: Draft = { data: "null", key, removed: true, ...(tags && { tags }) };
  return publicationOf("a", draft, { epoch, offset }, 0);
}

export class KeyedLog extends FakeLog {
  readonly entries = new Map<string, Publication>();
  /** Entries in a page. */
  pageSize = 1_000;
  stateReads = 0;
  readonly stateFailures: Error[] = [];
  /** Runs before each page is read. */
  beforePage: () => void = () => {};
  readonly published: { draft: Draft; options: PublishOptions }[] = [];

  put(key: string, put: Put = {}): Publication {
    return this.#keep(keyed(key, ++this.offset, put, this.epoch));
  }

  remove(key: string): Publication {
    return this.#keep(removal(key, ++this.offset, this.entries.get(key)?.tags, this.epoch));
  }

  override beginAnew(epoch: string): void {
    super.beginAnew(epoch);
    this.entries.clear();
  }

  override async state(_channel: string, query: StateQuery): Promise<StatePage> {
    this.stateReads++;
    this.beforePage();
    for (let n = this.slowness(); n > 0; n--) await turn();
    const failure = this.stateFailures.shift();
    if (failure !== undefined) throw failure;
    const position = query.after?.position ?? this.head;
    const left = [...this.entries.values()]
      .filter(({ position: at }) => (at?.offset ?? 0) <= position.offset)
      .filter(({ key = "" }) => key > (query.after?.cursor ?? ""))
      .sort((a, b) => (a.key ?? "") < (b.key ?? "") ? -1 : 1);
    const entries = left.slice(0, this.pageSize);
    const cursor = entries.length < left.length ? entries.at(-1)?.key ?? null : null;
    return { entries, position, cursor, keys: this.entries.size };
  }

  override publish(_channel: string, draft: Draft, options: PublishOptions): Promise<Published> {
    this.published.push({ draft, options });
    return Promise.resolve({ position: this.head, suppressed: null });
  }

  #keep(publication: Publication): Publication {
    const { key = "", removed } = publication;
    this.kept.push(publication);
    if (removed) this.entries.delete(key);
    else this.entries.set(key, publication);
    return publication;
  }
}

export interface KeyedBench extends Bench {
  readonly log: KeyedLog;
}

export function unopenedState(
  log: KeyedLog,
  rules: Partial<Keyed> = {},
  size = 10_000,
): KeyedBench {
  const made = unopened(log, { size, ttlMs: 3_600_000 }, { ...keyedDefaults, ...rules });
  return { ...made, log };
}

/** An open stream of a log that has keys `k1` … */
export async function stateBench(
  keys = 0,
  rules: Partial<Keyed> = {},
  size?: number,
): Promise<KeyedBench> {
  const log = new KeyedLog();
  for (let n = 1; n <= keys; n++) log.put(`k${n}`);
  const made = unopenedState(log, rules, size);
  await made.stream.open();
  return made;
}

/** `k1@3`, `-k2@4` */
export function told(publications: readonly Publication[]): string[] {
  return publications.map(({ key, removed, position }) =>
    `${removed ? "-" : ""}${key}@${position?.offset}`
  );
}
