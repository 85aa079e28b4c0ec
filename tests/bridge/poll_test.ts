import assert from "node:assert/strict";
import { systemClock } from "../../lib/clock.ts";
import { Poll } from "../../lib/bridge/poll.ts";
import { PollError } from "../../lib/bridge/poll_error.ts";
import type { BridgeTarget } from "../../lib/bridge/target.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { source, States } from "./support.ts";

const channel = "bridge:a";

/** A source whose server answers with what a test says; requests are written down. */
class Bench implements AsyncDisposable {
  readonly states = new States();
  readonly asked: Headers[] = [];
  readonly stop = new AbortController();
  valid = true;
  /** What the next requests are answered with. */
  answer: (headers: Headers) => Response | Promise<Response> = () => Response.json([]);
  readonly poll: Poll;
  target: BridgeTarget = this.states;

  constructor(settings: Record<string, unknown> = {}) {
    const through: BridgeTarget = {
      set: (...args) => this.target.set(...args),
      remove: (...args) => this.target.remove(...args),
    };
    this.poll = new Poll({
      source: source(settings),
      url: "http://localhost/a",
      state: this.states.watch(channel),
      target: through,
      clock: systemClock,
      fetch: (_, init) => {
        const headers = new Headers(init?.headers);
        this.asked.push(headers);
        return Promise.resolve(this.answer(headers));
      },
    });
  }

  answers(document: unknown, etag?: string): void {
    this.answer = (headers) => {
      if (etag !== undefined && headers.get("if-none-match") === etag) {
        return new Response(null, { status: 304 });
      }
      return Response.json(document, { headers: etag === undefined ? {} : { etag } });
    };
  }

  run() {
    const { stop } = this;
    const isValid = () => this.valid && !stop.signal.aborted;
    return this.poll.run({
      signal: stop.signal,
      get valid() {
        return isValid();
      },
    });
  }

  /** What it did and how much it published. */
  async outcome(): Promise<string> {
    const { outcome, published } = await this.run();
    return `${outcome} ${published}`;
  }

  get data() {
    return this.states.data(channel);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.states[Symbol.asyncDispose]();
  }
}

const a = { id: "a", n: 1 };
const b = { id: "b", n: 1 };

Deno.test("poll: what is new, changed and gone is published, and nothing else", async () => {
  await using bench = new Bench();
  bench.answers([a, b]);
  assert.equal(await bench.outcome(), "changed 2");
  assert.deepEqual(bench.data, { a, b });
  bench.answers([{ n: 1, id: "a" }, { ...b, n: 2 }]);
  assert.equal(await bench.outcome(), "changed 1");
  bench.answers([b]);
  assert.equal(await bench.outcome(), "changed 2");
  assert.deepEqual(bench.data, { b });
  assert.equal(await bench.outcome(), "unchanged 0");
  const published = bench.states.published.all.map(({ key, removed }) => `${key}${removed ?? ""}`);
  assert.deepEqual(published.toSorted(), ["a", "atrue", "b", "b", "b"]);
});

Deno.test("poll: names the answer whose items the channel has", async () => {
  await using bench = new Bench();
  bench.answers([a, b], '"1"');
  assert.equal(await bench.outcome(), "changed 2");
  assert.equal(await bench.outcome(), "not_modified 0");
  bench.answers([b], '"2"');
  assert.equal(await bench.outcome(), "changed 1");
  assert.equal(await bench.outcome(), "not_modified 0");
  assert.deepEqual(bench.asked.map((headers) => headers.get("if-none-match")), [
    null,
    '"1"',
    '"1"',
    '"2"',
  ]);
});

Deno.test("poll: after others published, the document is asked for whole and rules", async () => {
  await using bench = new Bench();
  bench.answers([a, b], '"1"');
  await bench.run();
  await bench.states.set(channel, "a", "theirs");
  await bench.states.remove(channel, "b");
  assert.equal(await bench.outcome(), "changed 2");
  assert.equal(bench.asked.at(-1)?.get("if-none-match"), null);
  assert.deepEqual(bench.data, { a, b });
  assert.equal(await bench.outcome(), "not_modified 0");
});

Deno.test("poll: what others publish while it is under way is left alone until the next", async () => {
  await using bench = new Bench();
  bench.answers([a, b], '"1"');
  await bench.run();
  const newer = { ...a, n: 2 };
  bench.answer = async () => {
    await bench.states.set(channel, "a", newer);
    return Response.json([a, { ...b, n: 3 }], { headers: { etag: '"2"' } });
  };
  assert.equal(await bench.outcome(), "changed 1");
  assert.deepEqual(bench.data, { a: newer, b: { ...b, n: 3 } });
  bench.answers([newer, { ...b, n: 3 }], '"3"');
  assert.equal(await bench.outcome(), "unchanged 0");
  assert.equal(bench.asked.at(-1)?.get("if-none-match"), null);
});

