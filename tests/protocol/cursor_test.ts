import assert from "node:assert/strict";
import { BadCursor, decodeCursor, encodeCursor, hashOf } from "../../lib/protocol/cursor.ts";
import { seededRandom } from "../../tools/replay/random.ts";

const lists: string[][] = [["a"], ["a", "b"], ["public:đơn-hàng", "x~y.z", "%,:"], ["a", "b", "c"]];
for (const channels of lists) {
  Deno.test(`cursor: comes back as it was made, for ${channels.join(" ")}`, () => {
    const offsets = [0, 1, 35, 36, 1e9, Number.MAX_SAFE_INTEGER];
    for (const [i, offset] of offsets.entries()) {
      const positions = channels.map((_, at) =>
        (at + i) % 3 === 2 ? null : { epoch: `e${at}x`, offset: offset }
      );
      const cursor = encodeCursor(hashOf(channels), positions);
      assert.deepEqual(decodeCursor(cursor, channels), positions);
      assert.equal(encodeURIComponent(cursor), cursor);
    }
  });
}

const entries = [
  { score: 0, key: "a" },
  { score: -1.5e-7, key: "k.~!'()*%" },
  { score: Number.MAX_VALUE, key: "đơn 🛵 \u0000\n" },
  { score: 2 ** 53, key: "ị".repeat(255) },
];
for (const after of entries) {
  Deno.test(`cursor: holds where a snapshot has come to: ${JSON.stringify(after).slice(0, 40)}`, () => {
    const channels = ["a", "b", "c"];
    const places = [{ epoch: "e", offset: 7, after }, null, { epoch: "f", offset: 99, base: 3 }];
    const cursor = encodeCursor(hashOf(channels), places);
    assert.deepEqual(decodeCursor(cursor, channels), places);
    // Fit for a header, and for a query as it is.
    assert.equal(encodeURIComponent(cursor), cursor);
  });
}

const [one, two] = [encodeCursor(hashOf(["a"]), [{ epoch: "e", offset: 5 }]), ["a", "b"]];
const malformed: [string, string, string[]][] = [
  ["nothing", "", ["a"]],
  ["anything", "hello", ["a"]],
  ["another version", one.replace("1~", "2~"), ["a"]],
  ["another list", one, ["b"]],
  ["a longer list", one, two],
  ["the list in another order", encodeCursor(hashOf(two), [null, null]), ["b", "a"]],
  ["an item too many", `${one}~e.1`, ["a"]],
  ["no items", `1~${hashOf(["a"])}`, ["a"]],
  ["no offset", `1~${hashOf(["a"])}~e`, ["a"]],
  ["an empty offset", `1~${hashOf(["a"])}~e.`, ["a"]],
  ["no epoch", `1~${hashOf(["a"])}~.5`, ["a"]],
  ["an offset beyond 2^53", `1~${hashOf(["a"])}~e.zzzzzzzzzzz`, ["a"]],
  ["a negative offset", `1~${hashOf(["a"])}~e.-5`, ["a"]],
  ["upper case", `1~${hashOf(["a"])}~E.5`, ["a"]],
  ["a base behind the offset", `1~${hashOf(["a"])}~e.5.6`, ["a"]],
  ["a place in a snapshot without a key", `1~${hashOf(["a"])}~e.5.0.`, ["a"]],
  ["a key that is badly encoded", `1~${hashOf(["a"])}~e.5.0.!zz`, ["a"]],
  ["a score that is badly encoded", `1~${hashOf(["a"])}~e.5.!e0.a`, ["a"]],
  ["a score that is none", `1~${hashOf(["a"])}~e.5.x1.a`, ["a"]],
  ["too many parts", `1~${hashOf(["a"])}~e.5.0.a.b`, ["a"]],
  ["a newline", `${one}\n`, ["a"]],
  ["a long one", `1~${"~e.1".repeat(100_000)}`, ["a"]],
];
for (const [what, cursor, channels] of malformed) {
  Deno.test(`cursor: refuses ${what}`, () => {
    assert.throws(() => decodeCursor(cursor, channels), BadCursor);
  });
}

Deno.test("cursor: whatever is sent, it is read or refused", () => {
  const random = seededRandom(20_261);
  const channels = ["a", "b"];
  const after = { score: 1.5, key: "đ.x" };
  const positions = [{ epoch: "abc234", offset: 77, after }, { epoch: "b", offset: 9, base: 1 }];
  const made = encodeCursor(hashOf(channels), positions);
  const alphabet = [..."019az~.-A %\n\0đ🛵"];
  let read = 0;
  for (let n = 0; n < 20_000; n++) {
    const units = [...made];
    for (let k = Math.floor(random() * 4); k >= 0; k--) {
      const at = Math.floor(random() * (units.length + 1));
      const put = alphabet[Math.floor(random() * alphabet.length)] ?? "";
      units.splice(at, random() < 0.5 ? 1 : 0, ...(random() < 0.6 ? [put] : []));
    }
    try {
      for (const position of decodeCursor(units.join(""), channels)) {
        if (position === null) continue;
        assert.ok(Number.isSafeInteger(position.offset) && position.offset >= 0);
        assert.match(position.epoch, /^[a-z0-9]+$/);
        assert.ok((position.base ?? 0) <= position.offset);
      }
      read++;
    } catch (error) {
      assert.ok(error instanceof BadCursor, String(error));
    }
  }
  assert.ok(read > 100 && read < 10_000, `${read} were read`);
});

Deno.test("cursor: lists that differ have different names", () => {
  const names = new Set<string>();
  for (let n = 0; n < 5_000; n++) names.add(hashOf([`c${n}`, "z"]));
  assert.ok(names.size >= 4_995);
  assert.notEqual(hashOf(["a", "b"]), hashOf(["ab"]));
});
