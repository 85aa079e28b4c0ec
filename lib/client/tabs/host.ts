/**
 * Has the one connection, and is for the tabs what the server is for a client: it tells them where
 * their channels start, gives them what they missed, and answers their calls.
 */
import type { ChannelTypes, ConnectOptions } from "../api.ts";
import { knownMs } from "../calls.ts";
import { RunningClient } from "../client.ts";
import type { Openers } from "../connections.ts";
import { type Command, lost, type Reply, type WireError } from "../link.ts";
import { HostTab } from "./host_tab.ts";
import type { Lives } from "./lives.ts";
import { decodeToHost, type Setup, type TabWants, type ToHost, type ToTab } from "./protocol.ts";
import type { Source } from "./source.ts";
import { StateSource } from "./state_source.ts";
import { StreamSource } from "./stream_source.ts";

/** Without an answer, of one tab and of all. The others wait in their tabs. */
const maxCalls = { tab: 200, all: 900 };
const tryAgain: WireError = { code: 111, message: "too many calls", temporary: true };
const tokenMs = 10_000;

type Hello = Extract<ToHost, { kind: "hello" }>;

/** What tabs that come and go are connected to; its client lives as long as there are tabs. */
export class Host {
  readonly #openers: Openers;
  readonly #lives: Lives;
  readonly #name = `nhip host ${crypto.randomUUID()}`;
  readonly #ended = new AbortController();
  readonly #held: Promise<void>;
  /** Who is asked for a token first is the last. */
  #tabs = new Set<HostTab>();
  readonly #sources = new Map<string, Source>();
  #client: RunningClient<ChannelTypes> | undefined;
  #setup: Setup = { url: "", options: {} };
  #token = "";
  /** Whether the token has not been used yet. */
  #isFresh = false;
  #memory: string | null = null;
  #calls = 0;
  #isClosed = false;
  /** Clients that were left and may still be closing. */
  #left: Promise<unknown> = Promise.resolve();

  constructor(openers: Openers, lives: Lives) {
    this.#openers = openers;
    this.#lives = lives;
    this.#held = lives.hold(this.#name, this.#ended.signal);
    this.#held.catch(() => {}); // Who says hello is told.
  }

