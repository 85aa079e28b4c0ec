/** What the application's listeners are told, and what becomes of those that throw or leave. */
import assert from "node:assert/strict";
import type { StateListener, Status } from "../../lib/client/api.ts";
import { define } from "./define.ts";
import { fakes, publisher, turn } from "./fakes.ts";
import { reports } from "./reports.ts";

Deno.test("client: a listener that throws is reported on every platform and stops nothing", async () => {
  // Node has no such function.
  for (const reportError of [globalThis.reportError, undefined]) {
    using _platform = define(globalThis, "reportError", reportError);
    using reported = reports();
    await using fake = fakes();
    const heard: unknown[] = [];
    const channel = fake.client.channel("a");
    channel.subscribe(({ data }) => {
      throw new Error(`cannot bear ${data}`);
    });
    channel.subscribe(({ data }) => heard.push(data));
    fake.client.status.subscribe(({ name }) => {
      if (name === "online") throw new Error(name);
    });
    const publish = await publisher(fake);
    publish(1);
    publish(2);
    await turn();
    assert.deepEqual(heard, [1, 2]);
    assert.deepEqual(reported.messages, ["online", "cannot bear 1", "cannot bear 2"]);
  }
});

Deno.test("client: who comes later to a state channel is told all there is before any change", async () => {
  await using fake = fakes();
  using reported = reports();
  const state = fake.client.state("m");
  state.subscribe({});
  await fake.pass(0);
  const link = fake.link("websocket");
  link.up({ entries: [{ key: "k", data: 1, offset: 0 }] });
  const told: string[] = [];
  const listener = (name: string): StateListener<unknown> => ({
    onSync: (entries) => told.push(`${name} all ${entries.get("k")}`),
    onChange: ({ data }) => told.push(`${name} ${data}`),
  });
  const onSync = () => {
    throw new Error("cannot bear it");
  };
  state.subscribe({ onSync });
  state.subscribe(listener("early"));
  // In the same frame as what made the application subscribe.
  link.publish("m", { key: "k", data: 2, offset: 1 });
  state.subscribe({ onSync });
  state.subscribe(listener("late"));
  state.subscribe(listener("left")).unsubscribe();
  await turn();
  link.publish("m", { key: "k", data: 3, offset: 2 });
  assert.deepEqual(told, ["early all 2", "late all 2", "early 3", "late 3"]);
  assert.deepEqual(reported.messages, ["cannot bear it", "cannot bear it"]);
});

Deno.test("client: who unsubscribes hears nothing more, nor whom it unsubscribes", async () => {
  await using fake = fakes();
  const channel = fake.client.channel("a");
  const heard: string[] = [];
  const first = channel.subscribe(({ data }) => {
    heard.push(`first ${data}`);
    if (data === 2) first.unsubscribe();
    if (data === 1) second.unsubscribe();
  });
  const second = channel.subscribe(({ data }) => heard.push(`second ${data}`));
  const third = channel.subscribe(({ data }) => heard.push(`third ${data}`));
  const publish = await publisher(fake);
  for (const offset of [1, 2, 3]) publish(offset);
  assert.deepEqual(heard, ["first 1", "third 1", "first 2", "third 2", "third 3"]);
  for (const subscription of [first, second, third, third]) subscription.unsubscribe();
  await turn();
  assert.deepEqual(fake.statuses.at(-1), { name: "idle" });
  assert.ok(fake.link("websocket").isClosed);
});

Deno.test("client: a listener may close the client; everybody is told in order", async () => {
  await using fake = fakes();
  const closing: Promise<void>[] = [];
  const seen: Status["name"][] = [];
  const heard: unknown[] = [];
  fake.client.channel("a").subscribe(({ data }) => heard.push(data));
  fake.client.status.subscribe(({ name }) => {
    if (name === "online") closing.push(fake.client.close());
  });
  fake.client.status.subscribe(({ name }) => seen.push(name));
  const publish = await publisher(fake);
  publish(1);
  await Promise.all(closing);
  assert.deepEqual(seen, ["connecting", "closed"]);
  assert.deepEqual(heard, []);
});
