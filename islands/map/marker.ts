/// <reference lib="dom" />
/** What a vehicle looks like on the map's canvas. */
import type { Colours } from "./colours.ts";

export interface Marker {
  /** CSS pixels. */
  readonly x: number;
  readonly y: number;
  /** Degrees clockwise from north; null: not known. */
  readonly heading: number | null;
  readonly isStale: boolean;
  readonly isChosen: boolean;
  /** Beside it; may be empty. */
  readonly label: string;
}

/** Pixels from the middle to the edge, about. */
export const markerRadius = 9;

export function drawMarker(context: CanvasRenderingContext2D, marker: Marker, colours: Colours) {
  const { x, y, heading, isStale, isChosen, label } = marker;
  context.save();
  context.translate(x, y);
  if (isChosen) drawRing(context, colours);
  if (label !== "") drawLabel(context, label, isStale, colours);
  context.beginPath();
  if (heading === null) {
    context.arc(0, 0, markerRadius - 2.5, 0, 2 * Math.PI);
  } else {
    context.rotate(heading * Math.PI / 180);
    arrow(context);
  }
  context.fillStyle = isStale ? colours.stale : colours.vehicle;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = colours.edge;
  context.stroke();
  context.restore();
}

/** Its tip is where the vehicle goes. */
function arrow(context: CanvasRenderingContext2D): void {
  context.moveTo(0, -markerRadius - 1);
  context.lineTo(markerRadius - 2, markerRadius - 2);
  context.lineTo(0, markerRadius - 5);
  context.lineTo(-markerRadius + 2, markerRadius - 2);
  context.closePath();
}

function drawRing(context: CanvasRenderingContext2D, colours: Colours): void {
  context.beginPath();
  context.arc(0, 0, markerRadius + 6, 0, 2 * Math.PI);
  context.lineWidth = 3;
  context.strokeStyle = colours.vehicle;
  context.stroke();
}

function drawLabel(
  context: CanvasRenderingContext2D,
  label: string,
  isStale: boolean,
  colours: Colours,
): void {
  context.font = "600 12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = colours.ground;
  context.strokeText(label, markerRadius + 5, 0);
  context.fillStyle = isStale ? colours.stale : colours.text;
  context.fillText(label, markerRadius + 5, 0);
}
