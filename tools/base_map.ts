/**
 * Draws the fleet map's plain base from recorded positions: the lines that the vehicles went along.
 *
 *     deno run --allow-read --allow-write=static tools/base_map.ts RECORDING [--source TEXT]
 *
 * Writes static/map_base.json. The recording is a file as `deno task replay` plays it; the text is
 * shown on the map and says whose data it is.
 */
import type { Base } from "../islands/map/base.ts";
import { encodeLine, type Point } from "../islands/map/polyline.ts";
import { gather } from "./base_map/gather.ts";
import { Graph } from "./base_map/graph.ts";
import { planeAround } from "./base_map/plane.ts";
import { simplify } from "./base_map/simplify.ts";
import { parseRecording, type RecordedPosition } from "./replay/recording.ts";

const target = new URL("../static/map_base.json", import.meta.url);
const usage = "usage: base_map RECORDING [--source TEXT]";

/** In metres. */
const sizes = {
  /** Positions nearer than this are one place. */
  place: 45,
  /** No line goes farther without a place on its way. */
  gap: 900,
  /** A dead end shorter than this is a position that was measured badly. */
  spur: 160,
  /** How far a line may be from the places that it stands for. */
  tolerance: 15,
} as const;

/** @param source whose data it is */
export function baseMap(positions: readonly RecordedPosition[], source: string): Base {
  const points = positions.map(({ lat, lon }): Point => [lat, lon]);
  const plane = planeAround(points);
  const { nodes, nodeOf } = gather(points.map(plane.spot), sizes.place);
  const graph = new Graph(nodes);
  for (const places of placesOfRoutes(positions, nodeOf)) graph.addTree(places, sizes.gap);
  graph.prune(sizes.spur);
  const lines = graph.chains().map((chain) => {
    const line = chain.flatMap((place) => nodes[place] ?? []);
    return encodeLine(simplify(line, sizes.tolerance).map(plane.point));
  });
  return { source, lines: lines.sort() };
}

function placesOfRoutes(
  positions: readonly RecordedPosition[],
  nodeOf: readonly number[],
): number[][] {
  const routes = new Map<string, Set<number>>();
  positions.forEach(({ route }, i) => {
    const places = routes.get(route) ?? new Set();
    places.add(nodeOf[i] ?? 0);
    routes.set(route, places);
  });
  return [...routes.values()].map((places) => [...places]);
}

/** @throws Error that says what is wrong */
function parseArgs(args: readonly string[]): { file: string; source: string } {
  const [file, option, source = "", ...more] = args;
  const isWhole = option === undefined || (option === "--source" && source !== "");
  if (file === undefined || file.startsWith("-") || !isWhole || more.length > 0) {
    throw new Error(usage);
  }
  return { file, source };
}

async function main(): Promise<void> {
  const { file, source } = parseArgs(Deno.args);
  const recording = parseRecording(await Deno.readTextFile(file));
  if (recording.kind !== "vehicles") throw new Error(`${file} has no vehicles' positions`);
  const base = baseMap(recording.positions, source);
  await Deno.writeTextFile(target, JSON.stringify(base, null, 2) + "\n");
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    // deno-lint-ignore no-console -- a tool for the command line
    console.error(`base_map: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
