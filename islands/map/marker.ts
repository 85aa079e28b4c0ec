/// <reference lib="dom" />
/** What a vehicle looks like on the map's canvas. */
import type { Colours } from "./colours.ts";

export interface Marker {
  /** CSS pixels. */
  readonly x: number;
  readonly y: number;
  /** Degrees clockwise from north; null: not known. */
  readonly heading: number | null;
  /** Pixels from the middle to the edge, about. */
  readonly radius: number;
  readonly isStale: boolean;
  readonly isChosen: boolean;
  /** Beside it; may be empty. */
  readonly label: string;
}

const labelHeight = 15;

/** Smaller where all are on little room. */
export function radiusAt(zoom: number): number {
  return Math.min(12, Math.max(5.5, zoom - 3.5));
}

export function drawMarker(context: CanvasRenderingContext2D, marker: Marker, colours: Colours) {
  const { x, y, heading, radius, isStale, isChosen } = marker;
  context.save();
  context.translate(x, y);
  if (isChosen) drawRing(context, radius + 6, colours);
  context.beginPath();
  if (heading === null) {
    context.arc(0, 0, radius * 0.75, 0, 2 * Math.PI);
  } else {
    context.rotate(heading * Math.PI / 180);
    arrow(context, radius);
  }
  context.fillStyle = isStale ? colours.stale : colours.vehicle;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = colours.edge;
  context.stroke();
  context.restore();
}

/** Its tip is where the vehicle goes. */
function arrow(context: CanvasRenderingContext2D, radius: number): void {
  context.moveTo(0, -1.2 * radius);
  context.lineTo(0.9 * radius, 0.9 * radius);
  context.lineTo(0, 0.5 * radius);
  context.lineTo(-0.9 * radius, 0.9 * radius);
  context.closePath();
}

function drawRing(context: CanvasRenderingContext2D, radius: number, colours: Colours): void {
  context.beginPath();
  context.arc(0, 0, radius, 0, 2 * Math.PI);
  context.lineWidth = 3;
  context.strokeStyle = colours.vehicle;
  context.stroke();
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

/** Of labels that would cover each other the first alone is drawn. */
export function drawLabels(
  context: CanvasRenderingContext2D,
  markers: Iterable<Marker>,
  colours: Colours,
): void {
  context.font = "600 12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = colours.ground;
  const taken: Box[] = [];
  for (const { x, y, radius, label, isStale, isChosen } of markers) {
    if (label === "") continue;
    const left = x + radius + (isChosen ? 12 : 5);
    const right = left + context.measureText(label).width;
    const covers = (box: Box) =>
      left < box.right && right > box.left && Math.abs(y - box.y) < labelHeight;
    if (taken.some(covers)) continue;
    taken.push({ left, right, y });
    context.strokeText(label, left, y);
    context.fillStyle = isStale ? colours.quiet : colours.text;
    context.fillText(label, left, y);
  }
}
