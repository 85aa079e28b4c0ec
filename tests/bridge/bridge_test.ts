import assert from "node:assert/strict";
import { Bridge } from "../../lib/bridge/bridge.ts";
import { systemClock } from "../../lib/clock.ts";
import type { Source } from "../../lib/bridge/source.ts";
import { Sources } from "../../lib/bridge/sources.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { Happenings } from "../broker/waiting.ts";
import { FakeClock, FakeLeases, serving, settle, source, States } from "./support.ts";

const rest = source({});
const template = source({ name: "stores", url: "http://localhost/stores/{id}", maxLive: 2 });

/** Isolates that share a broker, and a back end that counts what it is asked. */
class World implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly states = new States();
  readonly leases = new FakeLeases(this.clock);
  /** Who asked for what, and when. */
  readonly asked: { node: string; path: string; at: number }[] = [];
  readonly errors: string[] = [];
  readonly outcomes: string[] = [];
  document: unknown = [{ id: "a", n: 1 }];
  answer: () => Promise<Response> = () => Promise.resolve(Response.json(this.document));
  readonly started = this.clock.now();
  readonly #sources: Sources;
  readonly #bridges: Bridge[] = [];

  constructor(sources: readonly Source[] = [rest, template]) {
    this.#sources = new Sources(sources);
  }

  isolate(node: string, alive: () => boolean = () => true): Bridge {
    const { clock, states } = this;
    const bridge = new Bridge({
      sources: this.#sources,
      leases: this.leases.of(node, alive),
      target: states,
      onPolled: (name, outcome, published) => {
        this.outcomes.push(`${name} ${outcome} ${published}`);
      },
      onChange: () => {},
      onError: (error, stage) => this.errors.push(`${stage}: ${error}`),
      clock,
      fetch: (url) => {
        const { pathname } = new URL(String(url));
        this.asked.push({ node, path: pathname, at: clock.now() - this.started });
        return this.answer();
      },
    });
    this.#bridges.push(bridge);
    return bridge;
  }

  status(channel = "sources:a") {
    return JSON.parse(this.states.watch(channel).get("status")?.body ?? "{}").data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = Promise.all(this.#bridges.map((bridge) => bridge[Symbol.asyncDispose]()));
    // A broker that does not answer is given up.
    await this.clock.advance(10_000);
    await ended;
    await this.states[Symbol.asyncDispose]();
    assert.equal(this.clock.waiting, 0);
    const faults = this.errors.filter((error) =>
      !error.startsWith("bridge lease: Error: no answer")
    );
    assert.deepEqual(faults, []);
  }
}

Deno.test("bridge: polls while somebody listens, and not before or after", async () => {
  await using world = new World();
  const bridge = world.isolate("n");
  await world.clock.advance(10_000);
  assert.equal(world.asked.length, 0);
  bridge.begun(world.states.watch("bridge:a"));
  await world.clock.advance(4_000);
  assert.deepEqual(world.asked.map(({ at }) => at), [10_000, 12_000, 14_000]);
  assert.deepEqual(world.outcomes, ["a changed 1", "a unchanged 0", "a unchanged 0"]);
  assert.deepEqual(world.states.data("bridge:a"), { a: { id: "a", n: 1 } });
  assert.deepEqual(bridge.count(), { starting: 0, live: 1, stale: 0 });
  assert.equal(world.status().state, "live");
  bridge.ended("bridge:a");
  await settle();
  assert.equal(world.leases.holder("bridge bridge:a"), undefined);
  assert.deepEqual(bridge.count(), { starting: 0, live: 0, stale: 0 });
  await world.clock.advance(10_000);
  assert.equal(world.asked.length, 3);
});

Deno.test("bridge: begun again before it has quite ended, it holds the lease", async () => {
  await using world = new World();
  const bridge = world.isolate("n");
  const state = world.states.watch("bridge:a");
  const slow = Promise.withResolvers<Response>();
  world.answer = () => slow.promise;
  bridge.begun(state);
  await world.clock.advance(0);
  bridge.ended("bridge:a");
  bridge.begun(state);
  bridge.ended("bridge:a");
  bridge.begun(state);
  world.answer = () => Promise.resolve(Response.json([]));
  slow.resolve(Response.json([{ id: "too late" }]));
  await world.clock.advance(2_000);
  assert.equal(world.leases.holder("bridge bridge:a"), "n");
  assert.deepEqual(world.asked.map(({ at }) => at), [0, 0, 2_000]);
  assert.deepEqual(world.states.data("bridge:a"), {});
});

Deno.test("bridge: leaves alone what is not a source's items", async () => {
  await using world = new World();
  const bridge = world.isolate("n");
  for (const channel of ["vehicles:all", "sources:a"]) bridge.begun(world.states.watch(channel));
  bridge.ended("vehicles:all");
  await world.clock.advance(10_000);
  assert.equal(world.asked.length, 0);
  assert.throws(() => bridge.begun(world.states.watch("bridge:b")), { code: 102 });
});