Deno.test("poll: what others publish that is not seen here yet is not overwritten", async () => {
  await using bench = new Bench();
  bench.answers([a]);
  await bench.run();
  const newer = { ...a, n: 9 };
  const { states } = bench;
  bench.target = {
    set: async (...args) => {
      // Between the comparison and the commit.
      await states.set(channel, "a", newer);
      return await states.set(...args);
    },
    remove: (...args) => states.remove(...args),
  };
  bench.answers([{ ...a, n: 2 }], '"1"');
  assert.equal(await bench.outcome(), "unchanged 0");
  assert.deepEqual(bench.data, { a: newer });
  bench.target = states;
  assert.equal(await bench.outcome(), "changed 1");
  assert.equal(bench.asked.at(-1)?.get("if-none-match"), null);
});

Deno.test("poll: goes on from the state that another poller left", async () => {
  await using bench = new Bench();
  for (const item of [a, b]) await bench.states.set(channel, item.id, item);
  bench.answers([b, { id: "c" }]);
  assert.equal(await bench.outcome(), "changed 2");
  assert.deepEqual(bench.data, { b, c: { id: "c" } });
});

Deno.test("poll: 304 with no earlier state drops what it knew", async () => {
  await using bench = new Bench();
  bench.answers([a], '"1"');
  await bench.run();
  bench.answer = () => new Response(null, { status: 304 });
  assert.equal(await bench.outcome(), "not_modified 0");
  await bench.states.set(channel, "a", "theirs");
  await assert.rejects(
    bench.run(),
    (error) => error instanceof PollError && error.kind === "unasked_304",
  );
  bench.answers([a], '"1"');
  assert.equal(await bench.outcome(), "changed 1");
});

const bad: [string, () => Response, string][] = [
  ["HTML", () => new Response("<p>", { headers: { "content-type": "text/html" } }), "not_json"],
  ["401", () => new Response("no", { status: 401 }), "status"],
  ["a duplicate key", () => Response.json([{ id: "z" }, a, a]), "key_duplicate"],
  ["a missing key", () => Response.json([{ id: "z" }, {}]), "key_missing"],
  ["another shape", () => Response.json({ error: "x" }), "shape"],
];
for (const [what, answer, kind] of bad) {
  Deno.test(`poll: ${what} fails it as a whole, and the last good state stands`, async () => {
    await using bench = new Bench();
    bench.answers([a, b], '"1"');
    await bench.run();
    bench.answer = answer;
    await assert.rejects(bench.run(), (error) => error instanceof PollError && error.kind === kind);
    assert.deepEqual(bench.data, { a, b });
    bench.answers([a, b], '"1"');
    assert.equal(await bench.outcome(), "not_modified 0");
  });
}

Deno.test("poll: a publish that fails fails the poll; the next one publishes the rest", async () => {
  await using bench = new Bench();
  bench.answers(Array.from({ length: 300 }, (_, id) => ({ id })), '"1"');
  bench.states.failures.push(new ProtocolError("tooManyRequests", "overloaded"));
  await assert.rejects(bench.run(), {
    kind: "publish",
    message: "what changed could not be published: too many requests: overloaded",
  });
  const before = Object.keys(bench.data).length;
  assert.ok(before < 300);
  assert.equal(await bench.outcome(), `changed ${300 - before}`);
  assert.equal(bench.asked.at(-1)?.get("if-none-match"), null);
});

Deno.test("poll: at most 100 publications are on their way", async () => {
  await using bench = new Bench();
  bench.answers(Array.from({ length: 1_000 }, (_, id) => ({ id })));
  let flying = 0;
  let most = 0;
  const { states } = bench;
  bench.target = {
    set: async (...args) => {
      most = Math.max(most, ++flying);
      await new Promise((resolve) => setImmediate(resolve));
      flying--;
      return await states.set(...args);
    },
    remove: (...args) => states.remove(...args),
  };
  assert.equal(await bench.outcome(), "changed 1000");
  assert.equal(most, 100);
});

Deno.test("poll: publishes nothing once its hold is over", async () => {
  await using bench = new Bench();
  bench.answer = () => {
    bench.valid = false;
    return Response.json([a]);
  };
  await assert.rejects(bench.run());
  assert.deepEqual(bench.data, {});
  bench.valid = true;
  const reason = new Error("the lease is lost");
  bench.answer = () => {
    bench.stop.abort(reason);
    return Response.json([a]);
  };
  await assert.rejects(bench.run(), reason);
  assert.deepEqual(bench.data, {});
});

Deno.test("poll: a channel as full as it may be changes all its keys", async () => {
  await using bench = new Bench({ maxKeys: 2 });
  bench.answers([a, b]);
  await bench.run();
  bench.answers([{ id: "c" }, { id: "d" }]);
  assert.equal(await bench.outcome(), "changed 4");
  const order = bench.states.published.all.slice(2).map(({ key, removed }) => `${key} ${removed}`);
  assert.deepEqual(order, ["a true", "b true", "c undefined", "d undefined"]);
});
