/** Half a minute of it; `deno task chaos` is for longer. */
import { testSeed } from "../../support/random.ts";
import { runChaos } from "./run.ts";

const ms = 30_000;
/** With these something was wrong once. */
const seeds: readonly number[] = [];

for (const seed of [...seeds, testSeed()]) {
  Deno.test(`client: everything is right after a chaos on the way (seed ${seed})`, async () => {
    await runChaos({ seed, ms, isTold: true });
  });
}
