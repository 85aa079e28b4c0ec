/** The client's state machine, event by event. */
import assert from "node:assert/strict";
import { type Down, type Event, type State, transition } from "../../lib/client/state.ts";

const ladder = ["websocket", "sse", "long_poll"] as const;
const up: Event = { kind: "up" };
const due: Event = { kind: "due" };
const open: Event = { kind: "open" };

function down(why: Partial<Exclude<Down, { kind: "expired" }>> = {}, livedMs = 0): Event {
  const reason = "test";
  return {
    kind: "down",
    why: { kind: "lost", reason, ...why } as { kind: "lost"; reason: string },
    livedMs,
  };
}

const refused = down({ kind: "refused", code: 3500, reason: "invalid token" });

/** What became of it, as `name:transport`, and what was asked for along the way. */
function run(...events: Event[]): { state: State; names: string[]; effects: string[] } {
  let state: State = { name: "idle" };
  const names: string[] = [];
  const effects: string[] = [];
  for (const event of events) {
    const [next, asked] = transition(state, event, ladder);
    state = next;
    names.push("transport" in state ? `${state.name}:${state.transport}` : state.name);
    for (const effect of asked) {
      effects.push(effect.kind === "connect" ? effect.transport : effect.kind);
    }
  }
  return { state, names, effects };
}

Deno.test("it opens with the best transport", () => {
  assert.deepEqual(run(open, up).names, ["opening:websocket", "online:websocket"]);
});

Deno.test("a transport that never worked is left for the next at once", () => {
  const { names, effects } = run(open, down(), down(), up);
  assert.deepEqual(names, [
    "opening:websocket",
    "opening:sse",
    "opening:long_poll",
    "online:long_poll",
  ]);
  assert.deepEqual(effects, ["websocket", "sse", "long_poll"]);
});

Deno.test("after the last transport it waits, and begins with the first again", () => {
  const { names, effects } = run(open, down(), down(), down(), due);
  assert.deepEqual(names.slice(3), ["waiting", "opening:websocket"]);
  assert.deepEqual(effects.slice(3), ["wait", "websocket"]);
});

Deno.test("a lost connection comes back on the transport that worked", () => {
  const { names } = run(open, down(), up, down({}, 60_000), due);
  assert.deepEqual(names.slice(2), ["online:sse", "waiting", "opening:sse"]);
});

Deno.test("a transport that worked before is given a few more attempts", () => {
  const lost = [open, up, down({}, 60_000)];
  const { names } = run(...lost, due, down(), due, down(), due, down());
  assert.deepEqual(names.slice(3), [
    "opening:websocket",
    "waiting",
    "opening:websocket",
    "waiting",
    "opening:websocket",
    "opening:sse",
  ]);
});

Deno.test("the best transport that ever worked is tried first when a worse one is lost", () => {
  const toSse = [open, up, down({}, 60_000), due, down(), due, down(), due, down(), up];
  assert.equal(run(...toSse).names.at(-1), "online:sse");
  assert.equal(run(...toSse, down({}, 60_000), due).names.at(-1), "opening:websocket");
});

Deno.test("connections that end at once count as failures, one that lasted clears them", () => {
  const failures = (state: State) => state.name === "waiting" ? state.trail.failures : undefined;
  assert.equal(failures(run(open, up, down(), due, up, down()).state), 2);
  assert.equal(failures(run(open, up, down(), due, up, down({}, 5_000)).state), 1);
});

Deno.test("who is told to come later waits, and does not try another transport", () => {
  const [state, effects] = transition(
    run(open).state,
    down({ kind: "lost", reason: "HTTP 503", afterMs: 7_000 }),
    ladder,
  );
  assert.equal(state.name, "waiting");
  assert.deepEqual(effects, [{ kind: "wait", failures: 1, atLeastMs: 7_000 }]);
});

Deno.test("a terminal code closes for good, from wherever", () => {
  for (const before of [[open], [open, up], [open, down()]]) {
    const { state, effects } = run(...before, refused);
    assert.deepEqual(state, { name: "closed", code: 3500, reason: "invalid token" });
    assert.equal(effects.at(-1), "release");
    for (const late of [open, up, due, down(), refused]) {
      const after: unknown = transition(state, late, ladder);
      assert.deepEqual(after, [state, []]);
    }
  }
});

Deno.test("a new token is tried at once, on the same transport", () => {
  const { names, effects } = run(open, down(), { kind: "renewed" });
  assert.equal(names.at(-1), "opening:sse");
  assert.deepEqual(effects, ["websocket", "sse", "sse"]);
  assert.equal(run(open, up, { kind: "renewed" }).names.at(-1), "opening:websocket");
});

Deno.test("the application may close it in any state, once", () => {
  const close: Event = { kind: "close" };
  for (const before of [[], [open], [open, up], [open, up, down()]]) {
    const { state, effects } = run(...before, close, close);
    assert.deepEqual(state, { name: "closed", code: 0, reason: "closed" });
    assert.equal(effects.filter((effect) => effect === "release").length, 1);
  }
});

Deno.test("events that do not belong to a state change nothing", () => {
  for (
    const [before, strange] of [[[], up], [[], due], [[open], due], [[open, up], due]] as const
  ) {
    const { state } = run(...before);
    assert.deepEqual(transition(state, strange, ladder), [state, []]);
  }
});
