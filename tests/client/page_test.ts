/** What the client makes of a browser's events; they are dispatched as a browser does. */
import assert from "node:assert/strict";
import { define } from "./define.ts";
import { fakes, lost } from "./fakes.ts";

const tell = (type: string, more = {}) =>
  globalThis.dispatchEvent(Object.assign(new Event(type), more));

Deno.test("client: without a network it rests, and is back at once when there is one", async () => {
  await using fake = fakes();
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(0);
  fake.link("websocket").up();
  tell("offline");
  assert.deepEqual(fake.statuses.at(-1), { name: "offline" });
  assert.ok(fake.link("websocket").isClosed);
  await fake.pass(3_600_000);
  assert.equal(fake.opened(), "websocket");
  tell("online");
  await fake.pass(0);
  assert.equal(fake.opened(), "websocket websocket");
  assert.deepEqual(fake.statuses.at(-1), { name: "connecting" });
});

Deno.test("client: another network makes it look at once, whatever it waits for", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(0);
  fake.link("websocket").context.down({ ...lost, afterMs: 60_000 });
  tell("online");
  await fake.pass(0);
  assert.equal(fake.links.length, 2);
  fake.link("websocket").up();
  tell("online");
  assert.equal(fake.link("websocket").checks, 1);
});

Deno.test("client: a page kept for the way back has no connection, one that goes does not care", async () => {
  await using fake = fakes();
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(0);
  fake.link("websocket").up();
  tell("pagehide", { persisted: false });
  assert.equal(fake.link("websocket").isClosed, false);
  tell("pagehide", { persisted: true });
  assert.equal(fake.link("websocket").isClosed, true);
  tell("pageshow", { persisted: false });
  assert.deepEqual(fake.statuses.at(-1), { name: "offline" });
  tell("pageshow", { persisted: true });
  assert.deepEqual(fake.statuses.at(-1), { name: "connecting" });
});

Deno.test("client: a page that is looked at again checks its connection, or makes one", async () => {
  const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });
  using _document = define(globalThis, "document", document);
  await using fake = fakes({ memory: null, transports: ["websocket"] });
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(0);
  fake.link("websocket").up();
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(fake.link("websocket").checks, 0);
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(fake.link("websocket").checks, 1);
  fake.link("websocket").context.down(lost);
  document.dispatchEvent(new Event("visibilitychange"));
  await fake.pass(0);
  assert.equal(fake.links.length, 2);
});

Deno.test("client: a device that says it has no network is believed", async () => {
  await using fake = fakes();
  {
    using _onLine = define(navigator, "onLine", false);
    fake.client.channel("a").subscribe(() => {});
    await fake.pass(60_000);
    assert.equal(fake.opened(), "");
  }
  tell("online");
  await fake.pass(0);
  assert.equal(fake.opened(), "websocket");
});

Deno.test("client: a reader who saves data is sent less of state channels", async () => {
  using _connection = define(navigator, "connection", { saveData: true });
  for (const [maxRate, expected] of [[undefined, 1], [5, 5]]) {
    await using fake = fakes({ ...maxRate !== undefined && { maxRate } });
    fake.client.channel("a").subscribe(() => {});
    await fake.pass(0);
    assert.equal(fake.link("websocket").context.maxRate, expected);
  }
});

Deno.test("client: one that is closed, by whomever, leaves no listener with the page", async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const own = globalThis.addEventListener.bind(globalThis);
  const listen = (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
    signals.push(options?.signal);
    own(type, listener, options);
  };
  using _listen = define(globalThis, "addEventListener", listen);
  const refused = { kind: "refused", code: 3500, reason: "invalid token" } as const;
  for (const isRefused of [true, false]) {
    signals.length = 0;
    await using fake = fakes();
    fake.client.channel("a").subscribe(() => {});
    await fake.pass(0);
    assert.ok(signals.length > 0);
    assert.ok(signals.every((signal) => signal?.aborted === false));
    if (isRefused) fake.link("websocket").context.down(refused);
    else await fake.client.close();
    assert.ok(signals.every((signal) => signal?.aborted === true));
  }
});

Deno.test("client: a closed one hears nothing more", async () => {
  await using fake = fakes();
  fake.client.channel("a").subscribe(() => {});
  await fake.client.close();
  for (const type of ["online", "offline"]) tell(type);
  await fake.pass(60_000);
  assert.deepEqual(fake.statuses.at(-1), { name: "closed", code: 0, reason: "closed" });
  assert.equal(fake.links.filter(({ isClosed }) => !isClosed).length, 0);
});
