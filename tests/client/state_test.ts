/** The client's machine: every state it can reach, with every event. */
import assert from "node:assert/strict";
import type { TransportName } from "../../lib/client/api.ts";
import { linksOf, type State } from "../../lib/client/state.ts";
import { downs, explore, idle, keyOf, ladder, plain } from "./explore.ts";
import { type Effect, step } from "./machine.ts";

const ladders = [ladder, ["websocket", "sse"], ["websocket", "long_poll"], ["sse"]] as const;

Deno.test("client state: the links that effects open are those of the state, never two alike", () => {
  for (const ladder of ladders) {
    for (const { from, event, to, effects, name } of explore(ladder)) {
      const open = new Set<TransportName>(linksOf(from));
      if (event.kind === "down") open.delete(event.transport);
      for (const effect of effects) {
        const what = `${name} in ${JSON.stringify(from)}`;
        if (effect.kind === "drop") open.delete(effect.transport);
        if (effect.kind !== "connect") continue;
        assert.ok(!open.has(effect.transport), `a second ${effect.transport}: ${what}`);
        open.add(effect.transport);
      }
      assert.deepEqual([...open].sort(), [...linksOf(to)].sort(), `${name} in ${keyOf(from)}`);
      assert.equal(new Set(linksOf(to)).size, linksOf(to).length);
    }
  }
});

Deno.test("client state: one timer is asked for at a time, and where nothing else would go on", () => {
  const timers = new Set(["hedge", "retry", "return"]);
  for (const ladder of ladders) {
    for (const { from, to, effects } of explore(ladder)) {
      const asked = effects.filter(({ kind }) => timers.has(kind)).map(({ kind }) => kind);
      assert.ok(asked.length <= 1, asked.join());
      if (to.name === "waiting" && from.name !== "waiting") assert.deepEqual(asked, ["retry"]);
      if (to.name === "connecting") assert.ok(to.trying.length > 0, keyOf(to));
      const isLesser = to.name === "online" && to.trail.floor > 0 && to.trying.length === 0;
      if (isLesser && to !== from) assert.deepEqual(asked, ["return"]);
    }
  }
});

Deno.test("client state: an event that is not expected changes nothing", () => {
  const expected: Readonly<Record<State["name"], readonly string[]>> = {
    idle: ["open"],
    connecting: ["up", "due", ...Object.keys(downs)],
    online: ["up", "due", ...Object.keys(downs)],
    waiting: ["due", "wake", "network back"],
    offline: ["network back"],
    closed: [],
  };
  for (const { from, name, event, to, effects } of explore(ladder)) {
    const isAnywhere = from.name !== "closed" &&
      (["unused", "close"].includes(name) || (name === "network gone" && from.name !== "idle"));
    const isOfNone = "transport" in event && !linksOf(from).includes(event.transport);
    if (isAnywhere || (expected[from.name].includes(name) && !isOfNone)) continue;
    assert.equal(to, from, `${name} in ${keyOf(from)}`);
    assert.deepEqual(effects, []);
  }
});

Deno.test("client state: states hold nothing but what they are declared to", () => {
  const members: Readonly<Record<State["name"], string>> = {
    idle: "name,trail",
    connecting: "name,next,timer,trail,trying",
    online: "name,timer,trail,transport,trying",
    waiting: "name,reason,timer,trail",
    offline: "name,trail",
    closed: "code,name,reason",
  };
  for (const { to, name } of explore(ladder)) {
    assert.equal(Object.keys(to).sort().join(), members[to.name], `after ${name}`);
  }
});

Deno.test("client state: refused by the server, or closed, it is over", () => {
  for (const { from, name, event, to } of explore(ladder)) {
    if (from.name === "closed" || name === "close") assert.equal(to.name, "closed");
    const isUsed = event.kind === "down" &&
      (from.name === "connecting" ||
        (from.name === "online" && from.transport === event.transport));
    if (name !== "refused" || !isUsed || !linksOf(from).includes(event.transport)) continue;
    assert.deepEqual(to, { name: "closed", code: 3500, reason: "invalid token" });
  }
});

