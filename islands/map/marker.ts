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
  readonly top: number;
  readonly bottom: number;
}

export interface Label {
  readonly marker: Marker;
  /** Its middle is as high as the marker's. */
  readonly box: Box;
}

/**
 * The labels that there is room for: of those that would cover each other the first alone, and none
 * that would cover another vehicle that has gone silent, for such stand still, often close to each
 * other. What drives past makes no label come and go.
 * @param widthOf in pixels
 */
export function labelsWithRoom(
  markers: readonly Marker[],
  widthOf: (label: string) => number,
): Label[] {
  const still = markers.filter(({ isStale }) => isStale)
    .map((marker) => ({ marker, box: boxOf(marker) }));
  const labels: Label[] = [];
  for (const marker of markers) {
    const { x, y, radius, label, isChosen } = marker;
    if (label === "") continue;
    const left = x + radius + (isChosen ? 12 : 5);
    const half = labelHeight / 2;
    const box = { left, right: left + widthOf(label), top: y - half, bottom: y + half };
    const isCovered = labels.some((other) => cover(other.box, box));
    const covers = still.some((other) => other.marker !== marker && cover(other.box, box));
    // Of whom one has chosen one wants to know.
    if (!isChosen && (isCovered || covers)) continue;
    labels.push({ marker, box });
  }
  return labels;
}

function boxOf({ x, y, radius }: Marker): Box {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

function cover(a: Box, b: Box): boolean {
  return a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
}

export function drawLabels(
  context: CanvasRenderingContext2D,
  markers: readonly Marker[],
  colours: Colours,
): void {
  context.font = "600 12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = colours.ground;
  const widthOf = (label: string) => context.measureText(label).width;
  for (const { marker: { label, y, isStale }, box } of labelsWithRoom(markers, widthOf)) {
    context.strokeText(label, box.left, y);
    context.fillStyle = isStale ? colours.quiet : colours.text;
    context.fillText(label, box.left, y);
  }
}