  /** @param post reaches a tab. @param gone nothing more comes. @returns what takes its messages. */
  attach(post: (message: ToTab) => void, gone: () => void): (message: unknown) => void {
    let tab: HostTab | undefined;
    return (message) => {
      const decoded = decodeToHost(message);
      if (decoded === undefined || tab?.ended.signal.aborted) return;
      if (tab !== undefined) this.#take(tab, decoded);
      else if (decoded.kind === "hello" && !this.#isClosed) {
        const own = tab = new HostTab(post, { gone: () => (this.#leave(own), gone()) });
        void this.#welcome(own, decoded);
      } else if (decoded.kind !== "bye") post({ kind: "down", why: lost("unknown to the host") });
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const tab of [...this.#tabs]) tab.end("the host has ended");
    // What is left open still shows that it lives.
    await this.#left;
    this.#ended.abort();
  }

  /** Never rejects. */
  async #welcome(tab: HostTab, { tab: name, setup, token, memory, wanted }: Hello): Promise<void> {
    try {
      await this.#held;
    } catch (error) {
      return tab.end(String(error));
    }
    const { signal } = tab.ended;
    if (signal.aborted || this.#isClosed) return tab.end("the host has ended");
    this.#lives.whenGone(name, signal, () => tab.end());
    this.#tabs.add(tab);
    this.#token = token;
    this.#isFresh = true;
    this.#memory ??= memory;
    this.#setup = setup;
    const client = this.#client ??= this.#open();
    tab.post({ kind: "welcome", host: this.#name });
    tab.post({ kind: "status", status: client.status.value });
    tab.post({ kind: "quality", quality: client.quality.value });
    this.#want(tab, wanted);
  }

  #open(): RunningClient<ChannelTypes> {
    const client = new RunningClient(new URL(this.#setup.url), {
      ...this.#setup.options,
      token: () => this.#nextToken(),
      memory: {
        getItem: () => this.#memory,
        setItem: (key, value) => {
          this.#memory = value;
          this.#tell({ kind: "remember", key, value });
        },
      },
    }, this.#openers);
    client.status.subscribe((status) => {
      if (this.#client !== client) return;
      if (status.name !== "closed") return this.#tell({ kind: "status", status });
      this.#tell({ kind: "down", why: { ...status, kind: "refused" } });
      for (const tab of [...this.#tabs]) tab.end();
    });
    client.quality.subscribe((quality) => this.#tell({ kind: "quality", quality }));
    return client;
  }

  /** For a moment, to fetch what a tab has missed. */
  #openOther(): RunningClient<ChannelTypes> {
    const options: ConnectOptions = {
      ...this.#setup.options,
      transports: ["long_poll"],
      token: this.#token,
      memory: null,
    };
    return new RunningClient(new URL(this.#setup.url), options, this.#openers);
  }

  /** The one that a tab came with, then new ones that the tabs are asked for, one by one. */
  async #nextToken(): Promise<string> {
    if (this.#isFresh) {
      this.#isFresh = false;
      return this.#token;
    }
    let mayCome = false;
    for (const tab of [...this.#tabs].reverse()) {
      if (!this.#tabs.has(tab)) continue;
      const timer = setTimeout(() => tab.gaveToken(undefined), tokenMs);
      const token = await tab.askToken();
      clearTimeout(timer);
      if (typeof token === "string") return this.#token = token;
      if (token === undefined) {
        mayCome = true;
        // It may sleep: the others are asked first the next time.
        if (this.#tabs.has(tab)) this.#tabs = new Set([tab, ...this.#tabs]);
      }
    }
    if (mayCome) throw new Error("no tab has given a token");
    // The server refuses it for good.
    return this.#token;
  }

  #tell(message: ToTab): void {
    for (const tab of [...this.#tabs]) tab.post(message);
  }

  #take(tab: HostTab, message: ToHost): void {
    if (message.kind === "bye") return tab.end();
    // Not welcomed yet, it cannot want anything.
    if (!this.#tabs.has(tab)) return;
    switch (message.kind) {
      case "wanted":
        return this.#want(tab, message.wanted);
      case "calls":
        for (const line of message.lines.split("\n")) void this.#call(tab, line);
        return;
      case "took":
        return tab.took(message.messages);
      case "ask":
        if (message.wake) this.#client?.wake();
        return tab.post({ kind: "alive" });
      case "token":
        return tab.gaveToken(message.token);
    }
  }

  /** Makes the tab's subscriptions those that are wanted. */
  #want(tab: HostTab, wanted: readonly TabWants[]): void {
    const now = new Map(wanted.map((one) => [one.channel, one]));
    // A channel that another one takes over is not given up first.
    const emptied: Source[] = [];
    for (const [channel, { id, source }] of tab.subscriptions) {
      if (now.get(channel)?.id === id) continue;
      tab.subscriptions.delete(channel);
      source.leave(tab);
      emptied.push(source);
    }
    for (const { channel, keyed, position, id } of now.values()) {
      if (tab.subscriptions.has(channel)) continue;
      const source = this.#source(channel, keyed, position);
      if (source === undefined || source.keyed !== keyed) {
        const error = { code: 107, message: "another tab has it as a channel of the other kind" };
        tab.post({ kind: "refused", channel, id, error });
        continue;
      }
      tab.subscriptions.set(channel, { id, source });
      source.join({ tab, id, position, started: false });
    }
    for (const source of emptied) this.#giveUp(source);
  }

  #source(channel: string, keyed: boolean, since: TabWants["position"]): Source | undefined {
    const known = this.#sources.get(channel);
    const client = this.#client;
    if (known !== undefined || client === undefined) return known;
    const onRefused = (error: WireError) => {
      // If it is all of the connection, the tabs are told that.
      if (client.status.value.name === "closed") return;
      const refused = this.#sources.get(channel);
      this.#sources.delete(channel);
      refused?.refuse(error);
    };
    const source = keyed
      ? new StateSource(channel, { client, onRefused })
      : new StreamSource(channel, { client, since, onRefused, openOther: () => this.#openOther() });
    this.#sources.set(channel, source);
    return source;
  }

  #giveUp(source: Source): void {
    if (source.members.size > 0 || this.#sources.get(source.channel) !== source) return;
    this.#sources.delete(source.channel);
    source.close();
  }

  #leave(tab: HostTab): void {
    this.#tabs.delete(tab);
    this.#want(tab, []);
    if (this.#tabs.size > 0) return;
    const client = this.#client;
    this.#client = undefined;
    this.#left = Promise.allSettled([this.#left, client?.close()]);
  }

  /** Never rejects. */
  async #call(tab: HostTab, line: string): Promise<void> {
    let id = 0;
    const answer = (reply: object) => {
      tab.post({ kind: "replied", line: JSON.stringify({ id, ...reply } satisfies Reply) });
    };
    try {
      const { id: given, ...command }: Command & { readonly id: number } = JSON.parse(line);
      id = given;
      const client = this.#client;
      const isFull = tab.calls >= maxCalls.tab || this.#calls >= maxCalls.all;
      if (client === undefined || isFull) return answer({ error: tryAgain });
      const [method = ""] = Object.keys(command);
      tab.calls++;
      this.#calls++;
      try {
        answer({
          [method]: await client.call(command, { repeatsMs: method === "rpc" ? 0 : knownMs }),
        });
      } finally {
        tab.calls--;
        this.#calls--;
      }
    } catch (error) {
      const { code = 0, message } = error as { readonly code?: number; readonly message: string };
      answer({ error: { code, message } });
    }
  }
}
