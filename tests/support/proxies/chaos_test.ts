import assert from "node:assert/strict";
import { eventually } from "../clients/eventually.ts";
import { testSeed } from "../random.ts";
import { chaos, underChaos } from "./chaos.ts";
import { type Caller, dial, startEcho } from "./echo.ts";
import { startRelay } from "./relay.ts";
import { StillClock } from "./still_clock.ts";

async function turnsOf(seed: number, count: number): Promise<readonly string[]> {
  await using echo = startEcho();
  const clock = new StillClock();
  await using relay = await startRelay(echo.port, { clock });
  await using running = chaos(relay, seed, { clock });
  for (let turns = 1; turns < count; turns++) {
    await eventually(() => running.log.length === turns, "the turn has been taken");
    clock.move(1_000);
  }
  await eventually(() => running.log.length === count, "the last turn has been taken");
  return [...running.log];
}

Deno.test("chaos: a seed gives one order of behaviours, every second another", async () => {
  const turns = await turnsOf(7, 30);
  assert.deepEqual(await turnsOf(7, 30), turns);
  assert.notDeepEqual(await turnsOf(8, 30), turns);
  assert.deepEqual(turns.map((turn) => turn.split(" ms ")[0]), turns.map((_, i) => `${i * 1_000}`));
  assert.ok(new Set(turns.map((turn) => turn.split(" ms ")[1])).size > 10, turns.join("\n"));
});

Deno.test("chaos: ends with its timer, and the relay is calm then", async () => {
  await using echo = startEcho();
  const clock = new StillClock();
  await using relay = await startRelay(echo.port, { clock });
  {
    await using running = chaos(relay, 1, { clock });
    assert.equal(running.seed, 1);
    relay.goDark("lost");
    relay.refuse();
  }
  assert.deepEqual(clock.due, []);
  await using client = await dial(relay.port);
  assert.equal(await client.ask("a"), "a");
});

Deno.test("chaos: a failure tells the seed and what came before it", async () => {
  await using echo = startEcho();
  await using relays = new AsyncDisposableStack();
  const two = [relays.use(await startRelay(echo.port)), relays.use(await startRelay(echo.port))];
  const failure = new Error("lost 3");
  const run = () => underChaos(two, 41, () => Promise.reject(failure));
  await assert.rejects(run, (error: Error) => {
    assert.match(error.message, /^in the chaos of SEED=41: Error: lost 3\nseed 41: .*\nseed 42: /);
    return error.cause === failure;
  });
});

Deno.test("chaos: what arrives on a connection is the beginning of what was sent", async () => {
  await using echo = startEcho();
  await using relay = await startRelay(echo.port);
  let whole = 0;
  const once = async () => {
    await using client = await dial(relay.port);
    whole += await carries(client) ? 1 : 0;
  };
  const { ConnectionRefused, ConnectionReset } = Deno.errors;
  const refused = (error: unknown) => {
    // Reset is who the kernel had taken when the relay began to refuse.
    if (!(error instanceof ConnectionRefused || error instanceof ConnectionReset)) throw error;
  };
  const until = performance.now() + 30_000;
  await underChaos([relay], testSeed(), async () => {
    while (whole < 50 && performance.now() < until) {
      await Promise.all(Array.from({ length: 5 }, () => once().catch(refused)));
    }
    assert.ok(whole >= 50, `${whole} connections carried all`);
  }, { everyMs: 20 });
});

/** Whether all came back. A connection that has nothing to say for a second is given up. */
async function carries(client: Caller): Promise<boolean> {
  const lines = Array.from({ length: 200 }, (_, n) => `${n}\n`);
  const sent = lines.join("");
  let got = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), 1_000);
  });
  try {
    for (const line of lines) await client.write(line);
    while (got.length < sent.length) {
      const more = await Promise.race([client.read(), late]);
      if (more === null) break;
      got += more;
    }
  } catch (error) {
    const ends = [Deno.errors.ConnectionReset, Deno.errors.BrokenPipe];
    if (!ends.some((end) => error instanceof end)) throw error;
  } finally {
    clearTimeout(timer);
  }
  assert.ok(sent.startsWith(got), `"${got.slice(-40)}"`);
  return got === sent;
}
