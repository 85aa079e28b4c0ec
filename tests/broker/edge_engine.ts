/** The `edge:` broker on a database of its own, with a bus that a test may cut. */
import { edgeBroker, type EdgeOptions } from "../../lib/broker/edge/edge.ts";
import type { Bus } from "../../lib/broker/edge/announcer.ts";
import { keys } from "../../lib/broker/edge/keys.ts";
import { type Engine, TestNode } from "./engine.ts";

/** Carries what one end posts to all other ends, a moment later, as BroadcastChannel does. */
export class FakeAir {
  readonly #ends = new Set<Bus>();
  /** Whether a message is lost on its way. */
  loses: (message: unknown) => boolean = () => false;
  readonly posted: unknown[] = [];

  end(): Bus {
    const ends = this.#ends;
    const end: Bus = {
      onmessage: null,
      postMessage: (message) => {
        this.posted.push(message);
        if (this.loses(message)) return;
        const data = structuredClone(message);
        for (const other of ends) {
          if (other === end) continue;
          queueMicrotask(() => other.onmessage?.(new MessageEvent("message", { data })));
        }
      },
      close: () => void ends.delete(end),
    };
    ends.add(end);
    return end;
  }
}

/** A store whose calls may be counted, or made to fail. */
export class WatchedKv {
  commits = 0;
  /** Calls that were made to fail. */
  failed = 0;
  /** Thrown by each call while set. */
  failure: Error | undefined;
  readonly kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    const fail = () => {
      if (this.failure === undefined) return;
      this.failed++;
      throw this.failure;
    };
    const watch = <Target extends object>(target: Target): Target =>
      new Proxy(target, {
        get: (_, name) => {
          const member: unknown = Reflect.get(target, name, target);
          if (typeof member !== "function") return member;
          return (...args: unknown[]): unknown => {
            if (name === "close") return member.apply(target, args);
            if (name === "commit") this.commits++;
            const result = name === "commit" || name === "get" || name === "getMany"
              ? (async () => {
                fail();
                return await member.apply(target, args);
              })()
              : member.apply(target, args);
            // `atomic` and its methods return what commits.
            return isAtomic(result) ? watch(result) : result;
          };
        },
      });
    this.kv = watch(kv);
  }
}

function isAtomic(value: unknown): value is Deno.AtomicOperation {
  return typeof value === "object" && value !== null && "commit" in value;
}

export interface EdgeEngine extends Engine {
  readonly air: FakeAir;
  /** The store as the node sees it that was started last. */
  watched(): WatchedKv;
  /** Of the database. */
  readonly path: string;
  /** A connection to look into the store. */
  readonly kv: Deno.Kv;
  node(options?: Partial<EdgeOptions>): Promise<TestNode>;
}

export async function openEdge(defaults: Partial<EdgeOptions> = {}): Promise<EdgeEngine> {
  const folder = await Deno.makeTempDir({ prefix: "nhip-broker-" });
  const path = `${folder}/kv.sqlite`;
  const open = () => Deno.openKv(path);
  const kv = await open();
  const air = new FakeAir();
  const started: TestNode[] = [];
  const stores: { watched: WatchedKv; close: () => void }[] = [];
  let skew = 0;
  return {
    air,
    path,
    kv,
    watched() {
      const last = stores.at(-1);
      if (last === undefined) throw new Error("no node yet");
      return last.watched;
    },
    async node(options = {}) {
      const own = await open();
      const watched = new WatchedKv(own);
      stores.push({ watched, close: () => own.close() });
      const node = new TestNode(
        `node${started.length}`,
        (context) =>
          edgeBroker(context, {
            kv: watched.kv,
            bus: air.end(),
            headCheckMs: 60_000,
            now: () => Date.now() + skew,
            ...defaults,
            ...options,
          }),
      );
      started.push(node);
      return node;
    },
    advance: (ms) => void (skew += ms),
    forget: async (channel) => await kv.delete(keys.head(channel)),
    goAway() {
      for (const { watched } of stores) watched.failure = new Error("the store is away");
      return () => {
        for (const { watched } of stores) watched.failure = undefined;
      };
    },
    async [Symbol.asyncDispose]() {
      for (const { broker } of started) await broker[Symbol.asyncDispose]();
      for (const { close } of stores) close();
      kv.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
