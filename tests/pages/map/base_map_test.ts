import assert from "node:assert/strict";
import type { Base } from "../../../islands/map/base.ts";
import { decodeLine } from "../../../islands/map/polyline.ts";
import { baseMap } from "../../../tools/base_map.ts";
import { planeAround } from "../../../tools/base_map/plane.ts";
import { simplify } from "../../../tools/base_map/simplify.ts";
import { seededRandom } from "../../../tools/replay/random.ts";
import type { RecordedPosition } from "../../../tools/replay/recording.ts";

const plane = planeAround([[10, 106]]);

function seenAt(x: number, y: number, route = "1"): RecordedPosition {
  const [lat, lon] = plane.point({ x, y });
  return { id: "a", time: 0, lat, lon, speed: 0, route, headsign: "" };
}

/** Back in metres, rounded to tens: the tool has a plane of its own. */
function linesOf({ lines }: Base): string[] {
  const tens = (metres: number) => Math.round(metres / 10) * 10 + 0;
  return lines.map((line) =>
    decodeLine(line).map(plane.spot).map(({ x, y }) => `${tens(x)},${tens(y)}`).join(" ")
  );
}

Deno.test("base map: positions along a street, in any order, are one line with its corner", () => {
  const random = seededRandom(3);
  const seen = [];
  for (let along = 0; along <= 2_000; along += 100) {
    seen.push(seenAt(Math.min(along, 1_000), Math.max(0, along - 1_000)));
  }
  const mixed = seen.map((one) => ({ one, order: random() }))
    .sort((a, b) => a.order - b.order).map(({ one }) => one);
  const [line, ...more] = linesOf(baseMap(mixed, "us"));
  assert.deepEqual(more, []);
  const forth = "0,0 1000,0 1000,1000";
  assert.ok(line === forth || line === forth.split(" ").reverse().join(" "), line);
});

Deno.test("base map: the same street on two routes is drawn once, and parts where they part", () => {
  const steps = Array.from({ length: 11 }, (_, i) => i * 100);
  const seen = [
    ...steps.flatMap((x) => [seenAt(x, 0, "1"), seenAt(x + 8, 6, "2")]),
    ...steps.map((y) => seenAt(1_000, y, "1")),
    ...steps.map((y) => seenAt(1_000, -y, "2")),
  ];
  const base = baseMap(seen, "us");
  assert.equal(base.lines.length, 3);
  assert.equal(base.source, "us");
});

Deno.test("base map: nobody knows the way across a gap, and a position beside the street is no street", () => {
  const seen = [0, 200, 400, 600, 2_600, 2_800, 3_000].map((x) => seenAt(x, 0));
  assert.equal(baseMap(seen, "").lines.length, 2);
  const beside = [...Array.from({ length: 11 }, (_, i) => seenAt(i * 100, 0)), seenAt(500, 100)];
  assert.equal(linesOf(baseMap(beside, "")).join(" ").includes(",100"), false);
});

Deno.test("base map: no place is farther from the simpler line than was allowed", () => {
  const line = Array.from({ length: 200 }, (_, i) => ({ x: i * 10, y: 40 * Math.sin(i / 9) }));
  const simple = simplify(line, 15);
  assert.ok(simple.length < 30, `${simple.length}`);
  assert.deepEqual([simple[0], simple.at(-1)], [line[0], line.at(-1)]);
  assert.deepEqual(simplify(line, 100), [line[0], line.at(-1)]);
});

Deno.test("base map: the one that ships is whole and small", async () => {
  const text = await Deno.readTextFile(new URL("../../../static/map_base.json", import.meta.url));
  const { source, lines }: Base = JSON.parse(text);
  assert.match(source, /CapMetrics/);
  const points = lines.flatMap(decodeLine);
  assert.ok(points.length > 1_000);
  for (const [lat, lon] of points) {
    assert.ok(lat > 30 && lat < 31 && lon > -98 && lon < -97, `${lat} ${lon}`);
  }
  const zipped = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  const { byteLength } = await new Response(zipped).arrayBuffer();
  assert.ok(byteLength < 60_000, `${byteLength} bytes`);
});
