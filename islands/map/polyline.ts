/**
 * Lines as short text: the encoded polyline algorithm format, each number as the difference from the
 * one before in 1/100,000 degree (about a metre).
 */

/** Latitude and longitude in degrees. */
export type Point = readonly [lat: number, lon: number];

const precision = 100_000;

export function encodeLine(points: readonly Point[]): string {
  let text = "";
  let last: Point = [0, 0];
  for (const [lat, lon] of points) {
    const rounded: Point = [Math.round(lat * precision), Math.round(lon * precision)];
    text += encodeNumber(rounded[0] - last[0]) + encodeNumber(rounded[1] - last[1]);
    last = rounded;
  }
  return text;
}

/** Sign in the lowest bit, then five bits a character, lowest first; 32 says that more follow. */
function encodeNumber(value: number): string {
  let rest = value < 0 ? ~(value << 1) : value << 1;
  let text = "";
  for (; rest >= 32; rest >>>= 5) text += String.fromCharCode((rest & 31 | 32) + 63);
  return text + String.fromCharCode(rest + 63);
}

/** @throws Error where the text ends within a number or has a character that is none of the format */
export function decodeLine(text: string): Point[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (let i = 0; i < text.length; i++) {
    const bits = text.charCodeAt(i) - 63;
    if (bits < 0 || bits > 63 || shift > 25) throw new Error(`cannot decode a line at ${i}`);
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits >= 32) continue;
    numbers.push(value & 1 ? ~(value >> 1) : value >> 1);
    value = shift = 0;
  }
  if (shift > 0 || numbers.length % 2 > 0) throw new Error("cannot decode a line: it is cut short");
  const points: Point[] = [];
  let [lat, lon] = [0, 0];
  for (let i = 0; i < numbers.length; i += 2) {
    lat += numbers[i] ?? 0;
    lon += numbers[i + 1] ?? 0;
    points.push([lat / precision, lon / precision]);
  }
  return points;
}