Deno.test("client state: every state but the last leads to a connection again", () => {
  const seen = explore(ladder);
  const leads = new Set(
    seen.filter(({ to }) => to.name === "online").map(({ from }) => keyOf(from)),
  );
  for (let before = -1; before < leads.size;) {
    before = leads.size;
    for (const { from, to } of seen) if (leads.has(keyOf(to))) leads.add(keyOf(from));
  }
  for (const { to } of seen) if (to.name !== "closed") assert.ok(leads.has(keyOf(to)), keyOf(to));
});

/** The state after the events, and the last one's effects. */
function after(...names: readonly string[]): readonly [State, readonly Effect[]] {
  let state: State = idle;
  let effects: readonly Effect[] = [];
  for (const name of names) {
    const [, kind = "", transport = "", lived] = /^(\S+) ?(\w*)( long)?$/.exec(name) ?? [];
    const why = downs[kind];
    const of = transport as TransportName;
    const livedMs = lived === undefined ? 100 : 60_000;
    const event = why ? { kind: "down", transport: of, why, livedMs } as const : plain[name];
    [state, effects] = step(state, event ?? { kind: "up", transport: of }, ladder);
  }
  return [state, effects];
}

Deno.test("client state: three short cuts in a row lead to the next transport, and not two", () => {
  const cut = ["up websocket", "lost websocket", "due"];
  const connect = (transport: string) => [{ kind: "connect", transport }, { kind: "hedge" }];
  assert.deepEqual(after("open", ...cut, ...cut)[1], connect("websocket"));
  assert.deepEqual(after("open", ...cut, ...cut, ...cut)[1], connect("sse"));
  const long = ["up websocket", "lost websocket long", "due"];
  assert.deepEqual(after("open", ...cut, ...cut, ...long, ...cut)[1], connect("websocket"));
});

Deno.test("client state: where the last transport is cut as well, the best is tried again", () => {
  const cut = (name: string) => Array(3).fill([`up ${name}`, `lost ${name}`, "due"]).flat();
  const [state] = after("open", ...cut("websocket"), ...cut("sse"), ...cut("long_poll"));
  assert.deepEqual(linksOf(state), ["websocket"]);
  assert.ok(state.name === "connecting" && state.trail.failures >= 3, "the wait still grows");
});

Deno.test("client state: what is tried beside a lesser transport ends one by one", () => {
  const [both] = after("open", "due", "due", "up long_poll");
  assert.deepEqual(linksOf(both), ["long_poll", "websocket", "sse"]);
  const [one, nothing] = after("open", "due", "due", "up long_poll", "lost sse");
  assert.deepEqual([linksOf(one), nothing], [["long_poll", "websocket"], []]);
  const [other, none] = after("open", "due", "due", "up long_poll", "lost websocket");
  assert.deepEqual([linksOf(other), none], [["long_poll", "sse"], []]);
  const [moved, drops] = after("open", "due", "due", "up long_poll", "up websocket");
  assert.deepEqual(linksOf(moved), ["websocket"]);
  assert.deepEqual(drops.filter(({ kind }) => kind === "drop").length, 2);
});

Deno.test("client state: a lost better connection ends the patience that was learned", () => {
  const waited = ["open", "due", "up sse", "lost websocket", "due", "lost websocket"];
  const [state] = after(...waited);
  assert.equal(state.name === "online" && state.trail.returns, 2);
  const [fresh] = after(...waited, "due", "up websocket", "lost websocket long");
  assert.equal(fresh.name === "waiting" && fresh.trail.returns, 0);
});

Deno.test("client state: the server's word for when to come back is kept; the wait grows", () => {
  const [, effects] = after("open", "due", "later websocket");
  assert.deepEqual(effects, [
    { kind: "drop", transport: "sse" },
    { kind: "retry", failures: 1, atLeastMs: 7_000 },
  ]);
  const all = ["lost websocket", "lost sse", "lost long_poll"];
  const [, again] = after("open", ...all, "due", ...all);
  assert.deepEqual(again, [{ kind: "retry", failures: 2, atLeastMs: 0 }]);
});
