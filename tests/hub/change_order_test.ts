/** What a mirror says has changed, beside what a list of all changes says. */
import assert from "node:assert/strict";
import { Mirror } from "../../lib/hub/mirror.ts";
import { type Publication, publicationOf } from "../../lib/protocol/publication.ts";
import { range } from "../broker/engine.ts";
import { seeded } from "../support/random.ts";

function change(key: string, offset: number, removed: boolean): Publication {
  const draft = { data: `${offset}`, key, ...(removed && { removed: true as const }) };
  return publicationOf("a", draft, { epoch: "e", offset }, 0);
}

/** The last of each key after an offset. */
function latestAfter(all: readonly Publication[], since: number): Publication[] {
  const after = all.filter(({ position }) => (position?.offset ?? 0) > since);
  return after.filter((one, i) => !after.slice(i + 1).some(({ key }) => key === one.key));
}

Deno.test("change order: the latest of each key since any offset, after many changes", () => {
  for (const seed of range(1, 10)) {
    const next = seeded(seed);
    const mirror = new Mirror();
    const start = range(1, 20).map((offset) => change(`k${offset}`, offset, false));
    mirror.load(start.toReversed(), 20);
    const all: Publication[] = [];
    for (let offset = 21; offset <= 2_500; offset++) {
      const one = change(`k${1 + Math.floor(next() * 40)}`, offset, next() < 0.3);
      all.push(one);
      mirror.apply([one]);
      if (offset % 250 !== 0) continue;
      const since = 20 + Math.floor(next() * (offset - 20));
      const expected = latestAfter(all, since);
      assert.deepEqual(mirror.changesSince(since), expected);
      assert.deepEqual(mirror.changesSince(since, 3), expected.slice(0, 3));
    }
    assert.equal(mirror.changesSince(19), undefined);
  }
});
