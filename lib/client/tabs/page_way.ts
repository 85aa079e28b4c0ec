import type { Openers } from "../connections.ts";
import { Host } from "./host.ts";
import { together } from "./lives.ts";
import type { Port, PortEvents, Way } from "./way.ts";

/** The host is in the page, and is its own alone. */
export class PageWay implements Way {
  readonly lives = together;
  readonly #openers: Openers;
  #host: Host | undefined;

  constructor(openers: Openers) {
    this.#openers = openers;
  }

  open(_key: string, events: PortEvents): Port {
    this.#host ??= new Host(this.#openers, this.lives);
    queueMicrotask(events.found);
    return attachHere(this.#host, events);
  }

  givenUp(): Way {
    return this;
  }

  async close(): Promise<void> {
    await this.#host?.close();
  }
}

/** To a host in the same page. Copies, as any port does: the application may change what it is given. */
export function attachHere(host: Host, { received }: Pick<PortEvents, "received">): Port {
  const take = host.attach((message) => {
    const copy = structuredClone(message);
    queueMicrotask(() => received(copy));
  }, () => {});
  return { post: take, close: () => take({ kind: "bye" }) };
}
