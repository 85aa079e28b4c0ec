/** A tab's side of the shared connection, where the host, or the platform, is slow or lost. */
import assert from "node:assert/strict";
import type { ChannelTypes } from "../../../lib/client/api.ts";
import { type Deferred, deferred } from "../../../lib/client/deferred.ts";
import { LeaderWay } from "../../../lib/client/tabs/leader_way.ts";
import { type Lives, livesByLocks, together } from "../../../lib/client/tabs/lives.ts";
import { PageWay } from "../../../lib/client/tabs/page_way.ts";
import type { ToHost, ToTab } from "../../../lib/client/tabs/protocol.ts";
import { SharedClient } from "../../../lib/client/tabs/shared_client.ts";
import type { Port, PortEvents, Way } from "../../../lib/client/tabs/way.ts";
import { within } from "../../support/clients/eventually.ts";
import { turn } from "../fakes.ts";

const setup = { url: "http://server.example/", options: {} };
const refused = () => {
  throw new Error("no connection is expected");
};
const openers = { websocket: refused, sse: refused, long_poll: refused };
/** Locks of a platform that never answers. */
const silentLives = () => livesByLocks({ request: () => new Promise(() => {}) });

/** To a host that the test is. */
class FakeWay implements Way {
  readonly lives: Lives = together;
  readonly posted: ToHost[] = [];
  readonly opened: Deferred<PortEvents> = deferred();

  open(_key: string, events: PortEvents): Port {
    this.opened.resolve(events);
    return { post: (message) => void this.posted.push(message), close() {} };
  }

  givenUp(): Way {
    return this;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The names of the channels in the last message of that kind. */
  wanted(kind: "hello" | "wanted"): readonly string[] | undefined {
    const last = this.posted.findLast((one) => one.kind === kind);
    return last !== undefined && "wanted" in last
      ? last.wanted.map(({ channel }) => channel)
      : undefined;
  }
}

function clientOn(way: Way) {
  return new SharedClient<ChannelTypes>({ setup, token: "", memory: null, way });
}

const welcome: ToTab = { kind: "welcome", host: "a host" };

Deno.test("tab: channels wanted between its greeting and the welcome are told afterwards", async () => {
  const way = new FakeWay();
  const client = clientOn(way);
  client.channel("a:1").subscribe(() => {});
  const { found, received } = await way.opened.promise;
  found();
  assert.deepEqual(way.wanted("hello"), ["a:1"]);
  client.channel("a:2").subscribe(() => {});
  await turn();
  assert.equal(way.wanted("wanted"), undefined);
  received(welcome);
  assert.deepEqual(way.wanted("wanted"), ["a:1", "a:2"]);
  await client.close();
});

Deno.test("tab: it greets again where a host was lost before it answered, and no more then", async () => {
  const way = new FakeWay();
  const client = clientOn(way);
  client.channel("a:1").subscribe(() => {});
  const { found, received } = await way.opened.promise;
  const hellos = () => way.posted.filter(({ kind }) => kind === "hello").length;
  found();
  found();
  assert.equal(hellos(), 2);
  received(welcome);
  found();
  assert.equal(hellos(), 2);
  await client.close();
});

Deno.test("tab: it can be closed where the platform never gives a lock", async () => {
  const lives = silentLives();
  const way = new LeaderWay(openers, lives, new PageWay(openers));
  const client = clientOn(way);
  client.channel("a:1").subscribe(() => {});
  await turn();
  await within(client.close(), "it is closed");
});

Deno.test("tab: who gets no answer leads by force, then goes its own way", async () => {
  const alone = new PageWay(openers);
  const way = new LeaderWay(openers, silentLives(), alone);
  const events = { found() {}, received() {}, failed() {} };
  way.open("nhip test", events);
  assert.equal(way.givenUp(false), way);
  way.open("nhip test", events);
  assert.equal(way.givenUp(false), alone);
  await within(way.close(), "it is closed");
});

Deno.test("tab: locks that are denied lead to a host of its own", async () => {
  const lives = livesByLocks({ request: () => Promise.reject(new Error("denied")) });
  const failures: boolean[] = [];
  const failed = deferred<void>();
  const alone = new PageWay(openers);
  const way = new LeaderWay(openers, lives, alone);
  way.open("nhip test", {
    found() {},
    received() {},
    failed(_reason, broken) {
      failures.push(broken);
      failed.resolve();
    },
  });
  await within(failed.promise, "it is told");
  assert.equal(failures[0], true);
  assert.equal(way.givenUp(true), alone);
  await assert.rejects(lives.hold("a tab", new AbortController().signal), /denied/);
  await alone.lives.hold("a tab", new AbortController().signal);
  await within(way.close(), "it is closed");
});
