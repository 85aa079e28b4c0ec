/** What the feed of the comparison carries: vehicles that move, as a delivery's map would show them. */
import { z } from "zod";

export const compareItem = z.strictObject({
  id: z.string().max(16),
  lat: z.number(),
  lng: z.number(),
  /** Metres a second. */
  speed: z.number().min(0),
  /** Degrees. */
  heading: z.number().min(0).max(360),
  /** Which change of the feed this is, from 1; 0: it has not changed yet. */
  n: z.int().min(0),
  /** When it was changed, in Unix milliseconds by the server's clock. */
  changedAt: z.number(),
});
export type CompareItem = z.infer<typeof compareItem>;

export const itemCount = 20;

/** The `n`th change, of one vehicle after the other. @param changedAt Unix milliseconds */
export function itemAt(n: number, changedAt: number): CompareItem {
  const which = n % itemCount;
  // They drive in circles about Ho Chi Minh City.
  const angle = (which * 360) / itemCount + (n / itemCount) * 3;
  const radians = (angle * Math.PI) / 180;
  return {
    id: `v-${String(which + 1).padStart(2, "0")}`,
    lat: round(10.78 + Math.sin(radians) * 0.03, 5),
    lng: round(106.69 + Math.cos(radians) * 0.03, 5),
    speed: round(8 + (which % 5), 1),
    heading: round((360 + 90 - (angle % 360)) % 360, 1),
    n,
    changedAt,
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
