/** Long-poll: how long it waits, and what it makes of answers. */
import assert from "node:assert/strict";
import { type Deferred, deferred } from "../../lib/client/deferred.ts";
import { openLongPoll } from "../../lib/client/long_poll.ts";
import type { FetchAnswer, FetchInit } from "../../lib/client/platform.ts";
import { VirtualTime } from "../support/virtual_time.ts";
import { json, problem } from "./answers.ts";
import { define } from "./define.ts";
import { turn } from "./fakes.ts";
import { lone } from "./lone_link.ts";

const started = { cursor: "c", channels: { a: { epoch: "x", offset: 0 } }, messages: [] };

/** Requests wait for the test's answers. */
function longPoll() {
  const time = new VirtualTime(0);
  const waits: unknown[] = [];
  const answers: Deferred<FetchAnswer>[] = [];
  const fetch = ({ searchParams }: URL, { signal }: FetchInit) => {
    const answer = deferred<FetchAnswer>();
    waits.push(searchParams.get("wait"));
    answers.push(answer);
    signal.addEventListener("abort", () => answer.reject(new Error("ended")));
    return answer.promise;
  };
  const { context, ...kept } = lone({ fetch });
  const link = openLongPoll(context);
  const settle = async (act: (last: Deferred<FetchAnswer>) => void) => {
    await turn();
    const last = answers.at(-1);
    assert.ok(last !== undefined);
    act(last);
    await turn();
  };
  return {
    ...kept,
    waits,
    answer: (response: FetchAnswer) => settle(({ resolve }) => resolve(response)),
    fail: () => settle(({ reject }) => reject(new Error("no network"))),
    async [Symbol.asyncDispose]() {
      await link.close();
      time[Symbol.dispose]();
    },
  };
}

Deno.test("client: a long-poll that died while the device slept does not make the next ones longer", async () => {
  await using poll = longPoll();
  await poll.answer(json(started));
  {
    using _clock = define(Date, "now", () => 600_000);
    await poll.fail();
  }
  await poll.answer(json(started));
  assert.deepEqual(poll.waits, ["0", "25", "0", "20"]);
  assert.deepEqual(poll.downs, []);
});

/** What the client uses of a response, without its class: as a library, or another realm, has it. */
async function foreign(response: Response): Promise<FetchAnswer> {
  const { status, headers } = response;
  const text = await response.text();
  return { status, headers, body: null, text: () => Promise.resolve(text) };
}

Deno.test("client: an answer of another realm or library is one, too", async () => {
  await using poll = longPoll();
  await poll.answer(await foreign(json(started)));
  assert.deepEqual([poll.told, poll.downs], [["started a", "up"], []]);
});

Deno.test("client: only what the server itself refuses for good is the end", async () => {
  const answers = [
    // A proxy may write such documents, but knows none of the protocol's codes.
    [problem({ status: 404, detail: "Not Found" }), "lost"],
    // This request is at fault, and not the client: it names too many channels.
    [problem({ status: 400, code: 107, detail: "at most 128 channels" }), "lost"],
    [problem({ status: 403, code: 103, detail: "permission denied" }), "refused"],
  ] as const;
  for (const [response, kind] of answers) {
    await using poll = longPoll();
    await poll.answer(response);
    assert.equal(poll.downs[0]?.kind, kind, `${response.status}`);
  }
});
