/** What a chat's page tells of its reader: typing, what was read, being there. */
import assert from "node:assert/strict";
import { OwnTyping } from "../../islands/chat/own_typing.ts";
import { People } from "../../islands/chat/people.ts";
import { ReadMarker } from "../../islands/chat/read_marker.ts";
import { ManualClock } from "../store/support.ts";

Deno.test("typing is told seldom enough, and taken back when it was told", () => {
  let now = 0;
  const told: string[] = [];
  const typing = new OwnTyping({
    begin: () => told.push("begin"),
    end: () => told.push("end"),
    now: () => now,
  });
  typing.stopped();
  for (now = 0; now <= 5_000; now += 100) typing.wrote("x");
  assert.equal(told.join(" "), "begin begin begin");
  typing.wrote("  ");
  typing.stopped();
  assert.equal(told.at(-1), "end");
  assert.equal(told.length, 4);
  typing.wrote("x");
  now += 6_000;
  // It has ended by itself.
  typing.stopped();
  assert.equal(told.at(-1), "begin");
});

Deno.test("what was read is told once a second at most, forward, and again after a failure", async () => {
  const clock = new ManualClock();
  const put: string[] = [];
  let works = true;
  const marker = new ReadMarker("b", {
    put: (upTo) => {
      put.push(upTo);
      return Promise.resolve(works);
    },
    after: (ms, job) => clock.after(ms, job),
  });
  const rest = async () => {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  marker.read("a");
  marker.read("b");
  assert.deepEqual(put, []);
  for (const upTo of ["c", "d", "e", "d"]) marker.read(upTo);
  await rest();
  assert.deepEqual(put, ["c"]);
  clock.advance(1_000);
  await rest();
  assert.deepEqual(put, ["c", "e"]);
  clock.advance(1_000);
  works = false;
  marker.read("f");
  await rest();
  clock.advance(1_000);
  assert.deepEqual(put, ["c", "e", "f"]);
  works = true;
  marker.wake();
  await rest();
  assert.deepEqual(put, ["c", "e", "f", "f"]);
  marker.close();
  assert.equal(clock.waiting, 0);
});

Deno.test("people: bells that ring together are answered once, the reader first, each name once", async () => {
  const clock = new ManualClock();
  const shown: (readonly string[] | null)[] = [];
  let asked = 0;
  let users = ["minh", "lan", "an", "lan", ""];
  const people = new People({
    me: "lan",
    presence: () => {
      asked++;
      return Promise.resolve(
        Object.fromEntries(users.map((user, i) => [`${i}`, { user, client: `${i}` }])),
      );
    },
    show: (names) => shown.push(names),
    random: () => 0,
    after: (ms, job) => clock.after(ms, job),
  });
  const rest = async () => {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  for (let i = 0; i < 5; i++) people.ring();
  clock.advance(250);
  // Somebody leaves while it is asked.
  people.ring();
  await rest();
  assert.deepEqual([asked, shown], [1, [["lan", "an", "minh"]]]);
  users = ["lan"];
  clock.advance(250);
  await rest();
  assert.deepEqual([asked, shown.at(-1), clock.dueIn], [2, ["lan"], 60_000]);
  clock.advance(60_000);
  people.leave();
  await rest();
  assert.deepEqual([asked, shown.at(-1), clock.waiting], [3, null, 0]);
});
