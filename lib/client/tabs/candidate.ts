import type { Openers } from "../connections.ts";
import { type BusMessage, decodeBus, Fan } from "./bus.ts";
import { Host } from "./host.ts";
import type { Lives } from "./lives.ts";
import { attachHere } from "./page_way.ts";
import { decodeToHost, type ToHost } from "./protocol.ts";
import type { Port, PortEvents } from "./way.ts";

export interface CandidateOptions {
  readonly key: string;
  readonly openers: Openers;
  readonly lives: Lives;
  /** Takes the place of who leads, and answers nobody. */
  readonly steal: boolean;
  /** It is no longer one. */
  readonly deposed: () => void;
}

/** A port of this page. */
interface Line {
  readonly events: PortEvents;
  /** Who answers it. */
  host: string | undefined;
  /** Where that is this page. */
  here: Port | undefined;
}

/** The host of one page while it leads. */
interface Reigning {
  readonly host: Host;
  readonly fan: Fan;
  /** What takes the messages of other pages' tabs. */
  readonly tabs: Map<string, (message: unknown) => void>;
}

/** One page among those that share: the first is the host for all, then the next. */
export class Candidate {
  readonly key: string;
  readonly hasStolen: boolean;
  readonly #options: CandidateOptions;
  readonly #name = crypto.randomUUID();
  readonly #bus: BroadcastChannel;
  readonly #ended = new AbortController();
  readonly #lines = new Map<string, Line>();
  #reigning: Reigning | undefined;

  /** @throws where the platform will not have it. */
  constructor(options: CandidateOptions) {
    this.key = options.key;
    this.hasStolen = options.steal;
    this.#options = options;
    this.#bus = new BroadcastChannel(options.key);
    this.#bus.onmessage = ({ data }) => {
      const message = decodeBus(data);
      if (message !== undefined && !this.#ended.signal.aborted) this.#take(message);
    };
    const reign = { begin: () => this.#begin(), lost: () => this.#lost() };
    options.lives.succeed(`${this.key} leads`, reign, options.steal, this.#ended.signal);
  }

  open(events: PortEvents): Port {
    const name = crypto.randomUUID();
    const line: Line = { events, host: undefined, here: undefined };
    this.#lines.set(name, line);
    if (this.#reigning === undefined) this.#send({ kind: "seek" });
    else queueMicrotask(events.found);
    return {
      post: (message) => this.#post(name, line, message),
      close: () => {
        this.#lines.delete(name);
        this.#post(name, line, { kind: "bye" });
      },
    };
  }

  async close(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    const reigning = this.#reigning;
    const closing = reigning?.host.close();
    reigning?.fan.flush();
    this.#ended.abort();
    this.#bus.close();
    for (const { events } of [...this.#lines.values()]) events.failed("the page rests", false);
    await closing;
  }

  #send(message: BusMessage): void {
    if (!this.#ended.signal.aborted) this.#bus.postMessage(message);
  }

  #post(tab: string, line: Line, message: ToHost): void {
    const host = this.#reigning?.host;
    if (line.host === undefined && host !== undefined && message.kind === "hello") {
      line.host = this.#name;
      line.here = attachHere(host, line.events);
    }
    if (line.here !== undefined) line.here.post(message);
    else this.#send({ kind: "to_host", host: line.host, tab, message });
  }

  #begin(): void {
    const { openers, lives } = this.#options;
    const fan = new Fan((tabs, message) => {
      this.#send({ kind: "to_tabs", host: this.#name, tabs, message });
    });
    this.#reigning = { host: new Host(openers, lives), fan, tabs: new Map() };
    this.#send({ kind: "leads", host: this.#name });
    this.#found();
  }

  /** It has been taken for dead, or the platform does not let it be one. */
  #lost(): void {
    const hasReigned = this.#reigning !== undefined;
    for (const { events } of [...this.#lines.values()]) {
      events.failed("this page no longer leads", !hasReigned);
    }
    this.#options.deposed();
  }

  #found(): void {
    for (const { events, host } of [...this.#lines.values()]) {
      if (host === undefined) events.found();
    }
  }

  #take(message: BusMessage): void {
    switch (message.kind) {
      case "seek":
        if (this.#reigning !== undefined) this.#send({ kind: "leads", host: this.#name });
        return;
      case "leads":
        return this.#found();
      case "to_host":
        return this.#serve(message);
      case "to_tabs":
        for (const name of message.tabs) {
          const line = this.#lines.get(name);
          if (line === undefined) continue;
          line.host ??= message.host;
          if (line.host === message.host) line.events.received(message.message);
        }
    }
  }

  #serve({ host, tab, message }: Extract<BusMessage, { kind: "to_host" }>): void {
    const reigning = this.#reigning;
    if (reigning === undefined || (host ?? this.#name) !== this.#name) return;
    const { fan, tabs } = reigning;
    const take = tabs.get(tab) ??
      reigning.host.attach((answer) => fan.post(tab, answer), () => tabs.delete(tab));
    // Who says anything else is sent away, and nothing is kept of it.
    if (decodeToHost(message)?.kind === "hello") tabs.set(tab, take);
    take(message);
  }
}
