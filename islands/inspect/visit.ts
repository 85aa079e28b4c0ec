/// <reference lib="dom" />
/** One visit of the inspector: its token, its looks at the server, and the channel it follows. */
import { effect } from "@preact/signals";
import type { ChannelFacts } from "../../lib/inspect/channel_facts.ts";
import type { Overview } from "../../lib/inspect/overview.ts";
import { followTokens, forgetToken } from "../token.ts";
import { type Inspect, overviewQuery } from "./inspect.ts";
import { Poller } from "./poller.ts";
import { type Failed, type Outcome, request } from "./requests.ts";
import { followTail } from "./follow_tail.ts";

const everyMs = 2_000;
const typingMs = 250;
/** With every so many looks the chosen channel is looked at, too: its history is read for that. */
const channelEvery = 5;
/** The protocol's code. */
const unknownChannel = 102;

/** What the components may ask for; without a token nothing happens. */
export class InspectVisit {
  readonly #inspect: Inspect;
  #token: string | null = null;
  #end = () => {};
  #endTail = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looks = 0;

  constructor(inspect: Inspect) {
    this.#inspect = inspect;
  }

  /** @param own the token that the server gave; null: the viewer brings one. */
  begin(own: string | null): void {
    this.#inspect.page.timeZone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (own !== null) return this.#enter(own);
    followTokens((token) => this.#enter(token));
  }

  /** Shows a channel: what it is, and what is published from now on. */
  async choose(channel: string): Promise<void> {
    const token = this.#token;
    const { chosen, tail } = this.#inspect;
    if (token === null || channel === "") return;
    this.#endTail();
    this.#endTail = () => {};
    tail.clear();
    chosen.value = { name: "loading", channel };
    const outcome = await this.#ask<ChannelFacts>(token, factsOf(channel));
    if (chosen.value.name !== "loading" || chosen.value.channel !== channel) return;
    if (outcome.kind === "failed") {
      chosen.value = { name: "refused", channel, detail: this.#whyNot(channel, outcome) };
      return;
    }
    chosen.value = { name: "known", channel, facts: outcome.body };
    if (outcome.body.kind === "shared_poll") return;
    this.#endTail = followTail(tail, channel, token);
  }

  /** @returns what became of it, in the reader's language. */
  async publish(publication: object): Promise<{ readonly done: boolean; readonly said: string }> {
    const { texts, page } = this.#inspect;
    const outcome = await this.#ask<{ readonly position: { readonly offset: number } | null }>(
      this.#token ?? "",
      "publish",
      publication,
    );
    if (outcome.kind === "failed") return { done: false, said: this.#reason(outcome) };
    void this.#lookAtChannel(this.#token ?? "");
    const { position } = outcome.body;
    const offset = position && page.format.number(position.offset);
    return { done: true, said: offset === null ? texts.published : texts.publishedAt(offset) };
  }

  /** @returns what became of it, in the reader's language. */
  async disconnect(whom: { readonly client: string } | { readonly user: string }): Promise<string> {
    const { texts } = this.#inspect;
    const token = this.#token ?? "";
    const outcome = await this.#ask<{ readonly ended: number }>(token, "disconnect", whom);
    if (outcome.kind === "failed") return this.#reason(outcome);
    return texts.ended(outcome.body.ended);
  }

  #enter(token: string): void {
    this.#end();
    const inspect = this.#inspect;
    this.#token = token;
    inspect.lacksRole.value = false;
    inspect.page.access.value = "granted";
    const poller = new Poller(() => this.#look(token), everyMs);
    let wanted: string | undefined;
    const unfollow = effect(() => {
      const query = overviewQuery(inspect);
      // The first one is asked for already.
      if (wanted !== undefined) this.#soon(() => poller.now());
      wanted = query;
    });
    this.#end = () => {
      poller.end();
      unfollow();
      clearTimeout(this.#timer);
      this.#endTail();
    };
    const { value: chosen } = inspect.chosen;
    if (chosen.name !== "none") void this.choose(chosen.channel);
  }

  /** Who types a filter asks once. */
  #soon(job: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(job, typingMs);
  }

  async #look(token: string): Promise<void> {
    const inspect = this.#inspect;
    const outcome = await this.#ask<Overview>(token, `overview?${overviewQuery(inspect)}`);
    if (this.#token !== token) return;
    if (outcome.kind === "done") inspect.overview.value = outcome.body;
    inspect.trouble.value = outcome.kind === "done" ? null : this.#reason(outcome);
    if (++this.#looks % channelEvery === 0) await this.#lookAtChannel(token);
  }

  /** What is known of the chosen channel becomes what is so now. */
  async #lookAtChannel(token: string): Promise<void> {
    const { chosen } = this.#inspect;
    const before = chosen.value;
    if (before.name !== "known") return;
    const outcome = await this.#ask<ChannelFacts>(token, factsOf(before.channel));
    if (outcome.kind === "failed" || chosen.value !== before) return;
    chosen.value = { ...before, facts: outcome.body };
  }

  async #ask<Body>(token: string, path: string, body?: object): Promise<Outcome<Body>> {
    const outcome = await request<Body>(token, path, body);
    if (outcome.kind === "failed" && (outcome.status === 401 || outcome.status === 403)) {
      if (this.#token === token) this.#refuse(outcome.status === 403);
    }
    return outcome;
  }

  #refuse(lacksRole: boolean): void {
    this.#end();
    this.#end = () => {};
    this.#token = null;
    forgetToken();
    const { page, overview, chosen, session } = this.#inspect;
    this.#inspect.lacksRole.value = lacksRole;
    page.access.value = "refused";
    overview.value = null;
    chosen.value = { name: "none" };
    session.value = null;
  }

  #whyNot(channel: string, failed: Failed): string {
    if (failed.code !== unknownChannel) return this.#reason(failed);
    const { texts } = this.#inspect;
    const [namespace = "", ...rest] = channel.split(":");
    return rest.length === 0 ? texts.noNamespace(channel) : texts.unknownNamespace(namespace);
  }

  #reason({ status, detail }: Failed): string {
    return status === 0 ? this.#inspect.texts.noAnswer : detail;
  }
}

function factsOf(channel: string): string {
  return `channel?channel=${encodeURIComponent(channel)}`;
}
