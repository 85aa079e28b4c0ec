import assert from "node:assert/strict";
import type { Cluster } from "../../lib/node/cluster.ts";
import { Emulation } from "../../lib/node/emulation.ts";
import { turn } from "../broker/waiting.ts";
import { seeded, testSeed } from "../support/random.ts";
import { VirtualTime } from "../support/virtual_time.ts";
import { type Link, link } from "./cluster_link.ts";

interface Member {
  readonly cluster: Cluster;
  readonly emulation: Emulation;
}

class World implements Disposable {
  readonly errors: string[] = [];
  readonly time = new VirtualTime(1_764_000_000_000);
  readonly bus: Link = link((error) => this.errors.push(String(error)));
  readonly #members: Member[] = [];

  join(id: string): Member {
    const emulation: Emulation = new Emulation({
      self: id,
      knows: (other) => cluster.knows(other),
      ask: (other, argument) => cluster.askOne(other, "emulate", argument, 4_000),
      onError: (error, stage) => this.errors.push(`${stage}: ${error}`),
    });
    const emulate = (argument: unknown) => emulation.take(argument);
    const cluster: Cluster = this.bus.join(id, { emulate });
    const member = { cluster, emulation };
    this.#members.push(member);
    return member;
  }

  /** Nodes that know each other. */
  async both(): Promise<[Member, Member]> {
    const [a, b] = [this.join("a"), this.join("b")];
    while (!a.cluster.knows("b") || !b.cluster.knows("a")) await turn();
    return [a, b];
  }

  /** Lets time go by until that is settled. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let pending = true;
    promise.finally(() => (pending = false));
    for (let n = 0; pending && n < 10_000; n++) {
      for (let turns = 0; turns < 4; turns++) await turn();
      if (pending) this.time.step(50);
    }
    return await promise;
  }

  [Symbol.dispose](): void {
    for (const { cluster } of this.#members) cluster.leave();
    this.time[Symbol.dispose]();
  }
}

const parcel = (n: number, session = "s") => ({ session, frame: `${n}` });

Deno.test("emulation: a node hands to its own sessions, and to those of others", async () => {
  using world = new World();
  const [a, b] = await world.both();
  const got: string[] = [];
  const forget = b.emulation.add("s", (frame) => got.push(frame));
  assert.equal(await b.emulation.hand("b", parcel(1)), "taken");
  assert.equal(await world.settled(a.emulation.hand("b", parcel(2))), "taken");
  assert.deepEqual(got, ["1", "2"]);

  assert.equal(await world.settled(a.emulation.hand("b", parcel(3, "another"))), "taken");
  assert.equal(await a.emulation.hand("c", parcel(4)), "unknown node");
  forget();
  assert.equal(await world.settled(a.emulation.hand("b", parcel(5))), "taken");
  assert.deepEqual(got, ["1", "2"]);
  assert.deepEqual(world.errors, []);
});

Deno.test("emulation: each arrives once and in order over a bus that loses much", async () => {
  const seed = testSeed();
  const random = seeded(seed);
  using world = new World();
  const [a, b] = await world.both();
  const got: string[] = [];
  b.emulation.add("s", (frame) => got.push(frame));
  world.bus.passes = ({ kind }) => kind === "node" || random() < 0.8;
  const all = Array.from({ length: 200 }, (_, n) => n);
  const handed: Promise<string>[] = [];
  for (const n of all) {
    handed.push(a.emulation.hand("b", parcel(n)));
    if (random() < 0.3) await turn();
    if (random() < 0.1) world.time.step(100);
  }
  const results = await world.settled(Promise.all(handed));
  assert.deepEqual(new Set(results), new Set(["taken"]), `SEED=${seed}`);
  assert.deepEqual(got, all.map(String), `SEED=${seed}`);
});

Deno.test("emulation: what comes while a message is under way goes together in the next", async () => {
  using world = new World();
  const [a, b] = await world.both();
  const got: string[] = [];
  b.emulation.add("s", (frame) => got.push(frame));
  const before = world.bus.posted.length;
  const all = Array.from({ length: 50 }, (_, n) => n);
  await world.settled(Promise.all(all.map((n) => a.emulation.hand("b", parcel(n)))));
  const asked = world.bus.posted.slice(before).filter(({ kind }) => kind === "ask");
  assert.equal(asked.length, 2);
  assert.deepEqual(got, all.map(String));
});

Deno.test("emulation: a message is bounded, and so is what waits for a node", async () => {
  using world = new World();
  const [a, b] = await world.both();
  let got = 0;
  b.emulation.add("s", () => got++);
  const before = world.bus.posted.length;
  const frame = "x".repeat(64 * 1024);
  const handed = Array.from({ length: 100 }, () => a.emulation.hand("b", { session: "s", frame }));
  const results = await world.settled(Promise.all(handed));
  const taken = results.filter((one) => one === "taken").length;
  // One goes at once; 4 MiB wait.
  assert.ok(taken >= 60 && taken <= 65, `${taken}`);
  assert.equal(results.filter((one) => one === "overloaded").length, 100 - taken);
  assert.equal(got, taken);
  for (const message of world.bus.posted.slice(before)) {
    assert.ok(JSON.stringify(message).length < 300 * 1024);
  }
  // There is room again.
  assert.equal(await world.settled(a.emulation.hand("b", parcel(1))), "taken");
});

Deno.test("emulation: a node that does not answer is given up in time, with all that waits", async () => {
  using world = new World();
  const [a] = await world.both();
  world.bus.passes = ({ kind }) => kind === "node";
  const began = world.time.now;
  const handed = Array.from({ length: 20 }, (_, n) => a.emulation.hand("b", parcel(n)));
  const results = await world.settled(Promise.all(handed));
  assert.deepEqual(new Set(results), new Set(["unanswered"]));
  assert.ok(world.time.now - began < 4_500, `${world.time.now - began} ms`);
});

Deno.test("emulation: one that leaves is given up at once, and is unknown then", async () => {
  using world = new World();
  const [a, b] = await world.both();
  world.bus.passes = ({ kind }) => kind !== "ask";
  const began = world.time.now;
  const handed = a.emulation.hand("b", parcel(1));
  b.cluster.leave();
  assert.equal(await world.settled(handed), "unanswered");
  assert.ok(world.time.now - began < 500);
  assert.equal(await a.emulation.hand("b", parcel(2)), "unknown node");
});

Deno.test("emulation: a session that fails is reported, and costs the others nothing", async () => {
  using world = new World();
  const [a, b] = await world.both();
  const got: string[] = [];
  b.emulation.add("bad", () => {
    throw new Error("broken");
  });
  b.emulation.add("s", (frame) => got.push(frame));
  const handed = [a.emulation.hand("b", parcel(1, "bad")), a.emulation.hand("b", parcel(2))];
  assert.deepEqual(await world.settled(Promise.all(handed)), ["taken", "taken"]);
  assert.deepEqual(got, ["2"]);
  assert.deepEqual(world.errors, ["emulation: Error: broken"]);
});

Deno.test("emulation: nobody but the node asked looks at what is for it", async () => {
  using world = new World();
  const [a] = await world.both();
  const third = world.join("third");
  const got: string[] = [];
  third.emulation.add("s", (frame) => got.push(frame));
  await world.settled(a.emulation.hand("b", parcel(1)));
  assert.deepEqual(got, []);
});
