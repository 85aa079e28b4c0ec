/** For a tab's client the host of the shared connection is one more link. */
import type { Quality, Status } from "../api.ts";
import { expired, type Link, type LinkContext, lost, silent } from "../link.ts";
import { refusal } from "../refusal.ts";
import type { Down } from "../state.ts";
import { Watchdog } from "../watchdog.ts";
import { decodeToTab, type Setup, type TabWants, type ToHost, type ToTab } from "./protocol.ts";
import { sharingKey } from "./sharing_key.ts";
import type { Port, Way } from "./way.ts";

/** How long a host may be silent before it is asked, and how long it may take to answer. */
const silenceMs = 10_000;
const answerMs = 3_000;
/** How many messages are taken before the host is told. */
const takeTold = 100;

/** What is around a link and outlives it. */
export interface Tab {
  readonly setup: Setup;
  way: Way;
  memory(): string | null;
  remember(key: string, value: string): void;
  /** A new token; null: there is no other one; undefined: not just now. Never rejects. */
  renew(): Promise<string | null | undefined>;
  joined(): void;
  /** What the host says of its connection; undefined: there is no host. */
  status(status: Status | undefined): void;
  quality(quality: Quality): void;
}

interface Subscribed {
  readonly id: number;
  isStarted: boolean;
}

export class TabLink implements Link {
  readonly #context: LinkContext;
  readonly #tab: Tab;
  readonly #way: Way;
  readonly #name = `nhip tab ${crypto.randomUUID()}`;
  readonly #ended = new AbortController();
  readonly #opened: Promise<void>;
  readonly #watchdog: Watchdog;
  readonly #channels = new Map<string, Subscribed>();
  #state: "seeking" | "greeted" | "joined" | "up" = "seeking";
  #port: Port | undefined;
  #key = "";
  #lastId = 0;
  #taken = 0;
  #isAsked = false;
  #isChanging = false;
  /** Other channels may be wanted than the host has been greeted with. */
  #isChanged = false;

  constructor(context: LinkContext, tab: Tab) {
    this.#context = context;
    this.#tab = tab;
    this.#way = tab.way;
    this.#watchdog = new Watchdog(context.timing.openMs, () => this.#silent());
    this.#opened = this.#open().catch((error) => this.#giveUp(String(error), true));
  }

  /** All at once in a moment; what has gone and come again by then is still told apart. */
  update(): void {
    this.#wants();
    if (this.#isChanging) return;
    this.#isChanging = true;
    queueMicrotask(() => {
      this.#isChanging = false;
      if (this.#isJoined) this.#post({ kind: "wanted", wanted: this.#wants() });
      else this.#isChanged = true;
      this.#up();
    });
  }

  send(commands: string): void {
    this.#post({ kind: "calls", lines: commands });
  }

  check(): void {
    if (this.#isJoined) this.#ask(true);
  }

  async close(): Promise<void> {
    if (!this.#ended.signal.aborted) {
      this.#ended.abort();
      this.#watchdog.stop();
      this.#port?.close();
      this.#tab.status(undefined);
    }
    await this.#opened;
  }

  async #open(): Promise<void> {
    this.#key = await sharingKey(this.#tab.setup, this.#context.token);
    const { signal } = this.#ended;
    await this.#way.lives.hold(this.#name, signal);
    if (signal.aborted) return;
    this.#port = this.#way.open(this.#key, {
      found: () => this.#greet(),
      received: (message) => this.#receive(message),
      failed: (reason, broken) => broken ? this.#giveUp(reason, true) : this.#end(lost(reason)),
    });
  }

  #post(message: ToHost): void {
    if (!this.#ended.signal.aborted) this.#port?.post(message);
  }

