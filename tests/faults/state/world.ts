/** State channels, the nodes that serve them, and clients that follow them, in one process. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { ChannelRegistry, keyedDefaults, type Namespace } from "../../../lib/channels.ts";
import type { StatePage } from "../../../lib/broker/broker.ts";
import type { Publication } from "../../../lib/protocol/publication.ts";
import type { MirrorEntry } from "../../support/clients/state_mirror.ts";
import { turn } from "../../broker/waiting.ts";
import { VirtualTime } from "../../support/virtual_time.ts";
import { roomRights } from "../../support/rooms.ts";
import { LongPollLine, SseLine } from "./events.ts";
import { Following, type Line, type OpenLine, type Wishes } from "./following.ts";
import { type BrokerKind, Engine, type Place } from "./node.ts";
import { WebSocketLine } from "./websocket.ts";

export const transports: readonly OpenLine[] = [
  (place, following) => new WebSocketLine(place, following),
  (place, following, by) => new SseLine(place, following, by),
  (place, following, by) => new LongPollLine(place, following, by),
];

export interface WorldOptions {
  readonly kind: BrokerKind;
  readonly kv: Deno.Kv;
  readonly random: () => number;
  /** The share of messages between nodes that is lost. */
  readonly loss: number;
  /** Publications that are kept. */
  readonly kept: number;
  /** How long keys of `short:` live. */
  readonly ttlMs: number;
}

/** A client and the connection it has now. */
export class Visitor {
  readonly following: Following;
  line: Line | undefined;

  constructor(wishes: Wishes) {
    this.following = new Following(wishes);
  }

  get isLevel(): boolean {
    return this.line !== undefined && this.line.isOpen && this.line.isLevel;
  }

  cut(): void {
    this.line?.cut();
    this.line = undefined;
  }
}

/** By then the slowest reader has been told, and every lost message has been noticed. */
const quietMs = 3_000;
/** A key may outlive its time by what isolates spread their removals over, and by retries. */
const overdueMs = 2_500;

export class World implements AsyncDisposable {
  readonly engine: Engine;
  readonly time: VirtualTime;
  readonly visitors: Visitor[] = [];
  places: Place[] = [];
  readonly #registry: ChannelRegistry;
  readonly #ttlMs: number;

  constructor({ kind, kv, random, loss, kept, ttlMs }: WorldOptions) {
    this.time = new VirtualTime(Date.UTC(2030, 0));
    this.#ttlMs = ttlMs;
    const history = { size: kept, ttlMs: 3_600_000 };
    const namespace = (name: string, keyed: Partial<typeof keyedDefaults>): Namespace => ({
      name,
      history,
      recover: true,
      presence: false,
      joinLeave: false,
      keyed: { ...keyedDefaults, ...keyed },
      presenceIn: null,
      filter: true,
      allow: roomRights,
    });
    this.#registry = new ChannelRegistry([
      namespace("board", {}),
      namespace("short", { ttlMs }),
      namespace("ranked", { order: "score" }),
    ]);
    const loses = () => random() < loss;
    this.engine = new Engine({ kind, registry: this.#registry, loses, kv });
  }

  /** Lets everything happen that can happen without the clock. */
  async settle(): Promise<void> {
    await this.engine.settled();
    await this.engine.settled();
  }

  /** Lets time go by, and all that comes with it. */
  async pass(ms: number): Promise<void> {
    const until = this.time.now + ms;
    await this.settle();
    while (this.time.step(until - this.time.now)) await this.settle();
  }

  /** Lets time go by faster than the store answers. */
  async hurry(ms: number): Promise<void> {
    const until = this.time.now + ms;
    // What a timer does has an end before the next one.
    while (this.time.step(until - this.time.now)) await turn();
  }

  /** Everybody reads and is connected, nobody writes, and keys end until none is due any more. */
  async quiet(channels: readonly string[], reconnect: (visitor: Visitor) => void): Promise<void> {
    for (const { line } of this.visitors) if (line !== undefined) line.stalled = false;
    let before = "";
    for (let round = 0;; round++) {
      for (const visitor of this.visitors) if (!visitor.line?.isOpen) reconnect(visitor);
      await this.pass(quietMs);
      const now = await this.#positions(channels);
      if (round > 1 && now === before) return;
      before = now;
    }
  }

  async check(channels: readonly string[]): Promise<void> {
    for (const channel of channels) {
      const state = await this.#state(channel);
      for (const [i, { following, isLevel, line }] of this.visitors.entries()) {
        const { mirrors, wishes: { filter, maxRate } } = following;
        if (!mirrors.has(channel)) continue;
        const who = `${channel}, client ${i}, ${line?.constructor.name} ${filter} ${maxRate}`;
        const should = new Map(
          state.filter(({ tags }) => following.filter?.matches(tags) ?? true).map(entryOf),
        );
        const wrong = differences(following.mirror(channel).entries, should);
        assert.equal(wrong, "", `${who}: ${wrong}`);
        assert.ok(isLevel, `${who} is not level`);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const visitor of this.visitors) visitor.cut();
    for (const place of this.places) place.kill();
    await this.settle();
    this.time[Symbol.dispose]();
  }

  async #positions(channels: readonly string[]): Promise<string> {
    const positions = channels.map(async (channel) => {
      const { position } = await this.#page(channel, 0);
      return `${position.epoch} ${position.offset}`;
    });
    return (await Promise.all(positions)).join();
  }

  async #page(channel: string, limit: number): Promise<StatePage> {
    const { node } = this.places[0] ?? assert.fail("no node");
    const { history: retention, keyed } = this.#registry.rules(channel);
    assert.ok(retention !== null && keyed !== null);
    return await node.broker.state(channel, { retention, keyed, limit, withExpired: true });
  }

  async #state(channel: string): Promise<readonly Publication[]> {
    const { entries } = await this.#page(channel, 100_000);
    const mortal = (this.#registry.rules(channel).keyed?.ttlMs ?? null) !== null;
    const oldest = this.time.now - this.#ttlMs - overdueMs;
    const overdue = mortal && entries.some(({ time }) => time < oldest);
    assert.ok(!overdue, `${channel}: a key outlived its time`);
    return entries;
  }
}

function entryOf({ key = "", position, body }: Publication): [string, MirrorEntry] {
  const { data } = JSON.parse(body) as { data: unknown };
  return [key, { data, offset: position?.offset ?? 0 }];
}

/** "" when there are none. */
function differences(
  has: ReadonlyMap<string, MirrorEntry>,
  should: ReadonlyMap<string, MirrorEntry>,
): string {
  const wrong: string[] = [];
  for (const key of new Set([...has.keys(), ...should.keys()])) {
    const [one, other] = [has.get(key), should.get(key)];
    if (isDeepStrictEqual(one, other)) continue;
    wrong.push(`${key}: offset ${one?.offset ?? "none"}, should be ${other?.offset ?? "none"}`);
  }
  return wrong.slice(0, 10).join("; ");
}
