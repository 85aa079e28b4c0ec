/**
 * Speed and memory of the whole server as a process of its own, on loopback, beside the limits of
 * the machine in the same run.
 *
 *     deno task bench              all scenarios, about nine minutes
 *     deno task bench NAME…        some of them
 *
 * Exits with 1 when a target was missed.
 */
import { compileLoad } from "./harness/programs.ts";
import { met, type Scenario } from "./harness/scenario.ts";
import { table } from "./harness/table.ts";
import { acknowledged } from "./scenarios/acknowledged.ts";
import { atRest } from "./scenarios/at_rest.ts";
import { bridge } from "./scenarios/bridge.ts";
import { cost } from "./scenarios/cost.ts";
import { fewPublishers } from "./scenarios/few_publishers.ts";
import { idleMemory } from "./scenarios/idle_memory.ts";
import { manyChannels } from "./scenarios/many_channels.ts";
import { snapshot } from "./scenarios/snapshot.ts";
import { state } from "./scenarios/state.ts";
import { sseFanOut } from "./scenarios/sse_fan_out.ts";
import { websocketFanOut } from "./scenarios/websocket_fan_out.ts";

const scenarios: readonly Scenario[] = [
  websocketFanOut,
  sseFanOut,
  fewPublishers,
  cost,
  atRest,
  acknowledged,
  idleMemory,
  manyChannels,
  state,
  snapshot,
  bridge,
];

Deno.exit(await run(Deno.args));

async function run(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !scenarios.some((one) => one.name === name));
  if (unknown.length > 0) {
    say(
      `no scenario ${unknown.join(", ")}; there are ${scenarios.map(({ name }) => name).join(" ")}`,
    );
    return 2;
  }
  warnIfBusy();
  await using programs = await compileLoad();
  let missed = 0;
  for (const scenario of scenarios) {
    if (names.length > 0 && !names.includes(scenario.name)) continue;
    const result = await scenario.run(programs);
    const figures = "figures" in result ? result.figures : result;
    missed += figures.filter((figure) => !met(figure)).length;
    say(table(`${scenario.name}: ${scenario.title}`, figures));
    if ("details" in result) say(result.details);
  }
  say(missed === 0 ? "Every target was met." : `${missed} targets were MISSED.`);
  return missed === 0 ? 0 : 1;
}

/** Whatever else runs takes its time from the figures. */
function warnIfBusy(): void {
  const [load = 0] = Deno.loadavg();
  const idle = navigator.hardwareConcurrency / 4;
  if (load > idle) say(`The machine is busy (load ${load.toFixed(1)}): expect worse figures.\n`);
}

function say(text: string): void {
  // deno-lint-ignore no-console -- a tool for the command line
  console.log(text);
}
