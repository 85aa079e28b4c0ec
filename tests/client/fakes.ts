/** A client on links of the test's own, in time that stands still until the test moves it. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import type { ChannelTypes, ConnectOptions, Status, TransportName } from "../../lib/client/api.ts";
import { RunningClient } from "../../lib/client/client.ts";
import type { Openers } from "../../lib/client/connections.ts";
import type {
  Command,
  Link,
  LinkContext,
  Start,
  WireError,
  WirePublication,
} from "../../lib/client/link.ts";
import type { Down } from "../../lib/client/state.ts";
import { VirtualTime } from "../support/virtual_time.ts";

export const lost = { kind: "lost", reason: "cut" } as const satisfies Down;
export const at = (offset: number, epoch = "x") => ({ epoch, offset });

/** Does what the test says. */
export class FakeLink implements Link {
  readonly transport: TransportName;
  readonly context: LinkContext;
  /** One item for what was sent together. */
  readonly sent: string[] = [];
  updates = 0;
  checks = 0;
  isClosed = false;
  readonly send?: (commands: string) => void;

  constructor(transport: TransportName, context: LinkContext) {
    this.transport = transport;
    this.context = context;
    if (transport === "websocket") this.send = (commands) => void this.sent.push(commands);
  }

  update(): void {
    this.updates++;
  }

  check(): void {
    this.checks++;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  /** Starts what is wanted where it was left, and is up. */
  up(start: Partial<Start> = {}): void {
    for (const { channel, position } of this.context.wanted()) {
      const on = position === undefined
        ? { position: at(0) }
        : { position, recovered: true as const };
      this.context.started(channel, { ...on, ...start });
    }
    this.context.up();
  }

  publish(channel: string, publication: WirePublication): void {
    this.context.published(channel, publication);
  }

  /** The commands of all that was sent. */
  get commands(): Record<string, unknown>[] {
    return this.sent.flatMap((text) => text.split("\n")).map((line) => JSON.parse(line));
  }

  refuse({ id }: Command, error: WireError): void {
    this.context.replied({ id: Number(id), error });
  }

  /** Answers all that was sent and not answered. */
  #answered = 0;
  answer(): void {
    for (const { id, ...command } of this.commands.slice(this.#answered)) {
      const [method = ""] = Object.keys(command);
      this.#answered++;
      this.context.replied({ id: Number(id), ...{ [method]: {} } });
    }
  }
}

export interface Fakes extends AsyncDisposable {
  readonly client: RunningClient<ChannelTypes>;
  readonly time: VirtualTime;
  readonly links: readonly FakeLink[];
  /** Names of the links that were opened, in order. */
  readonly opened: () => string;
  readonly statuses: Status[];
  /** The latest of that transport. */
  link(transport: TransportName): FakeLink;
  /** Lets so much time pass, and everything happen that is due. */
  pass(ms: number): Promise<void>;
}

export const url = new URL("http://shop.example/");

/** Without randomness: the longest waits. */
export function fakes(options: ConnectOptions = {}, begin = 1_700_000_000_000): Fakes {
  const time = new VirtualTime(begin);
  const links: FakeLink[] = [];
  const open = (transport: TransportName) => (context: LinkContext) => {
    const link = new FakeLink(transport, context);
    links.push(link);
    return link;
  };
  const openers: Openers = {
    websocket: open("websocket"),
    sse: open("sse"),
    long_poll: open("long_poll"),
  };
  const environment = { random: () => 0.999_999, ...options.environment };
  const client = new RunningClient<ChannelTypes>(
    url,
    { ...options, environment },
    openers,
  );
  const statuses: Status[] = [];
  // What the state holds besides is the machine's.
  client.status.subscribe((status) => {
    const { name, transport, reason, code } = status as Partial<Record<string, unknown>>;
    statuses.push(JSON.parse(JSON.stringify({ name, transport, reason, code })));
  });
  return {
    client,
    time,
    links,
    statuses,
    opened: () => links.map(({ transport }) => transport).join(" "),
    link(transport) {
      const link = links.findLast((one) => one.transport === transport);
      assert.ok(link !== undefined, `no ${transport} among ${links.length} links`);
      return link;
    },
    async pass(ms) {
      const until = time.now + ms;
      do await turn(); while (time.step(until - time.now));
      await turn();
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      time[Symbol.dispose]();
    },
  };
}

/** Subscribed to channel "a", which has started, by that transport; nothing waits for an answer. */
export async function online(
  fake: Fakes,
  transport: "websocket" | "sse" = "websocket",
): Promise<FakeLink> {
  fake.client.channel("a").subscribe(() => {});
  await fake.pass(0);
  if (transport === "sse") {
    fake.link("websocket").context.down(lost);
    await fake.pass(0);
  }
  const link = fake.link(transport);
  link.up();
  await fake.pass(0);
  link.answer();
  return link;
}

/** Online by WebSocket. @returns what publishes to channel "a" on it: the offset is the data, too. */
export async function publisher(fake: Fakes): Promise<(offset: number) => void> {
  await fake.pass(0);
  fake.link("websocket").up();
  return (offset) => fake.link("websocket").publish("a", { offset, data: offset });
}

/** What the application asked for: not what the client asks for itself. */
export function callsIn(commands: readonly Command[]): readonly Command[] {
  return commands.filter(({ rpc }) => (rpc as { method?: string })?.method !== "time");
}

/** The data of the application's calls. */
export function dataOf(commands: readonly Command[]): unknown[] {
  return callsIn(commands).map((command) => {
    const [, call] = Object.entries(command).find(([name]) => name !== "id") ?? [];
    return (call as { data?: unknown }).data;
  });
}

/** Everything that is resolved by now happens. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A storage in memory. */
export function storage(entries: Record<string, string> = {}) {
  const held = new Map(Object.entries(entries));
  return {
    held,
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
  };
}
