/** What a link needs of a client, without one: it is kept what the link tells. */
import assert from "node:assert/strict";
import type { Environment } from "../../lib/client/api.ts";
import type { Link, LinkContext } from "../../lib/client/link.ts";
import type { Down } from "../../lib/client/state.ts";
import { StreamFeed } from "../../lib/client/stream_feed.ts";
import { openWebSocket } from "../../lib/client/websocket.ts";
import { url } from "./fakes.ts";

const noFetch = () => Promise.reject(new Error("none"));

/** Wants channel "a". */
export function lone(environment: Partial<Environment>, others: Partial<LinkContext> = {}) {
  const downs: Down[] = [];
  const told: string[] = [];
  const wanted = [new StreamFeed("a")];
  let id = 0;
  const context: LinkContext = {
    url,
    token: "",
    query: {},
    heartbeat: 25,
    timing: { openMs: 5_000, hedgeMs: 0, probeMs: 1_500, pollMs: 25_000, returnMs: 0 },
    maxRate: undefined,
    isBeside: () => false,
    wanted: () => wanted,
    nextId: () => ++id,
    counted: () => {},
    replied: () => {},
    started: (channel) => void told.push(`started ${channel}`),
    published: (channel, { offset }) => void told.push(`${channel} ${offset}`),
    refused: (channel) => void told.push(`refused ${channel}`),
    up: () => void told.push("up"),
    down: (why) => void downs.push(why),
    environment: { fetch: noFetch, WebSocket, random: () => 0, ...environment },
    ...others,
  };
  return { context, downs, told, wanted };
}

/** A socket that the test speaks for. */
export class FakeSocket {
  readonly url: URL;
  readonly sent: string[] = [];
  onopen = () => {};
  onmessage: ((message: { data: string }) => void) | null = null;
  onerror = () => {};
  onclose = (_: { code: number; reason: string }) => {};

  constructor(url: URL) {
    this.url = url;
  }

  /** The commands of all that was sent. */
  get commands(): Record<string, unknown>[] {
    return this.sent.flatMap((text) => text.split("\n")).map((line) => JSON.parse(line));
  }

  /** The names of the channels that it was asked to subscribe to. */
  get subscribed(): string[] {
    return this.commands.flatMap(({ subscribe }) =>
      subscribe === undefined ? [] : [(subscribe as { channel: string }).channel]
    );
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.onclose({ code: 1000, reason: "" });
  }

  say(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }
}

/** Sockets of the test's own, in the order in which they are made. */
export function fakeSockets() {
  const sockets: FakeSocket[] = [];
  class Kept extends FakeSocket {
    constructor(url: URL) {
      super(url);
      sockets.push(this);
    }
  }
  const last = (): FakeSocket => {
    const socket = sockets.at(-1);
    assert.ok(socket !== undefined);
    return socket;
  };
  return { sockets, last, WebSocket: Kept };
}

/** A WebSocket with channel "a", on a server that pings every `ping` seconds. */
export function loneSocket(ping = 25) {
  const { last, WebSocket } = fakeSockets();
  const { context, ...kept } = lone({ WebSocket }, { query: { ping: `${ping}` }, heartbeat: ping });
  const link: Link = openWebSocket(context);
  const fake = last();
  const begin = () => {
    fake.onopen();
    fake.say({ id: 1, connect: { client: "c", ping, pong: true } });
    fake.say({ id: 2, subscribe: { epoch: "x", offset: 0 } });
  };
  return { ...kept, link, fake, begin };
}
