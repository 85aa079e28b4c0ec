/** The inspector's tail, whose server comes and goes. */
import assert from "node:assert/strict";
import { followTail } from "../../islands/inspect/follow_tail.ts";
import { TailList } from "../../islands/inspect/tail_list.ts";
import { define } from "../client/define.ts";

/** Requests that the test answers, timers that it lets come, and frames that come at once. */
function openBrowser() {
  const asked: { readonly answer: (response: Response) => void }[] = [];
  const waits: { readonly ms: number; readonly run: () => void }[] = [];
  const cleared: number[] = [];
  const watched: (() => void)[] = [];
  const fetch = () => new Promise<Response>((answer) => asked.push({ answer }));
  const globals = [
    define(globalThis, "fetch", fetch),
    define(globalThis, "requestAnimationFrame", (frame: () => void) => queueMicrotask(frame)),
  ];
  /** For the tail's own timers alone. */
  const held = () => {
    const timers = [
      define(globalThis, "setTimeout", (run: () => void, ms: number) => {
        const count = waits.push({ ms, run });
        for (const tell of watched.splice(0)) tell();
        return count;
      }),
      define(globalThis, "clearTimeout", (id: number) => void cleared.push(id)),
    ];
    return { [Symbol.dispose]: () => timers.forEach((one) => one[Symbol.dispose]()) };
  };
  return {
    asked,
    waits,
    cleared,
    held,
    /** Resolves once so many timers were set in all. */
    async waited(count: number) {
      while (waits.length < count) await new Promise<void>((resolve) => watched.push(resolve));
    },
    [Symbol.dispose]: () => globals.forEach((one) => one[Symbol.dispose]()),
  };
}

Deno.test("inspect: a tail that is refused is asked for again after a while, not at once", async () => {
  using browser = openBrowser();
  using _held = browser.held();
  const list = new TailList();
  const end = followTail(list, "public:a", "token");
  assert.deepEqual([list.state.value, browser.asked.length], ["opening", 1]);
  for (let i = 0; i < 3; i++) {
    browser.asked[i]?.answer(new Response(null, { status: 503 }));
    await browser.waited(i + 1);
    assert.deepEqual([list.state.value, browser.waits.length], ["waiting", i + 1]);
    assert.equal(browser.waits[i]?.ms, 2_000);
    browser.waits[i]?.run();
  }
  browser.asked[3]?.answer(new Response(null, { status: 503 }));
  await browser.waited(4);
  end();
  assert.deepEqual([list.state.value, browser.cleared], ["off", [4]]);
});

Deno.test("inspect: a tail that was lost says that something may be missing", async () => {
  using browser = openBrowser();
  using _held = browser.held();
  const list = new TailList();
  const end = followTail(list, "public:a", "token");
  const stream = (data: number) =>
    new Response(`data: {"channel":"public:a","pub":{"data":${data},"offset":${data}}}\n\n`);
  browser.asked[0]?.answer(stream(1));
  await browser.waited(1);
  browser.waits[0]?.run();
  browser.asked[1]?.answer(stream(2));
  await browser.waited(2);
  const kinds = list.entries.value.map(({ kind, offset }) => `${kind} ${offset}`);
  assert.deepEqual(kinds, ["publication 2", "gap null", "publication 1"]);
  end();
});

Deno.test("inspect: a tail that brings what cannot be read is given up, and asked for again", async () => {
  using browser = openBrowser();
  using _held = browser.held();
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (stream) => stream.enqueue(new TextEncoder().encode("data: nonsense\n\n")),
    cancel: () => void (isCancelled = true),
  });
  const end = followTail(new TailList(), "public:a", "token");
  browser.asked[0]?.answer(new Response(body));
  await browser.waited(1);
  assert.equal(isCancelled, true);
  end();
});
