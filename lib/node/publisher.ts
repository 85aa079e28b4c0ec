/** Publishing by the rules: the namespace's type and limits are checked, then the broker has it. */
import type { Broker, KeyCondition, Published, PublishOptions } from "../broker/broker.ts";
import type { ChannelRegistry, Namespace } from "../channels.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { ClientInfo, Draft, Tags } from "../protocol/publication.ts";
import { isLonger } from "../protocol/utf8.ts";
import { requireKeyed } from "./state.ts";

/** Bytes of UTF-8 that a publication's `data` may have as JSON text. */
export const maxDataBytes = 64 * 1024;
/** How long an idempotency key is remembered unless said otherwise. */
export const idempotencyTtlMs = 5 * 60_000;
/** UTF-16 units an idempotency key may have. */
export const maxIdempotencyKeyLength = 128;

interface Once {
  /** "" or absent: none. */
  readonly idempotencyKey?: string | undefined;
  /** The user whose key it is: one client's keys are none of another's, nor the back end's. */
  readonly idempotencyOwner?: string;
  readonly idempotencyTtlMs?: number;
}

export interface Publishing extends Once {
  readonly info?: ClientInfo;
  readonly tags?: Tags;
  /** Send it without keeping it, and without a position. */
  readonly skipHistory?: boolean;
}

export interface KeyPublishing extends Once {
  readonly info?: ClientInfo;
  readonly tags?: Tags;
  /** The entry's place where the namespace orders by score. */
  readonly score?: number;
  readonly condition?: KeyCondition;
}

export interface KeyRemoval extends Once {
  readonly info?: ClientInfo;
  readonly condition?: KeyCondition;
}

export class Publisher {
  readonly #registry: ChannelRegistry;
  readonly #broker: Broker;
  readonly #count: () => void;

  /** @param count called for each new publication. */
  constructor(registry: ChannelRegistry, broker: Broker, count: () => void = () => {}) {
    this.#registry = registry;
    this.#broker = broker;
    this.#count = count;
  }

  /**
   * @param data a JSON value.
   * @throws ProtocolError 102, 106 (too large), 107 (not of the channel's type, or a state
   * channel), 111.
   */
  async publish(channel: string, data: unknown, options: Publishing = {}): Promise<Published> {
    const rules = this.#registry.rules(channel);
    return await this.publishText(rules, channel, textOf(data), data, options);
  }

  /** The same with the rules looked up and the JSON text at hand. */
  async publishText(
    rules: Namespace,
    channel: string,
    text: string,
    data: unknown,
    options: Publishing = {},
  ): Promise<Published> {
    if (rules.keyed !== null) {
      throw new ProtocolError("badRequest", "a state channel needs a key: use map_publish");
    }
    if (rules.sharedPoll !== undefined) {
      throw new ProtocolError("badRequest", "what is polled takes shared_poll_publish alone");
    }
    checkSize(text);
    checkType(rules, data);
    const retention = options.skipHistory ? null : rules.history;
    return await this.#send(channel, { data: text, ...said(options) }, { retention }, options);
  }

  /**
   * Makes `data` the latest of a state channel's key.
   * @param data a JSON value.
   * @throws ProtocolError as `publish` does; 107 for a bad key, a plain channel, or one that the
   * server alone writes; 106 when the channel is full.
   */
  async publishKey(
    channel: string,
    key: string,
    data: unknown,
    options: KeyPublishing = {},
  ): Promise<Published> {
    const rules = this.#registry.rules(channel);
    requireWritable(rules);
    return await this.publishKeyText(rules, channel, key, textOf(data), data, options);
  }

  /** The same with the rules looked up and the JSON text at hand; for presence as well. */
  async publishKeyText(
    rules: Namespace,
    channel: string,
    key: string,
    text: string,
    data: unknown,
    options: KeyPublishing = {},
  ): Promise<Published> {
    refuseControls(key);
    checkSize(text);
    checkType(rules, data);
    const { score } = options;
    const draft = { data: text, key, ...said(options), ...(score !== undefined && { score }) };
    return await this.#send(channel, draft, keyOptions(rules, options), options);
  }

  /** Ends a key. One that is not there is suppressed as `key_not_found`. @throws as `publishKey` */
  async removeKey(channel: string, key: string, options: KeyRemoval = {}): Promise<Published> {
    const rules = this.#registry.rules(channel);
    requireWritable(rules);
    return await this.removeKeyOf(rules, channel, key, options);
  }

  /** The same with the rules looked up; for presence as well. */
  async removeKeyOf(
    rules: Namespace,
    channel: string,
    key: string,
    options: KeyRemoval = {},
  ): Promise<Published> {
    refuseControls(key);
    const draft: Draft = { data: "null", key, removed: true, ...said(options) };
    return await this.#send(channel, draft, keyOptions(rules, options), options);
  }

  async #send(
    channel: string,
    draft: Draft,
    options: PublishOptions,
    once: Once,
  ): Promise<Published> {
    const published = await this.#broker.publish(channel, draft, { ...options, ...onceOf(once) });
    if (published.suppressed === null) this.#count();
    return published;
  }
}

/** @throws ProtocolError 107 unless back ends may write the namespace's keys. */
export function requireWritable(rules: Namespace): void {
  const { kind } = requireKeyed(rules).keyed;
  if (kind === "map") return;
  throw new ProtocolError("badRequest", `the server alone says which ${kind} are present`);
}

function keyOptions(
  rules: Namespace,
  { condition }: { readonly condition?: KeyCondition },
): PublishOptions {
  return { ...requireKeyed(rules), ...(condition && { condition }) };
}

/** The broker refuses what else is no key. Controls would hide in logs and on screens. */
function refuseControls(key: string): void {
  if (/\p{Cc}/u.test(key)) throw new ProtocolError("badRequest", "key has control characters");
}

function said({ info, tags }: { readonly info?: ClientInfo; readonly tags?: Tags }) {
  return { ...(info && { info }), ...(tags && { tags }) };
}

/** @throws ProtocolError 107 */
function onceOf(once: Once): Pick<PublishOptions, "idempotency"> {
  const key = once.idempotencyKey ?? "";
  if (key === "") return {};
  if (key.length > maxIdempotencyKeyLength) {
    throw new ProtocolError(
      "badRequest",
      `idempotency key is longer than ${maxIdempotencyKeyLength}`,
    );
  }
  return {
    idempotency: {
      key: ownKey(key, once.idempotencyOwner),
      ttlMs: once.idempotencyTtlMs ?? idempotencyTtlMs,
    },
  };
}

function ownKey(key: string, owner: string | undefined): string {
  return owner === undefined ? `api ${key}` : `user ${owner.length} ${owner} ${key}`;
}

function textOf(data: unknown): string {
  const text = JSON.stringify(data);
  if (text === undefined) throw new ProtocolError("badRequest", "data is missing");
  return text;
}

function checkSize(text: string): void {
  if (!isLonger(text, maxDataBytes)) return;
  throw new ProtocolError("limitExceeded", `data is larger than ${maxDataBytes} bytes`);
}

function checkType(rules: Namespace, data: unknown): void {
  const checked = rules.data?.safeParse(data);
  if (checked === undefined || checked.success) return;
  const [issue] = checked.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : `.${issue.path.join(".")}`;
  throw new ProtocolError("badRequest", `data${where}: ${issue?.message ?? "of another type"}`);
}
