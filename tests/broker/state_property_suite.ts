/** Snapshots and streams beside random writers: together they are the state, always. */
import assert from "node:assert/strict";
import { seeded, testSeed } from "../support/random.ts";
import { type EngineKind, range, type TestNode } from "./engine.ts";
import { apply, sorted, StateChannel } from "./state_channel.ts";

const keys = ["a", "b", "c\0", "c\u0001", "đ", "日本", "\uffee", "🛵", "z".repeat(255), "~", "k1"];
const rounds = 25;
const minute = 60_000;

/** @param seeds how many runs; each takes the engine a moment. */
export function statePropertySuite({ name, open, shared }: EngineKind, seeds: number): void {
  const from = testSeed();
  Deno.test(`${name} state property: ${seeds} seeds from ${from}`, async () => {
    await using engine = await open();
    const first = await engine.node();
    const nodes = shared ? [first, await engine.node(), await engine.node()] : [first];
    for (const seed of range(from, from + seeds - 1)) {
      await run(seed, nodes, engine.advance ?? (() => {}));
    }
    for (const { errors } of nodes) assert.deepEqual(errors.all, []);
  });
}

/** Readers begin a snapshot now and then, go on by a page while others write, then by the stream. */
async function run(seed: number, nodes: readonly TestNode[], advance: (ms: number) => void) {
  const random = seeded(seed);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  const channel = new StateChannel(`s${seed}`, {
    retention: { size: pick([5, 20, 200]), ttlMs: 3_600_000 },
    keyed: { ttlMs: pick([null, minute]), maxKeys: pick([6, 100]) },
  });
  const where = `seed ${seed}`;
  const write = async () => {
    await Promise.all(
      range(1, Math.ceil(random() * 6)).map(async () => {
        const [node, key, dice] = [pick(nodes), pick(keys), random()];
        const value = dice > 0.93 ? "日".repeat(21_000) : Math.floor(dice * 1e6);
        try {
          if (dice < 0.3) await channel.remove(node, key);
          else if (dice < 0.4) await channel.put(node, key, value, { exists: dice < 0.35 });
          else await channel.put(node, key, value, { tags: { t: `${dice}` } });
        } catch (error) {
          assert.equal((error as { code?: number }).code, 106, `${where}: ${error}`);
        }
      }),
    );
  };
  const check = async () => {
    const limit = pick([1, 2, 3, 100]);
    const order = pick(["key", "score"] as const);
    const query = { limit, order, descending: random() < 0.5, withExpired: true };
    // Reads and writes overlap: pages are read while the store changes.
    const writing: Promise<void>[] = [];
    const snapshot = await channel.pages(pick(nodes), query, () => {
      writing.push(write());
      return random() < 0.5 ? writing.at(-1) : undefined;
    });
    const offsets = snapshot.entries.map(({ position }) => position?.offset ?? 0);
    assert.ok(offsets.every((offset) => offset <= snapshot.position.offset), where);
    assert.equal(new Set(snapshot.entries.map(({ key }) => key)).size, offsets.length, where);
    await Promise.all(writing);
    const mirror = apply(new Map(), snapshot.entries);
    const stream = await channel.since(pick(nodes), snapshot.position);
    const now = await channel.pages(pick(nodes), { withExpired: true });
    assert.equal(now.entries.length, now.keys, where);
    // A stream that is cut off is told, and then a new snapshot is read.
    if (stream === null) return;
    apply(mirror, stream);
    assert.deepEqual(sorted(mirror), sorted(apply(new Map(), now.entries)), where);
  };
  for (let round = 0; round < rounds; round++) {
    if (random() < 0.1) advance(minute / 2);
    if (random() < 0.02) await pick(nodes).broker.clear(channel.name);
    await write();
    if (random() < 0.4) await check();
  }
}
