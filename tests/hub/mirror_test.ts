import assert from "node:assert/strict";
import { latestOfEach, Mirror } from "../../lib/hub/mirror.ts";
import { range } from "../broker/engine.ts";
import { keyed, removal, told } from "./keyed_fakes.ts";

function loaded(): Mirror {
  const mirror = new Mirror();
  mirror.load([keyed("b", 5), keyed("a", 2), keyed("c", 4)], 6);
  return mirror;
}

Deno.test("mirror: has the latest of each key, in the order of their offsets", () => {
  const mirror = loaded();
  assert.deepEqual(told([...mirror.entries()]), ["a@2", "c@4", "b@5"]);
  mirror.apply([keyed("a", 7), keyed("d", 8), removal("c", 9), keyed("d", 10)]);
  assert.deepEqual(told([...mirror.entries()]), ["b@5", "a@7", "d@10"]);
  assert.equal(mirror.oldest()?.key, "b");
  assert.equal(mirror.get("a")?.position?.offset, 7);
  assert.equal(mirror.get("c"), undefined);
  assert.equal(mirror.size, 3);
});

Deno.test("mirror: tells what each publication took the place of", () => {
  const mirror = loaded();
  const replaced = mirror.apply([keyed("a", 7), keyed("a", 8), removal("a", 9), keyed("a", 10)]);
  const offsets = replaced.map((one) => one === "unknown" ? one : one?.position?.offset);
  assert.deepEqual(offsets, [2, 7, 8, undefined]);
});

Deno.test("mirror: changes since an offset are the latest of each key, removals too", () => {
  const mirror = loaded();
  mirror.apply([keyed("a", 7), removal("b", 8), keyed("d", 9), keyed("a", 10), removal("d", 11)]);
  assert.deepEqual(told(mirror.changesSince(6) ?? []), ["-b@8", "a@10", "-d@11"]);
  assert.deepEqual(told(mirror.changesSince(9) ?? []), ["a@10", "-d@11"]);
  assert.deepEqual(mirror.changesSince(11), []);
  mirror.apply([keyed("b", 12)]);
  assert.deepEqual(told(mirror.changesSince(7) ?? []), ["a@10", "-d@11", "b@12"]);
});

Deno.test("mirror: knows nothing of what was removed before it was loaded", () => {
  const mirror = loaded();
  assert.equal(mirror.changesSince(5), undefined);
  assert.deepEqual(mirror.changesSince(6), []);
  assert.deepEqual([mirror.reaches(5), mirror.reaches(6)], [false, true]);
  mirror.load([keyed("z", 3, {}, "e2")], 3);
  assert.deepEqual(told([...mirror.entries()]), ["z@3"]);
  assert.deepEqual([mirror.reaches(2), mirror.reaches(3)], [false, true]);
});

Deno.test("mirror: forgets the oldest removals when they are many, and knows from where on", () => {
  const mirror = new Mirror();
  mirror.load([], 0);
  const count = 10_050;
  mirror.apply(range(1, count).map((n) => keyed(`k${n}`, n)));
  mirror.apply(range(1, count).map((n) => removal(`k${n}`, count + n)));
  assert.equal(mirror.size, 0);
  assert.equal(mirror.changesSince(count + 49), undefined);
  const [first] = mirror.changesSince(count + 50) ?? [];
  assert.equal(first?.key, "k51");
});

Deno.test("mirror: publications without a key or a position change nothing", () => {
  const mirror = loaded();
  const { key: _, ...plain } = keyed("x", 7);
  const unkept = { ...keyed("a", 8), position: null };
  assert.deepEqual(mirror.apply([plain, unkept]), [null, null]);
  assert.equal(mirror.get("a")?.position?.offset, 2);
  assert.equal(mirror.size, 3);
});

const red = { tags: { color: "red" } };
const blue = { tags: { color: "blue", size: "1" } };

Deno.test("mirror: knows since when a key has had its tags", () => {
  const mirror = new Mirror();
  mirror.load([keyed("a", 3, red)], 5);
  const mayDiffer = (key: string) => range(0, 12).filter((n) => mirror.mayHaveChangedTags(key, n));
  // Of what was loaded nothing is known from before.
  assert.deepEqual(mayDiffer("a"), [0, 1, 2]);
  mirror.apply([keyed("a", 6, red), keyed("b", 7, blue)]);
  assert.deepEqual(mayDiffer("a"), [0, 1, 2]);
  // What was not there when it was loaded has had no others since.
  assert.deepEqual(mayDiffer("b"), range(0, 4));
  mirror.apply([keyed("a", 8, blue), removal("b", 9, blue.tags)]);
  assert.deepEqual(mayDiffer("a"), range(0, 7));
  assert.deepEqual(mayDiffer("b"), range(0, 4));
  mirror.apply([keyed("b", 10, red), keyed("a", 11, blue)]);
  assert.deepEqual(mayDiffer("b"), range(0, 9));
  assert.deepEqual(mayDiffer("a"), range(0, 7));
  assert.deepEqual(mayDiffer("never"), range(0, 12));
});

Deno.test("latest of each: the last of each key, in order", () => {
  const some = [keyed("a", 1), keyed("b", 2), keyed("a", 3), removal("b", 4), keyed("c", 5)];
  assert.deepEqual(told(latestOfEach(some)), ["a@3", "-b@4", "c@5"]);
  assert.deepEqual(latestOfEach([]), []);
});

Deno.test("mirror: what a key had that changed while the state was read is not known", () => {
  const mirror = new Mirror();
  mirror.load([keyed("here", 3)], 10, 12);
  const [missing, there, added] = mirror.apply([
    keyed("missing", 11),
    keyed("here", 12),
    keyed("new", 13),
  ]);
  assert.equal(missing, "unknown");
  assert.equal(there === "unknown" ? there : there?.position?.offset, 3);
  assert.equal(added, null);
  assert.deepEqual(
    ["missing", "here", "new"].map((key) => mirror.mayHaveChangedTags(key, 10)),
    [true, false, false],
  );
});
