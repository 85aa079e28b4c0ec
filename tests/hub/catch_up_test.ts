import assert from "node:assert/strict";
import { catchUp } from "../../lib/hub/catch_up.ts";
import { range } from "../broker/engine.ts";
import { turn } from "../broker/waiting.ts";
import { bench, FakeLog, unopened } from "./fakes.ts";

const offsets = (step: Awaited<ReturnType<typeof catchUp>>) =>
  step.kind === "page" ? step.publications.map(({ position }) => position?.offset) : step.kind;

Deno.test("catch up: page by page until it is level", async () => {
  const { log, stream } = await bench(10);
  const from = (offset: number) => ({ epoch: log.epoch, offset });
  assert.deepEqual(offsets(await catchUp(stream, from(3), 4)), range(4, 7));
  assert.deepEqual(offsets(await catchUp(stream, from(7), 4)), range(8, 10));
  assert.equal(offsets(await catchUp(stream, from(10), 4)), "level");
});

Deno.test("catch up: stops where the subscribers are, though the log has more", async () => {
  const { log, stream } = await bench(5);
  log.append(5);
  assert.deepEqual(offsets(await catchUp(stream, { epoch: "", offset: 2 }, 100)), [3, 4, 5]);
  assert.equal(offsets(await catchUp(stream, { epoch: "", offset: 5 }, 100)), "level");
});

Deno.test("catch up: waits where the reader knows more than this isolate has heard", async () => {
  const { log, stream, settle } = await bench(5);
  log.append(3);
  const step = catchUp(stream, { epoch: log.epoch, offset: 8 }, 100);
  let done = false;
  step.then(() => done = true);
  await turn();
  assert.equal(done, false);
  await settle();
  assert.equal(offsets(await step), "level");
  assert.equal(stream.position?.offset, 8);
});

const lost: [string, { epoch: string; offset: number }][] = [
  ["trimmed", { epoch: "e1", offset: 3 }],
  ["of another epoch", { epoch: "e0", offset: 8 }],
  ["of another epoch, at the head's offset", { epoch: "e0", offset: 10 }],
  ["beyond the log", { epoch: "e1", offset: 11 }],
];
for (const [what, since] of lost) {
  Deno.test(`catch up: a position ${what} is lost`, async () => {
    const { log, stream } = await bench(10);
    log.trim(5);
    assert.equal((await catchUp(stream, since, 100)).kind, "lost");
  });
}

Deno.test("catch up: without history everybody is level", async () => {
  const { stream } = unopened(new FakeLog(), null);
  await stream.open();
  assert.equal((await catchUp(stream, { epoch: "x", offset: 3 }, 9)).kind, "level");
});

Deno.test("catch up: a reader that waits is told when the stream is reset under it", async () => {
  const { log, stream, settle } = await bench(5);
  log.append(3);
  log.slowness = () => 3;
  const step = catchUp(stream, { epoch: log.epoch, offset: 8 }, 100);
  await turn();
  log.beginAnew("e2");
  log.append(1);
  stream.head(log.head);
  await settle();
  assert.equal((await step).kind, "lost");
});
