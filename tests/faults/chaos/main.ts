/**
 * Three minutes of chaos:
 *
 *     deno task chaos [--seed N] [--seconds N]
 */
import { parseArgs } from "node:util";
import { testSeed } from "../../support/random.ts";
import { runChaos } from "./run.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seconds: { type: "string", default: "180" },
  },
});
const seed = Number(values.seed ?? testSeed());
const ms = Number(values.seconds) * 1_000;
// deno-lint-ignore no-console -- a tool for the command line
const say = console.log;

say(`seed ${seed}`);
try {
  const result = await runChaos({ seed, ms });
  say(Object.entries(result).map(([name, value]) => `${name} ${value}`).join(", "));
} catch (error) {
  say(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
