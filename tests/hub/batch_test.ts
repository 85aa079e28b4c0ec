import assert from "node:assert/strict";
import { Batch } from "../../lib/hub/batch.ts";
import type { Publication } from "../../lib/protocol/publication.ts";

/** A publication that counts how often its body is read. */
function counted(data: unknown, offset: number | null) {
  const reads = { n: 0 };
  const publication: Publication = {
    channel: 'a"b',
    position: offset === null ? null : { epoch: "e", offset },
    time: 0,
    get body() {
      reads.n++;
      return JSON.stringify({ data, offset });
    },
  };
  return { publication, reads };
}

Deno.test("batch: has the three forms, each encoded once and only when it is asked for", () => {
  const all = [counted(1, 5), counted("x\ny", 6)];
  const batch = new Batch('a"b', 7, all.map(({ publication }) => publication));
  assert.ok(all.every(({ reads }) => reads.n === 0));
  const pub = (i: number) =>
    JSON.parse(['{"data":1,"offset":5}', '{"data":"x\\ny","offset":6}'][i] ?? "");
  for (const _twice of [1, 2]) {
    assert.deepEqual(batch.byName.split("\n").map((line) => JSON.parse(line)), [
      { push: { channel: 'a"b', pub: pub(0) } },
      { push: { channel: 'a"b', pub: pub(1) } },
    ]);
    assert.deepEqual(batch.byId.split("\n").map((line) => JSON.parse(line)), [
      { push: { id: 7, pub: pub(0) } },
      { push: { id: 7, pub: pub(1) } },
    ]);
    assert.deepEqual(batch.messages.map((line) => JSON.parse(line)), [
      { channel: 'a"b', pub: pub(0) },
      { channel: 'a"b', pub: pub(1) },
    ]);
  }
  assert.deepEqual(all.map(({ reads }) => reads.n), [3, 3]);
});

Deno.test("batch: its position is that of the last that has one", () => {
  const of = (...offsets: (number | null)[]) =>
    new Batch("a", 1, offsets.map((offset) => counted(0, offset).publication)).position;
  assert.deepEqual(of(3, 4), { epoch: "e", offset: 4 });
  assert.deepEqual(of(3, null), { epoch: "e", offset: 3 });
  assert.equal(of(null), null);
});
