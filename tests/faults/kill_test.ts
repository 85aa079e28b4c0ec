import assert from "node:assert/strict";
import type { TransportName } from "../../lib/transport/transport.ts";
import { opens } from "../support/clients/mod.ts";
import { within } from "../support/clients/eventually.ts";
import { seeded, testSeed } from "../support/random.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { follow, type Followed } from "./support/follower.ts";
import { Load, type Position } from "./support/load.ts";

const kills = 20;
const publishers = 4;
const maxMs = 85_000;
const channel = "log:kills";
const channels = {
  namespaces: [{
    name: "log",
    history: { size: 200_000, ttl: "1h" },
    allow: { subscribe: "anyone" },
  }],
};
const transports: readonly TransportName[] = ["websocket", "sse", "long_poll"];

Deno.test("20 times, under a publishing load over HTTP, the server gets SIGKILL at a random moment and starts again; clients on all three transports reconnect and end with every acknowledged publication exactly once, in order", async () => {
  const seed = testSeed();
  try {
    await run(seeded(seed));
  } catch (error) {
    throw new Error(`SEED=${seed}`, { cause: error });
  }
});

async function run(random: () => number): Promise<void> {
  const signal = AbortSignal.timeout(maxMs);
  let server = await startServer({ channels });
  const { url, port } = server;
  const first = server;
  let load: Load | undefined;
  try {
    const followers = await Promise.all(transports.map((name) => startFollower(url, name, signal)));
    load = new Load(port, channel, publishers);
    for (let n = 1; n <= kills; n++) {
      await within(load.more(1 + Math.floor(random() * 600)), `acknowledgements, round ${n}`);
      await server.signal("SIGKILL");
      server = await startServer({ after: first });
    }
    const acknowledged = await load.stop();
    await server.api("publish", { channel, data: "end" });
    const results = await Promise.all(followers.map(({ done }) => done));
    const log = await readLog(server);
    checkLog(log, acknowledged);
    for (const [i, { name, got }] of followers.entries()) {
      assert.equal(results[i]?.lost, 0, `${name} was told of a loss`);
      assert.deepEqual(got, log.map(({ offset, data }) => ({ offset, data })), name);
    }
    report(`${acknowledged.size} acknowledged, ${log.length} in the log`);
    report(`reconnects: ${results.map(({ reconnects }) => reconnects).join(", ")}`);
  } finally {
    await load?.stop();
    await server[Symbol.asyncDispose]();
  }
}

async function startFollower(url: string, name: TransportName, signal: AbortSignal) {
  const got: Followed[] = [];
  // Open before the first message: it has to end with the whole log.
  const first = await opens[name](url, { channels: [channel] });
  const done = follow(url, {
    open: opens[name],
    first,
    channels: [channel],
    signal,
    onMessage: ({ offset, data }) => got.push({ offset, data }),
    done: ({ data }) => data === "end",
  });
  // Awaited at the end; until then its failure is nobody's.
  done.catch(() => {});
  return { name, got, done };
}

interface Logged extends Followed {
  readonly epoch: string;
}

async function readLog(server: TestServer): Promise<Logged[]> {
  const log: Logged[] = [];
  while (true) {
    const { result } = await server.api("history", {
      channel,
      limit: 1_000,
      since: { offset: log.length, epoch: "" },
    });
    const { publications, epoch } = result as { publications: Followed[]; epoch: string };
    if (publications.length === 0) return log;
    for (const { offset, data } of publications) log.push({ offset, data, epoch });
  }
}

/** Without a hole, nothing twice, and everything acknowledged where the answer said. */
function checkLog(log: readonly Logged[], acknowledged: ReadonlyMap<number, Position>): void {
  assert.equal(new Set(log.map(({ data }) => data)).size, log.length, "something is in it twice");
  for (const [i, { offset }] of log.entries()) assert.equal(offset, i + 1);
  for (const [n, { offset, epoch }] of acknowledged) {
    const kept = log[offset - 1];
    assert.equal(kept?.data, n, `${n} was acknowledged at ${offset}`);
    assert.equal(kept?.epoch, epoch);
  }
}

function report(line: string): void {
  // deno-lint-ignore no-console -- what the run measured
  console.log(line);
}
