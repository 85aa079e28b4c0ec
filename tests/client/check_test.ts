/** What an application gives wrong is told where it gives it: by a page's client, and by a tab's. */
import assert from "node:assert/strict";
import type { Client, ConnectOptions } from "../../lib/client/api.ts";
import { connect } from "../../lib/client/mod.ts";
import { connect as connectTab } from "../../lib/client/tabs.ts";
import { define } from "./define.ts";

/** As an application in plain JavaScript may call it. */
type Connect = (url: string, options?: Record<string, unknown>) => Client;
const alone: Connect = (url, options) => connect(url, options as ConnectOptions);
const tab: Connect = (url, options) => connectTab(url, options as ConnectOptions);
const server = "https://shop.example/";

/** A page, whose tabs share a connection, and whose address others are relative to. */
function page(): Disposable {
  const document = define(globalThis, "document", new EventTarget());
  const location = define(globalThis, "location", new URL("https://pages.example/shop/"));
  return {
    [Symbol.dispose]() {
      location[Symbol.dispose]();
      document[Symbol.dispose]();
    },
  };
}

const ladder = "transports: a list of some of websocket, sse, long_poll, each once";
const rate = "maxRate: above 0";
const batch = "batchWindow: 0, or from 10 to 1,000";
const token = "token: a text, or a function that gives one";
const ms = (name: string) => `${name}: from 0 to 2147483647 ms`;
const wrong: readonly (readonly [options: Record<string, unknown>, message: string])[] = [
  [{ token: 5 }, token],
  [{ token: null }, token],
  [{ transports: [] }, ladder],
  [{ transports: ["pigeon"] }, ladder],
  [{ transports: ["sse", "sse"] }, ladder],
  [{ transports: "x" }, ladder],
  [{ transports: 5 }, ladder],
  [{ maxRate: 0 }, rate],
  [{ maxRate: -1 }, rate],
  [{ maxRate: NaN }, rate],
  [{ maxRate: Infinity }, rate],
  [{ maxRate: "5" }, rate],
  [{ batchWindow: 9 }, batch],
  [{ batchWindow: 1_001 }, batch],
  [{ batchWindow: 10.5 }, batch],
  [{ batchWindow: "200" }, batch],
  [{ timing: { openMs: -1 } }, ms("openMs")],
  [{ timing: { hedgeMs: 2 ** 31 } }, ms("hedgeMs")],
  [{ timing: { probeMs: NaN } }, ms("probeMs")],
  [{ timing: { pollMs: "25000" } }, ms("pollMs")],
  [{ timing: { returnMs: undefined } }, ms("returnMs")],
  [{ backoff: { minMs: -1, maxMs: 1 } }, ms("minMs")],
  [{ backoff: { minMs: 1, maxMs: Infinity } }, ms("maxMs")],
  // The other one would be no number, and every wait none.
  [{ backoff: { minMs: 100 } }, ms("maxMs")],
  [{ backoff: { maxMs: 100 } }, ms("minMs")],
];
const right: readonly Record<string, unknown>[] = [
  {},
  { token: "", transports: ["long_poll", "websocket"], maxRate: 0.1, batchWindow: 0 },
  { token: () => "", timing: { openMs: 0, returnMs: 2 ** 31 - 1 }, batchWindow: 10 },
  { token: undefined, backoff: { minMs: 0, maxMs: 0 }, maxRate: undefined, batchWindow: 1_000 },
];
const positions: readonly unknown[] = [
  null,
  5,
  {},
  { epoch: "", offset: 1 },
  { epoch: 1, offset: 1 },
  { epoch: "x" },
  { epoch: "x", offset: -1 },
  { epoch: "x", offset: 0.5 },
];
const addresses: readonly (readonly [url: string, message: string])[] = [
  ["ws://shop.example/", "url: ws:// is neither http:// nor https://"],
  ["file:///shop", "url: file:// is neither http:// nor https://"],
  ["https://me@shop.example/", "url: browsers refuse a user and a password in it"],
  ["https://:secret@shop.example/", "url: browsers refuse a user and a password in it"],
];

for (const [who, open] of [["client", alone], ["tab", tab]] as const) {
  Deno.test(`${who}: options that cannot be are refused, those that can be are taken`, async () => {
    using _page = page();
    for (const [options, message] of wrong) {
      const given = JSON.stringify(options);
      assert.throws(() => open(server, options), { name: "TypeError", message }, given);
    }
    for (const options of right) await open(server, { memory: null, ...options }).close();
  });

  Deno.test(`${who}: an address that no page could use is refused, one relative to the page is taken`, async () => {
    for (const [url, message] of addresses) {
      assert.throws(() => open(url), { name: "TypeError", message });
      using _page = page();
      assert.throws(() => open(url), { name: "TypeError", message });
    }
    assert.throws(() => open("/"), TypeError);
    using _page = page();
    await open("/", { memory: null }).close();
  });

  Deno.test(`${who}: arguments that cannot be are refused`, async () => {
    using _page = page();
    const client = open(server, { memory: null });
    for (const [name, shown] of [["", '""'], [undefined, "undefined"], [5, "5"]] as const) {
      const refusal = { name: "TypeError", message: `channel: a text, and not ${shown}` };
      assert.throws(() => client.channel(name as never), refusal);
      assert.throws(() => client.state(name as never), refusal);
    }
    const refusals = [...refusesListeners(client), ...refusesCalls(client)];
    assert.deepEqual(client.status.value, { name: "idle" });
    // What was taken after all is rejected as closed.
    await Promise.all([client.close(), ...refusals]);
  });
}

function refusesListeners(client: Client): Promise<void>[] {
  const refusals: Promise<void>[] = [];
  const [stream, state] = [client.channel("a"), client.state("m")];
  for (const listener of [null, 5, "listener"]) {
    const ofStream = { name: "TypeError", message: "subscribe: takes a function" };
    assert.throws(() => stream.subscribe(listener as never), ofStream);
    const ofState = { ...ofStream, message: "subscribe: takes an object with onSync and onChange" };
    assert.throws(() => state.subscribe(listener as never), ofState);
    assert.throws(() => state.subscribe((() => {}) as never), ofState);
  }
  const position = { name: "TypeError", message: "since: a position, as `position` has it" };
  for (const since of positions) {
    const options = { since: since as never };
    assert.throws(() => stream.subscribe(() => {}, options), position);
    assert.throws(() => stream.subscribe(options), position);
    refusals.push(assert.rejects(stream.history(options), position));
  }
  return refusals;
}

function refusesCalls(client: Client): Promise<void>[] {
  const refusals: Promise<void>[] = [];
  const [stream, state] = [client.channel("a"), client.state("m")];
  for (const limit of [-1, 0.5, NaN, "10", null]) {
    const message = "limit: a whole number from 0 on";
    const given = { limit: limit as never };
    refusals.push(assert.rejects(stream.history(given), { name: "TypeError", message }));
  }
  for (const [key, shown] of [["", `""`], [undefined, "undefined"], [7, "7"]] as const) {
    const refusal = { name: "TypeError", message: `key: a text, and not ${shown}` };
    refusals.push(assert.rejects(state.publish(key as never, 1), refusal));
    refusals.push(assert.rejects(state.remove(key as never), refusal));
  }
  for (const everyMs of [-1, NaN, Infinity, "1000", null]) {
    const given = { everyMs: everyMs as never };
    const message = ms("everyMs");
    refusals.push(assert.rejects(state.publish("k", 1, given), { name: "TypeError", message }));
  }
  return refusals;
}
