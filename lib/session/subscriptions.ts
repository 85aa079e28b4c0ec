/** The channels of one WebSocket session: who may come in, and what is given back at the end. */
import type { Identity } from "../auth/identity.ts";
import { allows } from "../auth/permissions.ts";
import { intervalOf } from "./rate.ts";
import type { Keyed, Namespace } from "../channels.ts";
import type { Node } from "../node/node.ts";
import {
  type SubRefreshCommand,
  type SubscribeCommand,
  type SubscriptionType,
  subscriptionTypes,
  type TrackCommand,
} from "../protocol/commands.ts";
import { decodeFilter, type Filter } from "../protocol/filter.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { ClientInfo } from "../protocol/publication.ts";
import { reply } from "../protocol/replies.ts";
import type { Transport } from "../transport/transport.ts";
import { Attendance } from "./attendance.ts";
import { PollSubscription } from "./poll_subscription.ts";
import { Subscription } from "./subscription.ts";
import type { SubscriptionOwner } from "./subscription_options.ts";

interface StreamMember {
  readonly kind: "stream";
  readonly subscription: Subscription;
  readonly attendance: Attendance;
}

type Member =
  | StreamMember
  | { readonly kind: "shared_poll"; readonly subscription: PollSubscription };

export class Subscriptions {
  readonly #node: Node;
  readonly #transport: Transport<string>;
  readonly #all = new Map<string, Member>();
  #ended = false;

  constructor(node: Node, transport: Transport<string>) {
    this.#node = node;
    this.#transport = transport;
  }

