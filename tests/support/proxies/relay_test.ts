import assert from "node:assert/strict";
import { eventually, within } from "../clients/eventually.ts";
import { dial, type Echo, startEcho } from "./echo.ts";
import { startRelay } from "./relay.ts";
import { StillClock } from "./still_clock.ts";

/** Time passes: far more of it than a byte takes through a relay that lets it pass. */
async function meanwhile(echo: Echo): Promise<void> {
  await using direct = await dial(echo.port);
  for (let n = 0; n < 20; n++) assert.equal(await direct.ask("x"), "x");
}

Deno.test("relay: passes both ways, and that one end has finished", async () => {
  await using echo = startEcho();
  await using relay = await startRelay(echo.port);
  await using client = await dial(relay.port);
  assert.equal(await client.ask("hello"), "hello");
  await client.finish();
  assert.equal(await client.read(), null);
  assert.deepEqual(relay.bytes, { up: 5, down: 5 });
  await eventually(() => relay.connections === 0, "the connection is gone");
});

Deno.test("relay: a delay is at most its maximum, and nothing overtakes", async () => {
  await using echo = startEcho();
  const clock = new StillClock();
  const draws = [0.9, 0.1];
  const random = () => draws.shift() ?? 0;
  await using relay = await startRelay(echo.port, { clock, random });
  relay.set("up", { name: "delay", maxMs: 2_000 });
  await using client = await dial(relay.port);
  await client.write("a");
  await eventually(() => clock.due.length === 1, "the first piece waits");
  assert.deepEqual(clock.due, [1_800]);
  clock.move(1_000);
  await client.write("b");
  await eventually(() => draws.length === 0, "the second piece has been read");
  clock.move(799);
  await meanwhile(echo);
  assert.equal(relay.bytes.up, 0);
  clock.move(1);
  // The second is due at 1,200, and goes when the first has gone.
  assert.equal(await client.readAll(2), "ab");
});

Deno.test("relay: a stalled way carries nothing, and then all of it", async () => {
  await using echo = startEcho();
  await using relay = await startRelay(echo.port);
  await using client = await dial(relay.port);
  assert.equal(await client.ask("a"), "a");
  for (const way of ["up", "down"] as const) {
    const before = relay.bytes[way];
    relay.set(way, { name: "stall" });
    await client.write("bcd");
    await meanwhile(echo);
    assert.equal(relay.bytes[way], before);
    relay.set(way, { name: "pass" });
    assert.equal(await client.readAll(3), "bcd");
  }
});

Deno.test("relay: what has crumbled is whole", async () => {
  await using echo = startEcho();
  await using relay = await startRelay(echo.port);
  relay.set("both", { name: "crumble", maxBytes: 10 });
  await using client = await dial(relay.port);
  const text = Array.from({ length: 5_000 }, (_, n) => n % 10).join("");
  await client.write(text);
  assert.equal(await client.readAll(text.length), text);
  for (const way of ["up", "down"] as const) {
    assert.equal(relay.bytes[way], text.length);
    assert.ok(relay.writes[way] >= text.length / 10, `${relay.writes[way]} writes ${way}`);
  }
});

for (const [how, end] of [["fin", "closed"], ["rst", "reset"]] as const) {
  Deno.test(`relay: cuts after so many bytes, by ${how}`, async () => {
    await using echo = startEcho();
    await using relay = await startRelay(echo.port);
    relay.set("down", { name: "cut", afterBytes: 7, how });
    for (let n = 0; n < 2; n++) {
      await using client = await dial(relay.port);
      await client.write("0123456789");
      assert.equal(await client.readAll(7), "0123456");
      assert.equal(await client.end(), end);
    }
    await eventually(() => relay.connections === 0, "both connections are gone");
  });

  Deno.test(`relay: cuts all connections now, by ${how}`, async () => {
    await using echo = startEcho();
    await using relay = await startRelay(echo.port);
    await using one = await dial(relay.port);
    await using other = await dial(relay.port);
    assert.equal(await one.ask("a") + await other.ask("b"), "ab");
    relay.cut(how);
    assert.deepEqual([await one.end(), await other.end()], [end, end]);
    await eventually(() => echo.open === 0, "the server knows");
    await using again = await dial(relay.port);
    assert.equal(await again.ask("c"), "c");
  });
}

Deno.test("relay: refuses new connections while open ones go on", async () => {
  await using echo = startEcho();
  await using relay = await startRelay(echo.port);
  await using open = await dial(relay.port);
  assert.equal(await open.ask("a"), "a");
  relay.refuse();
  await assert.rejects(dial(relay.port), Deno.errors.ConnectionRefused);
  assert.equal(await open.ask("b"), "b");
  await relay.admit();
  await using client = await dial(relay.port);
  assert.equal(await client.ask("c"), "c");
});

Deno.test("relay: after the dark all goes on that has waited", async () => {
  await using echo = startEcho();
  const clock = new StillClock();
  await using relay = await startRelay(echo.port, { clock });
  await using before = await dial(relay.port);
  assert.equal(await before.ask("a"), "a");
  const over = relay.darkFor(30_000, "resume");
  await before.write("b");
  await using during = await dial(relay.port);
  await during.write("c");
  clock.move(29_999);
  await meanwhile(echo);
  assert.equal(relay.bytes.up, 1);
  assert.equal(echo.accepted, 2, "its own and that of `meanwhile`");
  clock.move(1);
  await over;
  assert.equal(await before.readAll(1) + await during.readAll(1), "bc");
});

Deno.test("relay: what the dark has lost is silent for good", async () => {
  await using echo = startEcho();
  await using relay = await startRelay(echo.port, { clock: new StillClock() });
  const before = await dial(relay.port);
  assert.equal(await before.ask("a"), "a");
  relay.goDark("lost");
  await before.write("b");
  relay.comeBack();
  await using after = await dial(relay.port);
  assert.equal(await after.ask("c"), "c");
  await before[Symbol.asyncDispose]();
  await meanwhile(echo);
  await eventually(() => echo.open <= 2, "that of `meanwhile` is gone");
  assert.deepEqual([relay.bytes.up, echo.open], [2, 2], "the server is not told");
});

Deno.test("relay: tells the client when there is no server", async () => {
  const echo = startEcho();
  await echo[Symbol.asyncDispose]();
  await using relay = await startRelay(echo.port);
  await using client = await dial(relay.port);
  assert.equal(await within(client.end(), "its end"), "reset");
});

Deno.test("relay: leaves no timer", async () => {
  await using echo = startEcho();
  const clock = new StillClock();
  const relay = await startRelay(echo.port, { clock, random: () => 0.5 });
  await using client = await dial(relay.port);
  relay.set("up", { name: "delay", maxMs: 2_000 });
  await client.write("a");
  await eventually(() => clock.due.length === 1, "the piece waits");
  const over = relay.darkFor(30_000, "resume");
  await relay[Symbol.asyncDispose]();
  await over;
  assert.deepEqual(clock.due, []);
  assert.equal(relay.connections, 0);
});
