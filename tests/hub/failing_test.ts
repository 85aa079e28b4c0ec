import assert from "node:assert/strict";
import { Pacer, type Sample } from "../../lib/hub/pacer.ts";
import { Heartbeat } from "../../lib/node/heartbeat.ts";
import { EventGroups, type GroupMember, type GroupNews } from "../../lib/session/event_group.ts";
import { bench } from "./fakes.ts";

Deno.test("pacer: a flush that fails is reported, and silences nobody", () => {
  const errors: string[] = [];
  const due: (() => void)[] = [];
  const pacer = new Pacer({
    later: (run) => void due.push(run),
    onError: (error, stage) => void errors.push(`${stage}: ${error}`),
  });
  let flushed = 0;
  const failing = {
    flush() {
      throw new Error("no");
    },
  };
  const good = { flush: (_sample: Sample) => void flushed++ };
  pacer.schedule(failing);
  pacer.schedule(good);
  due.shift()?.();
  while (due.length > 0) due.shift()?.();
  pacer.schedule(good);
  due.shift()?.();
  assert.equal(flushed, 2);
  assert.deepEqual(errors, ["flush: Error: no"]);
});

Deno.test("heartbeat: one that fails stops nobody else's heart", () => {
  const errors: unknown[] = [];
  const heartbeat = new Heartbeat(2, 1, (error) => void errors.push(error));
  let beats = 0;
  const graceOver = () => {};
  const stops = [
    heartbeat.add({
      beat() {
        throw new Error("no");
      },
      graceOver,
    }),
    heartbeat.add({ beat: () => void beats++, graceOver }),
    heartbeat.add({ beat: () => void beats++, graceOver }),
  ];
  heartbeat.tick();
  heartbeat.tick();
  for (const stop of stops) stop();
  assert.deepEqual([beats, errors.length], [2, 1]);
});

Deno.test("event group: a member that fails is closed, and the others hear everything", async () => {
  const { log, stream, settle } = await bench();
  const heard: string[] = [];
  const codes: number[] = [];
  const member = (take: (news: GroupNews) => void): GroupMember => ({
    take,
    close: ({ code }) => void codes.push(code),
    backlog: 0,
  });
  const groups = new EventGroups();
  const failing = member(() => {
    throw new Error("no");
  });
  const good = member((news) => void heard.push(new TextDecoder().decode(news.bytes)));
  const joined = [failing, good].map((one) =>
    groups.join(one, [stream], "h", { joinLeave: false, filter: null })
  );
  for (let n = 0; n < 3; n++) {
    for (const publication of log.append()) stream.accept(publication);
    await settle();
  }
  assert.equal(heard.length, 3);
  assert.deepEqual(codes, [3004]);
  for (const { leave } of joined) leave();
  assert.equal(stream.subscribers.size, 0);
});
