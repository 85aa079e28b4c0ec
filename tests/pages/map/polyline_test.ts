import assert from "node:assert/strict";
import { decodeLine, encodeLine, type Point } from "../../../islands/map/polyline.ts";
import { seededRandom } from "../../../tools/replay/random.ts";

Deno.test("polyline: the format's published example comes out and goes in", () => {
  const points: Point[] = [[38.5, -120.2], [40.7, -120.95], [43.252, -126.453]];
  assert.equal(encodeLine(points), "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
  assert.deepEqual(decodeLine("_p~iF~ps|U_ulLnnqC_mqNvxq`@"), points);
});

Deno.test("polyline: any line comes back to within half a step", () => {
  const random = seededRandom(1);
  const points = Array.from(
    { length: 500 },
    (): Point => [(random() - 0.5) * 180, (random() - 0.5) * 360],
  );
  const decoded = decodeLine(encodeLine(points));
  assert.equal(decoded.length, points.length);
  points.forEach(([lat, lon], i) => {
    assert.ok(Math.abs(lat - (decoded[i]?.[0] ?? NaN)) < 6e-6, `${i}`);
    assert.ok(Math.abs(lon - (decoded[i]?.[1] ?? NaN)) < 6e-6, `${i}`);
  });
  assert.deepEqual(decodeLine(""), []);
});

Deno.test("polyline: what is no line is refused", () => {
  for (const text of ["_p~iF", "_p~iF~ps|", "a b?", "~~~~~~~~?", "é?"]) {
    assert.throws(() => decodeLine(text), /^Error: cannot decode a line/, text);
  }
});
