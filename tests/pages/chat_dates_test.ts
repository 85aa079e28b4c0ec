/** Days as the chat names them, where days are not all of one length and come to an end. */
import assert from "node:assert/strict";
import { Chat } from "../../islands/chat/chat.ts";
import { datesFor } from "../../islands/chat/dates.ts";
import type { ChatMessage } from "../../lib/store/events.ts";
import { followDays } from "../../islands/chat/days.ts";
import { define } from "../client/define.ts";
import { VirtualTime } from "../support/virtual_time.ts";

Deno.test("dates: yesterday is the day before, also where the clocks were changed", () => {
  const names = (now: string, ...times: string[]) => {
    const { dayName } = datesFor("en", "Europe/Berlin", () => Date.parse(now));
    return times.map((time) => dayName(Date.parse(time)));
  };
  // A day of 23 hours.
  assert.deepEqual(
    names("2026-03-30T00:30+02:00", "2026-03-29T12:00+02:00", "2026-03-28T12:00+01:00"),
    ["Yesterday", "Saturday, 28 March 2026"],
  );
  // One of 25.
  assert.deepEqual(
    names("2026-10-25T23:30+01:00", "2026-10-25T00:10+02:00", "2026-10-24T12:00+02:00"),
    ["Today", "Yesterday"],
  );
  assert.deepEqual(names("2027-01-01T00:00+01:00", "2026-12-31T23:59+01:00"), ["Yesterday"]);
});

Deno.test("dates: a page that stays open over midnight names the days anew", () => {
  let now = Date.UTC(2026, 10, 23, 23, 59);
  using _now = define(Date, "now", () => now);
  const at = now;
  const first: ChatMessage = {
    id: "1".padStart(26, "0"),
    room: "help",
    author: "an",
    text: "",
    at,
  };
  const chat = new Chat({
    language: "en",
    timeZone: "UTC",
    access: "granted",
    token: null,
    room: "help",
    asksName: "no",
    opening: { messages: [first], next: null, read: [] },
  });
  const days = () => chat.items.value.filter(({ kind }) => kind === "day");
  const names = () => days().map(({ at }) => chat.dates.dayName(at));
  const before = chat.dates;
  assert.deepEqual(names(), ["Today"]);
  chat.changed();
  assert.equal(chat.dates, before);
  now += 2 * 60_000;
  chat.changed(chat.conversation.add([{ ...first, id: "2".padStart(26, "0"), at: now }]));
  assert.deepEqual(names(), ["Yesterday", "Today"]);
  // Lines are drawn anew when these are others.
  assert.notEqual(chat.dates, before);
});

Deno.test("dates: each midnight is told, however long the page is open", () => {
  using time = new VirtualTime(new Date(2026, 10, 23, 18, 30).getTime());
  const begun: string[] = [];
  followDays(() => begun.push(new Date(Date.now()).toString().slice(0, 24)));
  for (let i = 0; i < 3; i++) time.step(25 * 3_600_000);
  assert.deepEqual(begun, [
    "Tue Nov 24 2026 00:00:00",
    "Wed Nov 25 2026 00:00:00",
    "Thu Nov 26 2026 00:00:00",
  ]);
});
