/** A short one; `deno task chaos` is for longer. */
import assert from "node:assert/strict";
import { testSeed } from "../../support/random.ts";
import { clients, runChaos } from "./run.ts";

const ms = 25_000;
const seed = testSeed();

Deno.test(`client: everything is right after a chaos on the way (seed ${seed})`, async () => {
  const { reconnects } = await runChaos({ seed, ms, isTold: true });
  assert.ok(reconnects >= clients, `${reconnects} reconnects are no chaos (seed ${seed})`);
});
