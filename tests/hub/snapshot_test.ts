import assert from "node:assert/strict";
import { Snapshot } from "../../lib/hub/snapshot.ts";
import { decodeFilter } from "../../lib/protocol/filter.ts";
import { range } from "../broker/engine.ts";
import { keyed } from "./keyed_fakes.ts";

const position = { epoch: "e1", offset: 500 };
const of = (count: number, data: unknown = 1) =>
  range(1, count).map((n) => keyed(`k${n}`, n, { data }));
const sizes = ({ chunks }: Snapshot) => chunks.map(({ entries }) => entries.length);

Deno.test("snapshot: is cut by count", () => {
  assert.deepEqual(sizes(new Snapshot("a", position, of(250))), [100, 100, 50]);
  assert.deepEqual(sizes(new Snapshot("a", position, of(200))), [100, 100]);
});

Deno.test("snapshot: is cut by length, and one entry always fits", () => {
  const long = "x".repeat(30_000);
  assert.deepEqual(sizes(new Snapshot("a", position, of(5, long))), [2, 2, 1]);
  const mixed = [...of(3), ...of(2, "x".repeat(70_000)), ...of(3)];
  assert.deepEqual(sizes(new Snapshot("a", position, mixed)), [3, 1, 1, 3]);
});

Deno.test("snapshot: events are longer than the least page", () => {
  const { chunks, events } = new Snapshot("a", position, of(250));
  assert.deepEqual(chunks.map(({ entries }) => entries.length), [100, 100, 50]);
  assert.deepEqual(events.map(({ entries }) => entries.length), [250]);
});

Deno.test("snapshot: an empty one has one chunk, which is empty", () => {
  const { chunks } = new Snapshot("a", position, []);
  assert.deepEqual(chunks.map(({ bodies, entries }) => [bodies, entries]), [["", []]]);
});

Deno.test("snapshot: each form is encoded once, when it is asked for", () => {
  let reads = 0;
  const entries = of(3).map((one) => ({
    ...one,
    get body() {
      reads++;
      return one.body;
    },
  }));
  const { chunks: [page], events: [chunk] } = new Snapshot("a", position, entries);
  assert(page !== undefined && chunk !== undefined);
  assert.equal(page.bodies, entries.map(({ body }) => body).join(","));
  assert.equal(chunk.block.length > 0, true);
  const read = reads;
  assert.equal(page.bodies, page.bodies);
  assert.equal(chunk.block, chunk.block);
  assert.equal(reads, read);
  const text = new TextDecoder().decode(chunk.block);
  const [event, data = ""] = text.trimEnd().split("\n");
  assert.equal(event, "event: state");
  assert.deepEqual(JSON.parse(data.replace("data: ", "")), {
    channel: "a",
    state: entries.map(({ body }) => JSON.parse(body)),
    more: true,
  });
});

Deno.test("snapshot: a filter leaves those it lets through, maybe none", () => {
  const filter = decodeFilter({ key: "n", cmp: "eq", val: "2" });
  const tagged = range(1, 3).map((n) => keyed(`k${n}`, n, { tags: { n: `${n}` } }));
  const { chunks: [chunk] } = new Snapshot("a", position, tagged);
  assert.equal(chunk?.filtered(filter), tagged[1]?.body);
  const { chunks: [other] } = new Snapshot("a", position, of(3));
  assert.equal(other?.filtered(filter), "");
});
