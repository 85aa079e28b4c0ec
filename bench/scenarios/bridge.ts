import type { TestServer } from "../../tests/support/server.ts";
import { type BackEnd, startBackEnd } from "../harness/back_end.ts";
import { startChild } from "../harness/child.ts";
import { startNhip } from "../harness/nhip.ts";
import { changeOf, recordedOrders } from "../harness/orders.ts";
import { cpuSeconds } from "../harness/process.ts";
import { pause, type Scenario } from "../harness/scenario.ts";
import { bridgeDetails, bridgeFigures, type Measured } from "./bridge_figures.ts";

const clients = 500;
const orders = 200;
const everySeconds = 2;
const seconds = 30;
const changesPerSecond = 1;
const channel = "bridge:orders";
const watchers = new URL("../load/watchers.ts", import.meta.url).pathname;

export const bridge: Scenario = {
  name: "bridge",
  title: `${clients} clients want ${orders} orders of npm's json-server every ${everySeconds} s; ` +
    `${changesPerSecond} change a second, ${seconds} s each`,
  async run() {
    await using backEnd = await startBackEnd(await recordedOrders(orders));
    const polling = await measure("poll", { backEnd });
    const browsers = await measure("browser", { backEnd });
    await using nhip = await startNhip({}, { bridge: { sources: [sourceOf(backEnd)] } });
    const events = await measure("events", { backEnd, nhip });
    const map = await measure("map", { backEnd, nhip });
    const publishing = await measure("events", { backEnd, nhip, publishes: true });
    const all = { polling, browsers, events, map, publishing };
    return {
      details: bridgeDetails(all, { seconds }),
      figures: bridgeFigures(all, { clients, everyMs: everySeconds * 1_000 }),
    };
  },
};

function sourceOf({ url }: BackEnd) {
  const allow = { subscribe: "anyone" };
  return { name: "orders", url, every: `${everySeconds}s`, key: "id", allow };
}

interface Setting {
  readonly backEnd: BackEnd;
  /** Absent: the clients poll. */
  readonly nhip?: TestServer;
  /** Whether the back end publishes each change, once it has been made. */
  readonly publishes?: boolean;
}

/** The last line of load/watchers.ts. */
interface Watched extends Pick<Measured, "p50" | "p99" | "max" | "closed"> {
  readonly bytesDown: number;
  readonly bytesUp: number;
  readonly opening: { readonly bytesDown: number };
  readonly seen: number;
}

async function measure(
  mode: "poll" | "browser" | "events" | "map",
  setting: Setting,
): Promise<Measured> {
  const { backEnd, nhip } = setting;
  const url = nhip?.url ?? backEnd.url;
  const args = [mode, url, clients, seconds, everySeconds * 1_000].map(String);
  await using watching = await startChild(Deno.execPath(), [
    "run",
    "--allow-net",
    watchers,
    ...args,
  ]);
  const before = await used(setting);
  const { count, acknowledgedMs } = await change(setting);
  const after = await used(setting);
  const watched: Watched = JSON.parse(await watching.lastLine);
  return {
    ...watched,
    requests: after.requests - before.requests,
    openingBytes: watched.opening.bytesDown / clients,
    missed: count * clients - watched.seen,
    acknowledgedMs,
    backEndCpu: after.backEndCpu - before.backEndCpu,
    nhipCpu: after.nhipCpu - before.nhipCpu,
  };
}

async function used({ backEnd, nhip }: Setting) {
  return {
    requests: await backEnd.requests(),
    backEndCpu: await cpuSeconds(backEnd.pid),
    nhipCpu: nhip === undefined ? 0 : await cpuSeconds(nhip.pid),
  };
}

let seq = 0;

/** Parts of a second that fall evenly wherever the polls may be; a fixed beat would go with theirs. */
const golden = (Math.sqrt(5) - 1) / 2;

/** Changes one order after the other for as long as the clients are counted. */
async function change({ backEnd, nhip, publishes }: Setting) {
  const started = performance.now();
  const until = (moment: number) =>
    pause(Math.max(0, moment - (performance.now() - started) / 1_000));
  const count = seconds * changesPerSecond;
  const took: number[] = [];
  for (let i = 0; i < count; i++) {
    await until((i + (i * golden) % 1) / changesPerSecond);
    const sent = performance.now();
    const change = changeOf(++seq, orders);
    const data = await backEnd.change(change);
    took.push(performance.now() - sent);
    if (publishes) await nhip?.api("map_publish", { channel, key: `${change.id}`, data });
  }
  await until(seconds);
  took.sort((a, b) => a - b);
  return { count, acknowledgedMs: took[Math.floor(count / 2)] ?? 0 };
}
