/**
 * The channels of the sources: `bridge:<name>` or, for a url with parameters,
 * `bridge:<name>:<values joined by :>`. Beside each stands `sources:…` of the same rest, which tells
 * how the polling goes.
 */
import { keyedDefaults, maxChannelBytes, type Namespace, namespaceOf } from "../channels.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { isLonger } from "../protocol/utf8.ts";
import type { Source } from "./source.ts";
import { statusTtlMs } from "./status.ts";

const bridgeName = "bridge";
const statusName = "sources";

/** A channel of a source. */
export interface Resolved {
  readonly source: Source;
  readonly kind: "items" | "status";
  readonly url: string;
  /** Of the items. */
  readonly channel: string;
  readonly statusChannel: string;
}

interface Known {
  readonly source: Source;
  readonly items: Namespace;
  readonly status: Namespace;
}

export class Sources {
  readonly #known: ReadonlyMap<string, Known>;

  constructor(sources: readonly Source[]) {
    this.#known = new Map(sources.map((source) => [source.name, {
      source,
      items: rulesOf(bridgeName, source, source.maxKeys, null),
      status: rulesOf(statusName, source, 1, statusTtlMs(source.everyMs)),
    }]));
  }

  /** Channels that are to be held open although nobody listens. */
  get always(): readonly string[] {
    return [...this.#known.values()].filter(({ source }) => source.always)
      .map(({ source }) => `${bridgeName}:${source.name}`);
  }

  /** Whether the channel's namespace is one of the bridge's two. */
  has(channel: string): boolean {
    const namespace = namespaceOf(channel);
    return namespace === bridgeName || namespace === statusName;
  }

  /** @throws ProtocolError 102 for an unknown source, 107 for parameters it does not take. */
  resolve(channel: string): Resolved {
    const [namespace, name = "", ...values] = channel.split(":");
    const known = this.#known.get(name);
    if (known === undefined || !this.has(channel)) throw new ProtocolError("unknownChannel");
    const { source } = known;
    const rest = channel.slice(channel.indexOf(":") + 1);
    const statusChannel = `${statusName}:${rest}`;
    checkValues(source, values);
    if (isLonger(statusChannel, maxChannelBytes)) {
      throw new ProtocolError("badRequest", "the parameters are too long");
    }
    const url = source.url.expand(values);
    if (url === undefined) {
      throw new ProtocolError("badRequest", "the parameters lead to another path");
    }
    return {
      source,
      kind: namespace === bridgeName ? "items" : "status",
      url,
      channel: `${bridgeName}:${rest}`,
      statusChannel,
    };
  }

  /** The rules of one channel. @throws as `resolve` does. */
  rules(channel: string): Namespace {
    const { source, kind } = this.resolve(channel);
    const known = this.#known.get(source.name);
    if (known === undefined) throw new ProtocolError("unknownChannel");
    return known[kind];
  }
}

/** For the registry: channels of items, and those of their status. */
export function bridgeNamespaces(sources: Sources): readonly Namespace[] {
  return [bridgeName, statusName].map((name) => ({
    ...closed(name, 1, null),
    within: (channel: string) => sources.rules(channel),
  }));
}

const defaultPattern = /^[A-Za-z0-9_-]{1,64}$/;

function checkValues({ name, url, params }: Source, values: readonly string[]): void {
  if (values.length !== url.params.length) {
    const form = [name, ...url.params.map((param) => `{${param}}`)].join(":");
    throw new ProtocolError(
      "badRequest",
      `the channel is ${bridgeName}:${form}; this has ${values.length} parameters`,
    );
  }
  for (const [i, param] of url.params.entries()) {
    const pattern = Object.hasOwn(params, param) ? params[param] : undefined;
    if ((pattern ?? defaultPattern).test(values[i] ?? "")) continue;
    const allowed = pattern?.source ?? defaultPattern.source;
    throw new ProtocolError("badRequest", `parameter ${param} does not match ${allowed}`);
  }
}

function rulesOf(
  name: string,
  { subscribe }: Source,
  maxKeys: number,
  ttlMs: number | null,
): Namespace {
  const rules = closed(name, maxKeys, ttlMs);
  return { ...rules, allow: { ...rules.allow, subscribe } };
}

function closed(name: string, maxKeys: number, ttlMs: number | null): Namespace {
  return {
    name,
    history: { size: 1_000, ttlMs: 10 * 60_000 },
    recover: true,
    presence: false,
    joinLeave: false,
    keyed: { ...keyedDefaults, maxKeys, ttlMs },
    presenceIn: null,
    filter: false,
    allow: { subscribe: "nobody", publish: "nobody", presence: "nobody", history: "nobody" },
  };
}
