/** The day's figures, in the reader's own day. */
import assert from "node:assert/strict";
import { dayOf, lastHour } from "../../islands/dashboard/figures.ts";
import { formatFor } from "../../islands/format.ts";
import type { QuarterFigures } from "../../lib/store/events.ts";

const quarter = (time: string, first: number, cancelled = 0): QuarterFigures => ({
  from: Date.parse(time),
  minutes: [first, ...Array<number>(14).fill(0)],
  cancelled,
  revenue: (first - cancelled) * 100,
});
const byFrom = (...all: QuarterFigures[]) => new Map(all.map((one) => [one.from, one]));
const dayName = (timeZone: string) => formatFor("en", timeZone).day;

Deno.test("figures: a day is the reader's own", () => {
  const quarters = byFrom(
    quarter("2026-03-10T16:45Z", 1),
    quarter("2026-03-10T17:00Z", 2, 1),
    quarter("2026-03-10T18:15Z", 4),
    quarter("2026-03-11T00:00Z", 8),
  );
  const now = Date.parse("2026-03-11T00:07Z");
  // There it is seven hours later.
  const day = dayOf(quarters, now, dayName("Asia/Ho_Chi_Minh"));
  assert.deepEqual([day.orders, day.cancelled, day.revenue], [14, 1, 1_300]);
  assert.deepEqual(day.hours.map(({ orders }) => orders), [2, 4, 0, 0, 0, 0, 0, 8]);
  assert.equal(day.quarters.length, 29);
  assert.equal(dayOf(quarters, now, dayName("UTC")).orders, 8);
});

Deno.test("figures: a day on which clocks are set has its hours", () => {
  const hours = (now: string) =>
    dayOf(new Map(), Date.parse(now), dayName("Europe/London")).hours.length;
  assert.equal(hours("2026-10-25T23:59Z"), 25);
  assert.equal(hours("2026-03-29T22:59Z"), 23);
});

Deno.test("figures: the last hour, minute by minute", () => {
  const quarters = byFrom(quarter("2026-03-10T11:00Z", 3), quarter("2026-03-10T11:45Z", 5));
  const minutes = lastHour(quarters, Date.parse("2026-03-10T11:59:30Z"));
  assert.deepEqual([minutes.length, minutes[0], minutes[45], minutes[59]], [60, 3, 5, 0]);
  const later = lastHour(quarters, Date.parse("2026-03-10T12:00:00Z"));
  assert.deepEqual([later[0], later[44]], [0, 5]);
});