Deno.test("bridge: a template's channels, no more than may be open", async () => {
  await using world = new World();
  const bridge = world.isolate("n");
  const begin = (id: string) => bridge.begun(world.states.watch(`bridge:stores:${id}`));
  begin("1");
  begin("2");
  begin("2");
  assert.throws(() => begin("3"), (error) => {
    assert.ok(error instanceof ProtocolError);
    assert.equal(error.code, 106);
    assert.match(error.message, /2 channels of bridge:stores are open, which is the most$/);
    return true;
  });
  await world.clock.advance(0);
  assert.deepEqual(world.asked.map(({ path }) => path).sort(), ["/stores/1", "/stores/2"]);
  bridge.ended("bridge:stores:1");
  begin("3");
  await world.clock.advance(0);
  assert.equal(world.asked.at(-1)?.path, "/stores/3");
});

Deno.test("bridge: one isolate polls for all; another takes over where it left", async () => {
  await using world = new World();
  const alive = { a: true };
  const a = world.isolate("a", () => alive.a);
  const b = world.isolate("b");
  a.begun(world.states.watch("bridge:a"));
  await world.clock.advance(700);
  b.begun(world.states.watch("bridge:a"));
  await world.clock.advance(9_300);
  assert.ok(world.asked.every(({ node }) => node === "a"));
  assert.equal(world.asked.length, 6);
  const published = world.states.published.all.length;
  // It can neither renew its lease nor hear that it is over.
  alive.a = false;
  await world.clock.advance(20_000);
  const last = world.asked.findLast(({ node }) => node === "a")?.at ?? Infinity;
  const first = world.asked.find(({ node }) => node === "b")?.at ?? Infinity;
  assert.ok(first >= last, "both polled");
  assert.ok(first - last <= 3 * 2_000, `a gap of ${first - last} ms`);
  const later = world.states.published.all.slice(published);
  assert.deepEqual(later.filter(({ channel }) => channel === "bridge:a"), []);
});

Deno.test("bridge: a holder whose poll outlasts its lease publishes nothing", async () => {
  await using world = new World();
  const alive = { a: true };
  const slow = Promise.withResolvers<Response>();
  const a = world.isolate("a", () => alive.a);
  const b = world.isolate("b");
  world.answer = () => slow.promise;
  a.begun(world.states.watch("bridge:a"));
  b.begun(world.states.watch("bridge:a"));
  await world.clock.advance(0);
  alive.a = false;
  world.answer = () => Promise.resolve(Response.json([{ id: "new" }]));
  await world.clock.advance(6_000);
  slow.resolve(Response.json([{ id: "old" }]));
  await world.clock.advance(0);
  assert.deepEqual(Object.keys(world.states.data("bridge:a")), ["new"]);
});

Deno.test("bridge: the lease is renewed through a long poll", async () => {
  await using world = new World();
  const a = world.isolate("a");
  const b = world.isolate("b");
  const slow = Promise.withResolvers<Response>();
  world.answer = () => slow.promise;
  a.begun(world.states.watch("bridge:a"));
  b.begun(world.states.watch("bridge:a"));
  await world.clock.advance(9_000);
  assert.deepEqual(world.asked.map(({ node }) => node), ["a"]);
  slow.resolve(Response.json([]));
});

Deno.test("bridge: with failures the state stands, is stale, and comes back to life", async () => {
  await using world = new World();
  const bridge = world.isolate("n");
  bridge.begun(world.states.watch("bridge:a"));
  await world.clock.advance(1_000);
  world.answer = () => Promise.resolve(new Response("<p>Sorry", { status: 503 }));
  await world.clock.advance(2_000);
  assert.deepEqual(bridge.count(), { starting: 0, live: 0, stale: 1 });
  const { state, error, failures } = world.status();
  assert.deepEqual([state, error, failures], ["stale", "answered 503", 1]);
  assert.deepEqual(world.states.data("bridge:a"), { a: { id: "a", n: 1 } });
  world.answer = () => Promise.resolve(Response.json([]));
  await world.clock.advance(4_000);
  assert.equal(world.status().state, "live");
  assert.deepEqual(world.states.data("bridge:a"), {});
});

Deno.test("bridge: on a real server and clock", async () => {
  const polled = new Happenings<string>();
  let orders = [{ id: 1, state: "new" }];
  const handler = ({ url }: Request) => {
    assert.equal(new URL(url).pathname, "/orders");
    return Response.json({ data: { items: orders } });
  };
  await serving(handler, async (url) => {
    await using states = new States();
    const settings = { url: `${url}/orders`, every: "100ms", items: "/data/items" };
    await using bridge = new Bridge({
      sources: new Sources([source(settings)]),
      leases: new FakeLeases(systemClock).of("n"),
      target: states,
      onPolled: (_, outcome, published) => polled.add(`${outcome} ${published}`),
      onChange: () => {},
      onError: (error) => {
        throw error;
      },
    });
    bridge.begun(states.watch("bridge:a"));
    await polled.count(2);
    orders = [{ id: 1, state: "done" }, { id: 2, state: "new" }];
    await polled.until("the change", (all) => all.includes("changed 2"));
    assert.deepEqual(states.data("bridge:a"), { 1: orders[0], 2: orders[1] });
  });
  assert.deepEqual(polled.all.slice(0, 2), ["changed 1", "unchanged 0"]);
});
