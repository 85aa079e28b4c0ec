import assert from "node:assert/strict";
import { eventually } from "../clients/eventually.ts";
import { dial, startEcho } from "./echo.ts";
import { proxyKinds } from "./mod.ts";
import {
  startCuttingRelay,
  startDarkRelay,
  startDelayingRelay,
  startStallingRelay,
} from "./scripted.ts";
import { StillClock } from "./still_clock.ts";

Deno.test("scripted relays: their names are those of their kinds", async () => {
  await using echo = startEcho();
  for (const { name, needs, start } of proxyKinds) {
    if (needs.length > 0) continue;
    await using proxy = await start(echo.port);
    assert.equal(proxy.name, name);
  }
});

Deno.test("scripted relays: one is late by up to 2 s each way", async () => {
  await using echo = startEcho();
  const clock = new StillClock();
  await using relay = await startDelayingRelay(echo.port, clock);
  await using client = await dial(relay.port);
  await client.write("a");
  for (let way = 0; way < 2; way++) {
    await eventually(() => clock.due.length === 1, "the piece waits");
    assert.ok((clock.due[0] ?? 0) - clock.now() <= 2_000);
    clock.move(2_000);
  }
  assert.equal(await client.readAll(1), "a");
});

Deno.test("scripted relays: one stalls and goes on", async () => {
  await using echo = startEcho();
  const clock = new StillClock();
  await using relay = await startStallingRelay(echo.port, clock);
  await using client = await dial(relay.port);
  assert.equal(await client.ask("a"), "a");
  clock.move(1_000);
  for (let n = 0; n < 2; n++) {
    const { up } = relay.bytes;
    await client.write("b");
    clock.move(4_999);
    assert.equal(relay.bytes.up, up);
    clock.move(1);
    assert.equal(await client.readAll(1), "b");
    assert.equal(await client.ask("c"), "c");
    clock.move(5_000);
  }
});

Deno.test("scripted relays: one cuts each connection after 50,001 bytes", async () => {
  await using echo = startEcho();
  await using relay = await startCuttingRelay(echo.port);
  await using client = await dial(relay.port);
  const text = "x".repeat(50_001);
  await client.write(text + "x");
  assert.equal(await client.readAll(text.length), text);
  assert.equal(await client.end(), "reset");
});

Deno.test("scripted relays: one is dark for 30 s and has lost what was before", async () => {
  await using echo = startEcho();
  const clock = new StillClock();
  await using relay = await startDarkRelay(echo.port, clock);
  await using before = await dial(relay.port);
  assert.equal(await before.ask("a"), "a");
  clock.move(2_000);
  await before.write("b");
  await using during = await dial(relay.port);
  await during.write("c");
  assert.deepEqual(clock.due, [32_000]);
  clock.move(30_000);
  assert.equal(await during.readAll(1), "c");
  assert.equal(relay.bytes.up, 2);
});
