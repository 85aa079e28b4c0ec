/** How presence in state channels is renewed while the broker is slow. */
import assert from "node:assert/strict";
import { ChannelRegistry, keyedDefaults, type Namespace } from "../../lib/channels.ts";
import { PresenceInState } from "../../lib/node/presence_in_state.ts";
import { range } from "../broker/engine.ts";
import { turn } from "../broker/waiting.ts";
import { VirtualTime } from "../support/virtual_time.ts";

const rules: Namespace = {
  name: "room",
  history: { size: 10, ttlMs: 60_000 },
  recover: true,
  presence: false,
  joinLeave: false,
  keyed: null,
  presenceIn: { clients: "who:" },
  filter: false,
  allow: { subscribe: "anyone", publish: "nobody", presence: "nobody", history: "nobody" },
};
const who: Namespace = {
  ...rules,
  name: "who",
  keyed: { ...keyedDefaults, kind: "clients", ttlMs: 3_000 },
  presenceIn: null,
};

Deno.test("presence in state: a round of renewals at a time, in parts", async () => {
  using time = new VirtualTime(1_000_000);
  const published: string[] = [];
  const held: (() => void)[] = [];
  let slow = false;
  using presence = new PresenceInState({
    registry: new ChannelRegistry([rules, who]),
    broker: {
      async publish(_channel, { key = "" }) {
        published.push(key);
        if (slow) await new Promise<void>((go) => held.push(go));
        return { position: null, suppressed: null };
      },
    },
    onError: (error) => assert.fail(String(error)),
  });
  const clients = range(1, 250).map((i) => `c${i}`);
  const leaves = await Promise.all(
    clients.map((client) => presence.enter("room:a", rules, { user: "", client })),
  );
  assert.deepEqual(published, clients);
  published.length = 0;
  slow = true;
  // Five rounds are due while the first part of the first one is under way.
  while (time.step(5_500) && time.now < 1_005_000) await turn();
  assert.deepEqual(published, clients.slice(0, 100));
  // Who goes meanwhile is not renewed.
  leaves[249]?.();
  for (let parts = 0; parts < 3; parts++) {
    for (const go of held.splice(0)) go();
    await turn();
  }
  assert.deepEqual(published.toSorted(), clients.toSorted());
  assert.equal(published[100], "c250");
  slow = false;
  for (const leave of leaves.slice(0, 249)) leave();
  assert.equal(time.step(5_000), false);
});
