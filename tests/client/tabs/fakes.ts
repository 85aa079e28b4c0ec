/** A host between fake tabs and fake connections. */
import type { Link, LinkContext, Wanted } from "../../../lib/client/link.ts";
import { Host } from "../../../lib/client/tabs/host.ts";
import type { Lives } from "../../../lib/client/tabs/lives.ts";
import type { TabWants, ToHost, ToTab } from "../../../lib/client/tabs/protocol.ts";

/** A connection to the server, as the server sees it. */
export interface FakeLink {
  readonly transport: string;
  readonly context: LinkContext;
  readonly sent: string[];
  isClosed: boolean;
  wanted(): Record<string, Wanted["position"]>;
}

export interface FakeTab {
  readonly got: ToTab[];
  post(message: ToHost): void;
  hello(wanted?: readonly Partial<TabWants>[], token?: string): Promise<void>;
  of<Kind extends ToTab["kind"]>(kind: Kind): Extract<ToTab, { kind: Kind }>[];
}

export class FakeLives implements Lives {
  readonly #gone = new Map<string, () => void>();

  hold(): Promise<void> {
    return Promise.resolve();
  }

  whenGone(name: string, _signal: AbortSignal, then: () => void): void {
    this.#gone.set(name, then);
  }

  succeed(): void {}

  crash(name: string): void {
    this.#gone.get(name)?.();
  }
}

export interface FakeHost extends AsyncDisposable {
  readonly host: Host;
  readonly lives: FakeLives;
  readonly links: FakeLink[];
  /** The one that is used. */
  link(): FakeLink;
  tab(name: string): FakeTab;
}

/** All that is pending without a timer has happened. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

export function wants(channel: string, others: Partial<TabWants> = {}): TabWants {
  return { channel, keyed: false, position: undefined, id: 1, ...others };
}

export function fakeHost(): FakeHost {
  const lives = new FakeLives();
  const links: FakeLink[] = [];
  const open = (transport: string) => (context: LinkContext): Link => {
    const fake: FakeLink = {
      transport,
      context,
      sent: [],
      isClosed: false,
      wanted: () => {
        return Object.fromEntries(
          context.wanted().map(({ channel, position }) => [channel, position]),
        );
      },
    };
    links.push(fake);
    return {
      update() {},
      check() {},
      send: (text) => fake.sent.push(...text.split("\n")),
      close() {
        fake.isClosed = true;
        return Promise.resolve();
      },
    };
  };
  const openers = {
    websocket: open("websocket"),
    sse: open("sse"),
    long_poll: open("long_poll"),
  };
  const host = new Host(openers, lives);
  return {
    host,
    lives,
    links,
    link() {
      const link = links.findLast(({ transport, isClosed }) =>
        transport === "websocket" && !isClosed
      );
      if (link === undefined) throw new Error("there is no connection");
      return link;
    },
    tab: (name) => attach(host, name),
    [Symbol.asyncDispose]: () => host.close(),
  };
}

function attach(host: Host, name: string): FakeTab {
  const got: ToTab[] = [];
  const post = host.attach((message) => got.push(message), () => {});
  return {
    got,
    post,
    async hello(wanted = [], token = "") {
      const setup = { url: "http://server.example/", options: { transports: ["websocket"] } };
      post({
        kind: "hello",
        tab: name,
        setup,
        token,
        memory: null,
        wanted: wanted.map((one) => wants("a", one)),
      } as ToHost);
      await settled();
    },
    of: <Kind extends ToTab["kind"]>(kind: Kind) =>
      got.filter((one): one is Extract<ToTab, { kind: Kind }> => one.kind === kind),
  };
}
