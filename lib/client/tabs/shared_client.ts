/** The client of one tab among those that share a connection. */
import type {
  Client,
  ConnectOptions,
  Notes,
  StateName,
  Status,
  StreamName,
  Typed,
} from "../api.ts";
import { RunningClient } from "../client.ts";
import type { LinkContext } from "../link.ts";
import { Signal } from "../signal.ts";
import type { Setup } from "./protocol.ts";
import { SharedQuality } from "./shared_quality.ts";
import { type Tab, TabLink } from "./tab_link.ts";
import type { Way } from "./way.ts";

export interface SharedClientOptions {
  readonly setup: Setup;
  readonly token: ConnectOptions["token"];
  readonly memory: Notes | null;
  readonly way: Way;
}

export class SharedClient<Types extends Typed<Types>> implements Client<Types> {
  readonly status: Signal<Status> = new Signal<Status>({ name: "idle" });
  readonly quality: SharedQuality;
  readonly #client: RunningClient<Types>;
  readonly #tab: Tab;
  /** What the host says; undefined: there is none. */
  #connection: Status | undefined;

  constructor({ setup, token = "", memory, way }: SharedClientOptions) {
    const { timing = {}, backoff } = setup.options;
    const open = (context: LinkContext) => new TabLink(context, this.#tab);
    this.#client = new RunningClient<Types>(
      new URL(setup.url),
      // The host is one more way to the server; what it is called is seen nowhere.
      { token, transports: ["websocket"], memory: null, timing, ...(backoff && { backoff }) },
      { websocket: open, sse: open, long_poll: open },
    );
    this.quality = new SharedQuality(this.#client.quality);
    this.#tab = {
      setup,
      way,
      memory: () => quietly(() => memory?.getItem(memoryKey(setup)) ?? null) ?? null,
      remember: (key, value) => quietly(() => memory?.setItem(key, value)),
      renew: () => renewed(token),
      joined: () => this.quality.joined(),
      quality: (quality) => this.quality.set(quality),
      status: (status) => {
        this.#connection = status;
        this.#show();
      },
    };
    this.#client.status.subscribe(() => this.#show());
  }

  channel<Name extends StreamName<Types>>(name: Name) {
    return this.#client.channel(name);
  }

  state<Name extends StateName<Types>>(name: Name) {
    return this.#client.state(name);
  }

  rpc(method: string, data?: unknown): Promise<unknown> {
    return this.#client.rpc(method, data);
  }

  async close(): Promise<void> {
    await this.#client.close();
    await this.#tab.way.close();
  }

  #show(): void {
    const now = shown(this.#client.status.value, this.#connection);
    if (toText(now) !== toText(this.status.value)) this.status.set(now);
  }
}

/** What the application can see of it. */
function toText(status: Status): string {
  return JSON.stringify(status, ["name", "transport", "code", "reason"]);
}

/** Where the tab has the connection, that is what the application sees. */
function shown(own: Status, connection: Status | undefined): Status {
  if (own.name !== "online" && own.name !== "connecting") return own;
  const isBetween = connection === undefined || connection.name === "idle" ||
    connection.name === "closed" || (own.name === "connecting" && connection.name === "online");
  return isBetween ? { name: "connecting" } : connection;
}

/** As `memory.ts` names it. */
function memoryKey({ url }: Setup): string {
  return `nhip ${new URL(url).origin}`;
}

/** Storage may be denied. */
function quietly<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

async function renewed(token: NonNullable<ConnectOptions["token"]>) {
  try {
    return typeof token === "string" ? null : await token();
  } catch {
    return undefined;
  }
}
