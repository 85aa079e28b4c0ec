/** Nodes that share one engine, and may die without a word. */
import type { Broker, BrokerContext } from "../../../lib/broker/broker.ts";
import type { Bus } from "../../../lib/broker/edge/announcer.ts";
import { edgeBroker } from "../../../lib/broker/edge/edge.ts";
import { memoryBroker } from "../../../lib/broker/memory.ts";
import type { ChannelRegistry } from "../../../lib/channels.ts";
import type { Node } from "../../../lib/node/node.ts";
import { Pacer } from "../../../lib/hub/pacer.ts";
import { EventGroups } from "../../../lib/session/event_group.ts";
import { FakeAir } from "../../broker/edge_engine.ts";
import { turn } from "../../broker/waiting.ts";
import { makeNode } from "../../session/node.ts";

export type BrokerKind = "memory" | "edge";

/** A node that clients of all transports can come to. */
export class Place {
  readonly node: Node;
  readonly groups = new EventGroups();
  readonly #life: Life;

  constructor(node: Node, life: Life) {
    this.node = node;
    this.#life = life;
  }

  get isDead(): boolean {
    return this.#life.over;
  }

  /** It answers nobody from here on, and its store hears no more of it. */
  kill(): void {
    this.#life.over = true;
  }
}

interface Life {
  over: boolean;
}

export interface EngineOptions {
  readonly kind: BrokerKind;
  readonly registry: ChannelRegistry;
  /** Whether a message between nodes is lost. */
  readonly loses: (message: unknown) => boolean;
  /** Nodes of `memory` have none. */
  readonly kv: Deno.Kv;
}

export class Engine {
  readonly counts: Record<string, number> = {};
  readonly errors: string[] = [];
  readonly #options: EngineOptions;
  readonly #air = new FakeAir();
  readonly #store: Store;
  #opened = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#air.loses = options.loses;
    this.#store = new Store(options.kv);
  }

  open(): Place {
    const id = `n${++this.#opened}`;
    const life = { over: false };
    const node = makeNode({
      id,
      registry: this.#options.registry,
      pacer: new Pacer({ later: (run, ms) => void setTimeout(run, ms) }),
      onError: (error, stage) => void (life.over || this.errors.push(`${id}: ${stage}: ${error}`)),
      count: (what, n) => void (this.counts[what] = (this.counts[what] ?? 0) + n),
      broker: (context) => this.#broker(context, life),
    });
    return new Place(node, life);
  }

  /** Resolves when the store has answered all that it was asked. */
  settled(): Promise<void> {
    return this.#store.settled();
  }

  #broker(context: BrokerContext, life: Life): Broker {
    if (this.#options.kind === "memory") return memoryBroker(context);
    const bus = this.#air.end();
    const mute: Bus = {
      get onmessage() {
        return bus.onmessage;
      },
      set onmessage(listener) {
        bus.onmessage = listener && ((event) => void (life.over || listener(event)));
      },
      postMessage: (message) => void (life.over || bus.postMessage(message)),
      close: () => bus.close(),
    };
    return edgeBroker(context, { kv: this.#store.lent(life), bus: mute, headCheckMs: 2_000 });
  }
}

/** One store that several nodes are lent. */
class Store {
  readonly #kv: Deno.Kv;
  #pending = 0;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** To whom is dead it never answers, though it may still do what it was asked. */
  lent(life: Life): Deno.Kv {
    const track = async <Result>(asked: () => Promise<Result>): Promise<Result> => {
      if (life.over) return await never();
      this.#pending++;
      const result = await asked().finally(() => this.#pending--);
      return life.over ? await never() : result;
    };
    return watched(this.#kv, track);
  }

  async settled(): Promise<void> {
    do await turn(); while (this.#pending > 0);
  }
}

type Track = <Result>(asked: () => Promise<Result>) => Promise<Result>;

const asking: ReadonlySet<PropertyKey> = new Set(["get", "getMany", "delete", "commit"]);

function watched<Target extends object>(target: Target, track: Track): Target {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]): unknown => {
        if (asking.has(name) && !(name === "delete" && "commit" in target)) {
          return track(async () => await member.apply(target, args));
        }
        const result: unknown = member.apply(target, args);
        if (name === "list") return rows(result as Deno.KvListIterator<unknown>, track);
        return typeof result === "object" && result !== null && "commit" in result
          ? watched(result, track)
          : result;
      };
    },
  });
}

async function* rows<Row>(list: AsyncIterableIterator<Row>, track: Track): AsyncGenerator<Row> {
  for (;;) {
    const next = await track(() => list.next());
    if (next.done) return;
    yield next.value;
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
