import assert from "node:assert/strict";
import { EventSource } from "eventsource";
import { Happenings } from "../broker/waiting.ts";
import { startServer, type TestServer } from "../support/server.ts";

interface Item {
  readonly id: number;
  readonly n: number;
}

/** A REST endpoint that knows nothing of us, and writes down when it was asked. */
class BackEnd implements AsyncDisposable {
  items: Item[] = [{ id: 1, n: 1 }, { id: 2, n: 1 }];
  readonly #asked = new Happenings<number>();
  readonly #server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    this.#asked.add(performance.now());
    return Response.json(this.items);
  });

  source(every: string) {
    const url = `http://127.0.0.1:${this.#server.addr.port}/items`;
    return { name: "items", url, every, allow: { subscribe: "anyone" } };
  }

  get asked(): readonly number[] {
    return this.#asked.all;
  }

  /** Resolves when it has been asked so often. */
  async askedFor(n: number): Promise<void> {
    await this.#asked.count(n);
  }

  /** Times between requests, in milliseconds. */
  get gaps(): number[] {
    return this.asked.slice(1).map((at, i) => at - (this.asked[i] ?? 0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** A bare EventSource and what it knows of the source's items. */
class Reader implements Disposable {
  readonly items = new Map<string, unknown>();
  readonly #events: EventSource;
  /** Changes of what it knows. */
  readonly #changes = new Happenings<string>();

  constructor(url: string) {
    this.#events = new EventSource(`${url}/v1/events?channels=bridge:items`);
    this.#events.addEventListener("subscribed", () => this.items.clear());
    this.#events.addEventListener("state", ({ data }) => {
      for (const { key, data: item } of JSON.parse(data).state) this.items.set(key, item);
      this.#changes.add("state");
    });
    this.#events.addEventListener("message", ({ data }) => {
      const { pub } = JSON.parse(data);
      if (pub.removed) this.items.delete(pub.key);
      else this.items.set(pub.key, pub.data);
      this.#changes.add(pub.key);
    });
  }

  /** Resolves when it shows what the back end has. */
  async level({ items }: BackEnd): Promise<void> {
    const wanted = JSON.stringify(items);
    const shown = () => JSON.stringify([...this.items.values()].toSorted(byId));
    await this.#changes.until(`${wanted} is shown`, () => shown() === wanted);
  }

  [Symbol.dispose](): void {
    this.#events.close();
  }
}

function byId(a: unknown, b: unknown): number {
  return (a as Item).id - (b as Item).id;
}

async function polls(server: TestServer): Promise<boolean> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return /nhip_bridge_sources\{[^}]*state="live"[^}]*\} 1\b/.test(text);
}

Deno.test("bridge: two isolates with readers poll once for both", async () => {
  await using backEnd = new BackEnd();
  const channels = { bridge: { sources: [backEnd.source("500ms")] } };
  await using server = await startServer({ isolates: 2, channels });
  const readers = Array.from({ length: 12 }, () => new Reader(server.url));
  try {
    for (const round of [2, 3, 4]) {
      backEnd.items = [{ id: 1, n: round }, { id: round, n: round }];
      await Promise.all(readers.map((reader) => reader.level(backEnd)));
    }
    await backEnd.askedFor(10);
    // Intervals are 500 ms ± 10 %; a second poller would halve some.
    assert.ok(backEnd.gaps.every((gap) => gap > 300), backEnd.gaps.join(" "));
  } finally {
    for (const reader of readers) reader[Symbol.dispose]();
  }
});

Deno.test("bridge: a poller that is killed is followed by another within three intervals", async () => {
  const everyMs = 1_000;
  await using backEnd = new BackEnd();
  const channels = { bridge: { sources: [backEnd.source(`${everyMs}ms`)] } };
  await using one = await startServer({ channels });
  await using other = await startServer({
    channels,
    env: { KV_PATH: `${one.folder}/kv.sqlite` },
  });
  using first = new Reader(one.url);
  await first.level(backEnd);
  using second = new Reader(other.url);
  await second.level(backEnd);
  assert.deepEqual([await polls(one), await polls(other)], [true, false]);
  const before = backEnd.asked.length;
  await backEnd.askedFor(before + 3);
  assert.ok(backEnd.gaps.every((gap) => gap > everyMs / 2), backEnd.gaps.join(" "));

  await one.signal("SIGKILL");
  first[Symbol.dispose]();
  const killed = backEnd.asked.length;
  backEnd.items = [{ id: 2, n: 5 }, { id: 3, n: 5 }];
  await second.level(backEnd);
  assert.equal(await polls(other), true);
  await backEnd.askedFor(killed + 3);
  const [gap = Infinity, ...after] = backEnd.gaps.slice(killed - 1);
  // A little is left for a busy machine.
  assert.ok(gap < 3.5 * everyMs, `${gap} ms without a poll`);
  assert.ok(after.every((one) => one > everyMs / 2), backEnd.gaps.join(" "));
});
