import assert from "node:assert/strict";
import { Turns } from "../../lib/hub/turns.ts";
import { turn } from "../broker/waiting.ts";

/** Turns that come when the test says so. */
function byHand() {
  const due: (() => void)[] = [];
  const done: string[] = [];
  const turns = new Turns((run) => void due.push(run));
  const ask = (name: string, length: number) =>
    void turns.take(() => {
      done.push(name);
      return length;
    });
  const next = async () => {
    due.shift()?.();
    await turn();
  };
  return { turns, ask, next, done, due };
}

Deno.test("turns: what is little goes at once", async () => {
  const { ask, done } = byHand();
  for (const name of ["a", "b", "c"]) ask(name, 1_000);
  await turn();
  assert.deepEqual(done, ["a", "b", "c"]);
});

Deno.test("turns: what is much goes over several turns, in the order it came", async () => {
  const { ask, next, done, due } = byHand();
  for (const name of ["a", "b", "c", "d", "e"]) ask(name, 300_000);
  await turn();
  assert.deepEqual(done, ["a", "b"]);
  ask("small", 1);
  await next();
  assert.deepEqual(done, ["a", "b", "c", "d"]);
  await next();
  assert.deepEqual(done, ["a", "b", "c", "d", "e", "small"]);
  assert.equal(due.length, 0, "at rest nothing is scheduled");
});

Deno.test("turns: after one that was longer than a turn the others wait the longer", async () => {
  const { ask, next, done } = byHand();
  ask("long", 1_500_000);
  ask("next", 1);
  await next();
  assert.deepEqual(done, ["long"]);
  await next();
  assert.deepEqual(done, ["long", "next"]);
});

Deno.test("turns: what fails is told to the one that asked, and the others go on", async () => {
  const { turns, ask, next, done } = byHand();
  ask("long", 10_000_000);
  const failing = assert.rejects(
    turns.take(() => {
      throw new Error("gone");
    }),
    /gone/,
  );
  ask("next", 1);
  for (let i = 0; i < 20; i++) await next();
  await failing;
  assert.deepEqual(done, ["long", "next"]);
});