  get channels(): readonly string[] {
    return [...this.#all.keys()];
  }

  /** Publications that are still to be sent, of all channels. */
  get lag(): number {
    let sum = 0;
    for (const member of this.#all.values()) {
      if (member.kind === "stream") sum += member.subscription.lag;
    }
    return sum;
  }

  has(channel: string): boolean {
    return this.#all.has(channel);
  }

  /**
   * Sends the reply itself, so that nothing of the channel comes before it.
   * @throws ProtocolError, TokenError; then the client is not subscribed.
   */
  async subscribe(command: SubscribeCommand, identity: Identity, info: ClientInfo): Promise<void> {
    const { channel } = command;
    const rules = this.#node.registry.rules(channel);
    const asked = this.#all.get(channel);
    if (asked?.kind === "stream" && asked.subscription.isPaging && command.phase === "state") {
      if (command.cursor !== "") return this.#sendPage(asked, command);
      // A fresh state is for those who still may have it.
      this.unsubscribe(channel);
    }
    this.#check(command);
    checkType(command, rules);
    const expiresAt = await this.#authorize(command, rules, identity);
    if (this.#ended) return;
    // Checked again: another subscribe may have come in while the token was verified.
    this.#check(command);
    if (rules.sharedPoll !== undefined) return this.#poll(command, rules, expiresAt);
    const member: StreamMember = {
      kind: "stream",
      subscription: this.#create(command, rules, expiresAt),
      attendance: new Attendance(this.#node, channel, rules, info),
    };
    this.#all.set(channel, member);
    try {
      const stream = await this.#node.hub.open(channel, rules);
      if (this.#all.get(channel) !== member) return this.#node.hub.release(stream);
      member.subscription.hold(stream);
      if (command.phase === "state") return await this.#sendPage(member, command);
      await member.subscription.start((result) => reply(command.id, "subscribe", result));
    } catch (error) {
      if (this.#all.get(channel) === member) this.unsubscribe(channel);
      throw error;
    }
    await this.#enter(member);
  }

  /**
   * Sends the reply itself, so that no value comes before it.
   * @throws ProtocolError; then the subscription is as before.
   */
  async track(command: TrackCommand, { user }: Identity): Promise<void> {
    const member = this.#all.get(command.channel);
    if (member === undefined) throw new ProtocolError("permissionDenied", "not subscribed");
    if (member.kind !== "shared_poll") {
      throw new ProtocolError("notAvailable", "not a shared poll subscription");
    }
    await member.subscription.track(
      command,
      user,
      (result) => reply(command.id, "sub_refresh", result),
    );
  }

  async #sendPage(member: StreamMember, { id, cursor, limit }: SubscribeCommand): Promise<void> {
    const { subscription } = member;
    const isOurs = () => this.#all.get(subscription.channel) === member;
    const makeReply = (result: string) => reply(id, "subscribe", result);
    await this.#node.hub.turns.take(() =>
      isOurs() ? subscription.sendPage(makeReply, cursor, limit) : 0
    );
    if (!isOurs()) return;
    if (!subscription.isPaging) await this.#enter(member);
  }

  /** After the reply, so that the newcomer, too, sees itself come. */
  async #enter(member: StreamMember): Promise<void> {
    if (this.#all.get(member.subscription.channel) === member) await member.attendance.enter();
  }

  /** Nothing happens when it is not subscribed. */
  unsubscribe(channel: string): void {
    const member = this.#all.get(channel);
    if (member === undefined) return;
    this.#all.delete(channel);
    if (member.kind === "shared_poll") return member.subscription.end();
    member.attendance.exit();
    const stream = member.subscription.end();
    if (stream !== undefined) this.#node.hub.release(stream);
  }

  /**
   * Takes a new token for a subscription, and returns its expiry in Unix seconds, null for none.
   * @throws ProtocolError, TokenError; then the subscription is as before.
   */
  async refresh(
    { channel, token }: SubRefreshCommand,
    { user }: Identity,
  ): Promise<number | null> {
    const member = this.#all.get(channel);
    if (member === undefined) throw new ProtocolError("permissionDenied");
    const expiresAt = await this.#node.tokens?.subscription(token, channel, user) ?? null;
    // It may have ended while the token was verified.
    if (this.#all.get(channel) !== member) throw new ProtocolError("permissionDenied");
    member.subscription.renew(expiresAt);
    return expiresAt;
  }

  /** Ends those whose token is over. */
  expire(): void {
    for (const { subscription } of this.#all.values()) subscription.expire();
  }

  /** The session is over. */
  end(): void {
    this.#ended = true;
    for (const channel of [...this.#all.keys()]) this.unsubscribe(channel);
  }

  #owner(): SubscriptionOwner {
    return {
      transport: this.#transport,
      lost: (channel) => this.unsubscribe(channel),
      onError: this.#node.onError,
    };
  }

  #poll(command: SubscribeCommand, rules: Namespace, expiresAt: number | null): void {
    const { channel, id } = command;
    const { sharedPoll, name } = rules;
    if (sharedPoll === undefined) throw new Error(`namespace "${name}" is none of shared polls`);
    readFilter(command, rules);
    const subscription = new PollSubscription(channel, this.#owner(), {
      polls: this.#node.sharedPolls.open(channel, sharedPoll),
      signatures: sharedPoll.signatures,
      expiresAt,
    });
    this.#all.set(channel, { kind: "shared_poll", subscription });
    subscription.start((result) => reply(id, "subscribe", result));
  }

  #create(
    command: SubscribeCommand,
    rules: Namespace,
    expiresAt: number | null,
  ): Subscription {
    const { keyed } = rules;
    return new Subscription(command.channel, this.#owner(), {
      recover: rules.recover || keyed !== null ? command.recover : null,
      recoverable: rules.recover,
      // A map's client has to read its state anew.
      strictRecovery: command.strictRecovery || keyed !== null,
      filter: readFilter(command, rules),
      map: keyed && { debounceMs: keyed.debounceMs, everyMs: readRate(command, keyed) },
      numericId: command.numericId,
      joinLeave: command.joinLeave && rules.joinLeave,
      expiresAt,
    });
  }

  #check(command: SubscribeCommand): void {
    if (command.delta !== "" && command.delta !== "fossil") {
      throw new ProtocolError("badRequest", 'delta is not "fossil"');
    }
    if (this.#all.has(command.channel)) throw new ProtocolError("alreadySubscribed");
    const max = this.#node.limits.subscriptions;
    if (this.#all.size >= max) {
      throw new ProtocolError("limitExceeded", `at most ${max} subscriptions`);
    }
  }

  /**
   * A subscription token opens any namespace that is open to anybody at all. Returns until when, in
   * Unix seconds, or null.
   */
  async #authorize(
    command: SubscribeCommand,
    rules: Namespace,
    identity: Identity,
  ): Promise<number | null> {
    const right = rules.allow.subscribe;
    if (command.token !== "" && this.#node.tokens !== null) {
      const { token, channel } = command;
      const expiresAt = await this.#node.tokens.subscription(token, channel, identity.user);
      if (right !== "nobody") return expiresAt;
    }
    const standing = { identity, subscribed: false, token: false };
    if (!allows(right, standing)) throw new ProtocolError("permissionDenied");
    return null;
  }
}

/** @throws ProtocolError for a subscription that is not the namespace's. */
function checkType(command: SubscribeCommand, { keyed, sharedPoll }: Namespace): void {
  const { type, phase, cursor, recover } = command;
  if (type === "shared_poll") {
    if (sharedPoll !== undefined) return;
    throw new ProtocolError("notAvailable", "no shared poll in this namespace");
  }
  if (sharedPoll !== undefined) {
    const refusal = type === "stream" ? "badRequest" : "permissionDenied";
    throw new ProtocolError(refusal, "a subscription here is of type 4, shared poll");
  }
  const kind: SubscriptionType = keyed?.kind ?? "stream";
  if (type !== kind) {
    const number = subscriptionTypes.indexOf(kind);
    throw new ProtocolError(
      "permissionDenied",
      `a subscription here is of type ${number}, ${kind}`,
    );
  }
  if (keyed === null) return;
  if (recover !== null && phase !== "state") {
    if (recover.epoch === "") throw new ProtocolError("unrecoverablePosition");
    return;
  }
  if (phase === "live") throw new ProtocolError("unrecoverablePosition", "there is no position");
  if (phase === "stream" || cursor !== "") {
    throw new ProtocolError("permissionDenied", "the first page of state comes first");
  }
}

/** @throws ProtocolError 107, 108 */
function readFilter({ filter }: SubscribeCommand, rules: Namespace): Filter | null {
  if (filter === null) return null;
  if (!rules.filter) throw new ProtocolError("notAvailable", "no filters in this namespace");
  return decodeFilter(filter);
}

/** Milliseconds between updates; 0: every one. @throws ProtocolError 107, 108 */
function readRate({ data }: SubscribeCommand, { maxRate }: Keyed): number {
  const rate = typeof data === "object" && data !== null && "maxRate" in data ? data.maxRate : null;
  if (rate === null) return 0;
  if (!maxRate) throw new ProtocolError("notAvailable", "no maxRate in this namespace");
  return intervalOf(rate);
}
