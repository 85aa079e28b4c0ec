/// <reference lib="dom" />
/** Who is in a chat room, whatever way they are connected by. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Channels } from "../../lib/channels.ts";
import { connect, type TransportName } from "../../lib/client/mod.ts";
import { launchBrowser, type TestBrowser } from "../support/browser.ts";
import { within } from "../support/clients/eventually.ts";
import { testWith } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { chatUrl, shows } from "./chat.ts";

const transports: readonly TransportName[] = ["websocket", "sse", "long_poll"];

/** Somebody in the room, who asks who is there whenever the bell rings. */
async function enter(server: TestServer, user: string, transport: TransportName) {
  const client = connect<Channels>(server.url, {
    token: await server.token(user),
    transports: [transport],
  });
  let names: readonly string[] = [];
  let look = () => {};
  const ask = async () => {
    const present = await client.channel("chat:help").presence();
    names = [...new Set(Object.values(present).map(({ user }) => user))].sort();
    look();
  };
  const ring = () => void ask().catch(() => {});
  const room = client.channel("chat:help").subscribe(() => {});
  const bell = client.state("here:chat:help").subscribe({ onSync: ring, onChange: ring });
  await Promise.all([room.ready, bell.ready]);
  return {
    /** Resolves once the bell has told of these, and no others. */
    async sees(...wanted: readonly string[]): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      look = () => {
        if (`${names}` === `${wanted.toSorted()}`) resolve();
      };
      look();
      await within(promise, () => `${user} by ${transport} sees ${names}, not ${wanted}`);
    },
    leave: () => client.close(),
  };
}

Deno.test("presence rings over every transport, from every transport", async () => {
  await using server = await startServer({ isolates: 2 });
  await using all = new AsyncDisposableStack();
  const enterAll = (group: string) =>
    Promise.all(transports.map(async (transport) => {
      const one = await enter(server, `${group} by ${transport}`, transport);
      all.defer(() => one.leave());
      return one;
    }));
  const names = (group: string) => transports.map((transport) => `${group} by ${transport}`);
  const hosts = await enterAll("host");
  await Promise.all(hosts.map((host) => host.sees(...names("host"))));
  const guests = await enterAll("guest");
  await Promise.all(
    [...hosts, ...guests].map((one) => one.sees(...names("host"), ...names("guest"))),
  );
  await Promise.all(guests.map((guest) => guest.leave()));
  // By long-poll one is missed when no request has come for a while.
  await Promise.all(hosts.map((host) => host.sees(...names("host"))));
});

Deno.test("presence rings are the server's: nobody else writes there", async () => {
  await using server = await startServer();
  const client = connect(server.url, { token: await server.token("lan") });
  try {
    const bell = client.state("here:chat:help");
    await bell.subscribe({}).ready;
    await assert.rejects(bell.publish("me", {}), { code: 103 });
  } finally {
    await client.close();
  }
});

/** Comes in without what a proxy on the way does not let through. */
function openBy(browser: TestBrowser, transport: TransportName, url: string): Promise<Page> {
  return browser.prepared(async (page) => {
    if (transport !== "websocket") {
      await page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebSocket"));
    }
    if (transport === "long_poll") {
      await page.route(
        "**/v1/events**",
        (route) =>
          /event-stream/.test(route.request().headers()["accept"] ?? "")
            ? route.abort()
            : route.continue(),
      );
    }
    await page.goto(url);
  });
}

testWith(["chromium"], "the chat's page shows who is here by every transport", async (t) => {
  await using server = await startServer({ dev: true });
  await using browser = await launchBrowser();
  const lan = await browser.open(chatUrl(server, "lan"));
  await shows(lan, ".people", "Here now: lan (you)");
  for (const transport of transports) {
    await t.step(transport, async () => {
      const minh = await openBy(browser, transport, chatUrl(server, "minh"));
      await shows(minh, ".people", "Here now: minh (you), lan");
      await shows(lan, ".people", "Here now: lan (you), minh");
      await minh.close();
      // As above: that takes a while.
      if (transport === "long_poll") return;
      await lan.waitForFunction(() =>
        !document.querySelector(".people")?.textContent?.includes("minh")
      );
    });
  }
});