  get #isJoined(): boolean {
    return this.#state === "joined" || this.#state === "up";
  }

  /** Again where the first may have been lost with the host that it was meant for. */
  #greet(): void {
    if (this.#isJoined || this.#ended.signal.aborted) return;
    this.#state = "greeted";
    const { setup } = this.#tab;
    const { token } = this.#context;
    const memory = this.#tab.memory();
    const wanted = this.#wants();
    this.#post({ kind: "hello", tab: this.#name, setup, token, memory, wanted });
  }

  #wants(): TabWants[] {
    const wanted = this.#context.wanted();
    const now = new Set(wanted.map(({ channel }) => channel));
    for (const channel of this.#channels.keys()) {
      if (!now.has(channel)) this.#channels.delete(channel);
    }
    return wanted.map(({ channel, keyed, position }) => {
      const known = this.#channels.get(channel) ?? { id: ++this.#lastId, isStarted: false };
      this.#channels.set(channel, known);
      return { channel, keyed, position, id: known.id };
    });
  }

  #receive(value: unknown): void {
    const message = decodeToTab(value);
    if (message === undefined || this.#ended.signal.aborted) return;
    this.#isAsked = false;
    this.#watchdog.heard(this.#state === "greeted" ? undefined : silenceMs);
    if (++this.#taken === takeTold) {
      this.#taken = 0;
      this.#post({ kind: "took", messages: takeTold });
    }
    this.#take(message);
  }

  #take(message: ToTab): void {
    switch (message.kind) {
      case "welcome":
        return this.#welcomed(message.host);
      case "started":
        return this.#started(message);
      case "published": {
        const { channel, publication } = message;
        // Of an earlier subscription, it would not fit.
        if (this.#channels.get(channel)?.isStarted) this.#context.published(channel, publication);
        return;
      }
      case "refused": {
        const { channel, id, error } = message;
        if (this.#channels.get(channel)?.id !== id) return;
        this.#channels.delete(channel);
        this.#context.refused(channel, refusal(error.code, error.message));
        return this.#up();
      }
      case "replied":
        return this.#context.replied(JSON.parse(message.line));
      case "status":
        return this.#tab.status(message.status);
      case "quality":
        return this.#tab.quality(message.quality);
      case "token":
        return void this.#giveToken(); // Never rejects.
      case "remember":
        return this.#tab.remember(message.key, message.value);
      case "down": {
        // Another one may be there already.
        const again = message.why.kind === "lost" && this.#state === "up";
        return this.#end(again ? { ...message.why, again } : message.why);
      }
      case "alive":
    }
  }

  #welcomed(host: string): void {
    if (this.#state !== "greeted") return;
    this.#state = "joined";
    this.#watchdog.heard(silenceMs);
    if (this.#isChanged) this.#post({ kind: "wanted", wanted: this.#wants() });
    this.#tab.joined();
    this.#way.lives.whenGone(host, this.#ended.signal, () => {
      this.#end({ kind: "lost", reason: "the host is gone", again: this.#state === "up" });
    });
    this.#up();
  }

  #started({ channel, id, start, missed }: Extract<ToTab, { kind: "started" }>): void {
    const subscribed = this.#channels.get(channel);
    if (subscribed?.id !== id) return;
    subscribed.isStarted = true;
    this.#context.started(channel, start);
    for (const publication of missed) this.#context.published(channel, publication);
    this.#up();
  }

  #up(): void {
    if (this.#state !== "joined" || this.#ended.signal.aborted) return;
    if ([...this.#channels.values()].some(({ isStarted }) => !isStarted)) return;
    this.#state = "up";
    this.#context.up();
  }

  async #giveToken(): Promise<void> {
    const token = await this.#tab.renew();
    if (typeof token === "string" && await sharingKey(this.#tab.setup, token) !== this.#key) {
      // It grants something else: this tab goes to others.
      return this.#end({ kind: "refused", code: expired, reason: "another token is used" });
    }
    this.#post({ kind: "token", token });
  }

  #ask(wake: boolean): void {
    this.#isAsked = true;
    this.#watchdog.heard(answerMs);
    this.#post({ kind: "ask", wake });
  }

  #silent(): void {
    if (this.#isJoined && !this.#isAsked) this.#ask(false);
    else this.#giveUp(silent.reason, false);
  }

  #giveUp(reason: string, broken: boolean): void {
    if (this.#ended.signal.aborted) return;
    if (this.#tab.way === this.#way) this.#tab.way = this.#way.givenUp(broken);
    this.#end(lost(reason));
  }

  #end(why: Down): void {
    if (this.#ended.signal.aborted) return;
    void this.close();
    this.#context.down(why);
  }
}
