/** One case: a stream of numbers through a proxy, to a client in Deno and to one in Chromium. */
import assert from "node:assert/strict";
import type { TestBrowser } from "../../support/browser.ts";
import { within } from "../../support/clients/eventually.ts";
import { numbers, publishAll } from "../../support/clients/publish.ts";
import type { Proxy } from "../../support/proxies/mod.ts";
import type { TestServer } from "../../support/server.ts";
import type { Case, Pace } from "./cases.ts";
import type { Observation } from "./observe.ts";
import { visitInChromium, visitInDeno, type Visitor } from "./runtimes.ts";

export const count = 10_000;
const channels = 1;

export const namespace = {
  name: "matrix",
  history: { size: count + channels, ttl: "1h" },
  allow: { subscribe: "anyone" },
};

/** What came of one client. */
export interface Row {
  readonly proxy: string;
  readonly runtime: Visitor["runtime"];
  readonly first: Observation;
  /** When it came again, to a stream of which it lacked the last publication alone. */
  readonly second: Observation;
}

/** Publications in one request. */
const batchSize = 50;
/** For what may come late: the last publication, after the last was published. */
const patienceMs = 75_000;

export async function runCase(
  one: Case,
  server: TestServer,
  browser: TestBrowser,
): Promise<readonly Row[]> {
  const channel = `matrix:${one.name.replaceAll(/\W+/g, "-")}`;
  const { result } = await server.api("publish", { channel, data: { n: 1 } });
  const { epoch } = result as { readonly epoch: string };
  await using stack = new AsyncDisposableStack();
  const proxy = await one.start(server.port);
  const visitors: Visitor[] = [];
  for (const visit of [visitInDeno, (proxy: Proxy) => visitInChromium(browser, proxy)]) {
    visitors.push(stack.use(await visit(proxy)));
  }
  // Before the visitors: connections that it has lost end with it.
  stack.use(proxy);
  const task = { url: proxy.url, channel, epoch, after: 0, count };
  const all = (act: (visitor: Visitor) => Promise<unknown>, what: string) =>
    Promise.all(
      visitors.map((visitor) =>
        within(act(visitor), what, patienceMs).catch((error) => blame(one, visitor, error))
      ),
    );
  await all((visitor) => visitor.begin(task), "the page");
  await all((visitor) => visitor.first(), "the first publication");
  await publishPaced(server, channel, one);
  await all((visitor) => visitor.all(), "the last publication");
  const firsts = await Promise.all(visitors.map((visitor) => visitor.now()));
  for (const first of firsts) judge(first, one);
  const last = { ...task, after: count - 1, count: 1 };
  await all((visitor) => visitor.begin(last), "the page again");
  await all((visitor) => visitor.first(), "the last publication again");
  return await Promise.all(visitors.map(async (visitor, i) => {
    const [first, second] = [firsts[i], await visitor.now()];
    assert.ok(first);
    assert.deepEqual(second.numbers, [count]);
    return { proxy: one.name, runtime: visitor.runtime, first, second };
  }));
}

function judge({ numbers: got, gaps, refused, reconnects, states }: Observation, one: Case): void {
  const wrong = got.findIndex((n, i) => n !== i + 1);
  const near = got.slice(Math.max(0, wrong - 3), wrong + 4);
  assert.equal(wrong, -1, `number ${wrong + 1} is wrong, near ${near}; ${states.join("; ")}`);
  assert.equal(got.length, count);
  assert.equal(gaps, 0, "no gap is told");
  assert.deepEqual(refused, []);
  const least = one.reconnects ?? 0;
  const passes = `${reconnects} reconnects: ${one.name} let everything pass; ${states.join("; ")}`;
  assert.ok(reconnects >= least, passes);
}

/** 2 and on: the first was there before. */
async function publishPaced(server: TestServer, channel: string, pace: Pace): Promise<void> {
  const { url } = server;
  const half = count / 2;
  const began = performance.now();
  for (let from = 2; from <= count; from += batchSize) {
    const to = Math.min(from + batchSize - 1, count);
    const data = numbers(from, to).map((n) => ({ n }));
    await publishAll({ url, channel, size: batchSize }, data);
    const due = to / half * pace.halfMs + (to > half ? pace.silentMs : 0);
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, began + due - performance.now()))
    );
  }
}

async function blame(one: Case, visitor: Visitor, error: unknown): Promise<never> {
  const course = await within(visitor.now(), "what it has", 5_000).then(
    ({ numbers: got, states }) => `it has ${got.length}; ${states.slice(-30).join("; ")}`,
    String,
  );
  throw new Error(`${one.name}, ${visitor.runtime}: ${error}; ${course}`);
}
