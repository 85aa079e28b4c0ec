import assert from "node:assert/strict";
import { labelsWithRoom, type Marker } from "../../../islands/map/marker.ts";

function marker(x: number, y: number, label: string, more: Partial<Marker> = {}): Marker {
  const still = { heading: null, radius: 8, isStale: true, isChosen: false };
  return { x, y, label, ...still, ...more };
}

const shown = (markers: readonly Marker[]) =>
  labelsWithRoom(markers, (label) => label.length * 6).map(({ marker }) => marker.label);

Deno.test("map labels: of silent vehicles close together those tell their age that have room", () => {
  assert.deepEqual(shown([marker(0, 0, "1 min ago"), marker(0, 20, "2 min ago")]), [
    "1 min ago",
    "2 min ago",
  ]);
  assert.deepEqual(shown([marker(0, 0, "1 min ago"), marker(4, 10, "2 min ago")]), ["1 min ago"]);
  // The first's label would lie on the second.
  assert.deepEqual(shown([marker(0, 0, "1 min ago"), marker(40, 0, "2 min ago")]), ["2 min ago"]);
});

Deno.test("map labels: what drives past hides none, and the chosen one has its own always", () => {
  const passing = marker(40, 0, "", { isStale: false });
  assert.deepEqual(shown([marker(0, 0, "1 min ago"), passing]), ["1 min ago"]);
  const chosen = marker(0, 0, "chosen", { isChosen: true });
  assert.deepEqual(shown([chosen, marker(30, 2, "other")]), ["chosen"]);
});
