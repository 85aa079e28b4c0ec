/** Writes a state channel until it is killed: `kill_writer.ts DATABASE SEED`, a line per answer. */
import { edgeBroker } from "../../lib/broker/edge/edge.ts";
import { seeded } from "../support/random.ts";
import { TestNode } from "./engine.ts";
import { StateChannel } from "./state_channel.ts";

const [database, seed] = Deno.args;
const encoder = new TextEncoder();
const random = seeded(Number(seed));
const kv = await Deno.openKv(database);
const bus = { onmessage: null, postMessage() {}, close() {} };
const node = new TestNode(`writer${seed}`, (context) => edgeBroker(context, { kv, bus }));
const channel = new StateChannel("killed");

async function writeOn(): Promise<never> {
  for (let n = 0;; n++) {
    const [key, dice] = [`k${Math.floor(random() * 40)}`, random()];
    const value = dice > 0.9 ? "x".repeat(64_000) : n;
    const published = dice < 0.3
      ? await channel.remove(node, key)
      : await channel.put(node, key, value);
    if (published.suppressed === null) {
      Deno.stdout.writeSync(encoder.encode(`${published.position?.offset}\n`));
    }
  }
}
await Promise.all(Array.from({ length: 32 }, writeOn));
