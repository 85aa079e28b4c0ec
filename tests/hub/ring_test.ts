import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Ring } from "../../lib/hub/ring.ts";
import type { Publication } from "../../lib/protocol/publication.ts";
import { offsetsOf, range } from "../broker/engine.ts";
import { turn } from "../broker/waiting.ts";

const publications = (first: number, last: number, length = 10): Publication[] =>
  range(first, last).map((offset) => ({
    channel: "a",
    position: { epoch: "e", offset },
    body: "x".repeat(length),
    time: 0,
  }));

Deno.test("ring: keeps the newest so many", () => {
  const ring = new Ring(5, 1_000);
  for (const n of range(1, 40)) {
    ring.push(publications(n, n));
    const oldest = Math.max(1, n - 4);
    assert.deepEqual(offsetsOf(ring.after(oldest - 1, 99) ?? []), range(oldest, n), `${n}`);
    if (oldest > 1) assert.equal(ring.after(oldest - 2, 99), undefined);
  }
});

Deno.test("ring: keeps no more than so long", () => {
  const ring = new Ring(100, 55);
  ring.push(publications(1, 9));
  assert.deepEqual(offsetsOf(ring.after(4, 99) ?? []), range(5, 9));
  assert.equal(ring.after(3, 99), undefined);
  ring.push(publications(10, 10, 56));
  assert.equal(ring.after(9, 99), undefined);
});

Deno.test("ring: lets go of what it no longer counts", async () => {
  const ring = new Ring(1_000, 100);
  const gone: WeakRef<Publication>[] = [];
  for (const n of range(1, 200)) {
    const [one] = publications(n, n, 60);
    if (one === undefined) continue;
    gone.push(new WeakRef(one));
    ring.push([one]);
  }
  // A reference that was just made keeps its object until the turn ends.
  await turn();
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const alive = gone.filter((one) => one.deref() !== undefined).length;
  assert.ok(alive <= 10, `${alive} of 200 publications of 60 are kept, for a limit of 100`);
});

Deno.test("ring: answers with at most so many, and nothing at its end", () => {
  const ring = new Ring(10, 1_000);
  ring.push(publications(1, 10));
  assert.deepEqual(offsetsOf(ring.after(3, 2) ?? []), [4, 5]);
  assert.deepEqual(ring.after(10, 9), []);
});

Deno.test("ring: has nothing of what has no position, nor after it was cleared", () => {
  const ring = new Ring(10, 1_000);
  ring.push([{ channel: "a", position: null, body: "{}", time: 0 }]);
  assert.equal(ring.after(0, 9), undefined);
  ring.push(publications(1, 3));
  ring.clear();
  assert.equal(ring.after(1, 9), undefined);
  ring.push(publications(8, 9));
  assert.deepEqual(offsetsOf(ring.after(7, 9) ?? []), [8, 9]);
});
