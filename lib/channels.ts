/**
 * The typed registry of channels: a namespace (the part of a channel's name before its first `:`)
 * gives the type of the data, how much of it is kept and who may do what.
 */
import { z } from "zod";
import { compareItem } from "./compare/item.ts";
import { alert } from "./store/alerts_shape.ts";
import { limits as shop } from "./store/context.ts";
import {
  chatMessage,
  chatSign,
  orderSummary,
  quarterFigures,
  readMark,
  stockItem,
  vehiclePosition,
} from "./store/events.ts";
import { ProtocolError } from "./protocol/errors.ts";
import { isLonger } from "./protocol/utf8.ts";
import type { SharedPollRules } from "./shared_poll/rules.ts";

/**
 * Who has a right: `anyone` (no token needed), `user` (any valid connection token), `token` (a
 * subscription token for the channel), `subscriber` (who is subscribed; over stateless HTTP, who
 * may subscribe), `nobody`.
 */
export type Right = "anyone" | "user" | "token" | "subscriber" | "nobody";

export interface Rights {
  readonly subscribe: Right;
  readonly publish: Right;
  readonly presence: Right;
  readonly history: Right;
}

/** How much of a channel's stream is kept: at most `size` publications, none older than `ttlMs`. */
export interface Retention {
  readonly size: number;
  readonly ttlMs: number;
}

/**
 * A state channel holds the latest publication of each key. A subscriber gets a snapshot, then what
 * changes. Needs history: snapshot and stream are one.
 */
export interface Keyed {
  /** `clients` and `users` are filled by the server: who is subscribed elsewhere (`presenceIn`). */
  readonly kind: "map" | "clients" | "users";
  /** A key not published again within this time is removed; null: it stays. */
  readonly ttlMs: number | null;
  /** At most so many keys in one channel. */
  readonly maxKeys: number;
  /** What snapshots are sorted by, ascending; those of equal score by key. */
  readonly order: "key" | "score";
  /** A client gathers what it publishes to one key for so long; 0: it does not. */
  readonly debounceMs: number;
  /** Whether a subscriber may ask for fewer updates a second. */
  readonly maxRate: boolean;
  /** What a client's writes go to: the key it says, or always its connection's or its user's id. */
  readonly clientKey: "any" | "client" | "user";
  /** The key that is a client's id goes when the client unsubscribes. */
  readonly removeOnUnsubscribe: boolean;
}

export const keyedDefaults: Keyed = {
  kind: "map",
  ttlMs: null,
  maxKeys: 10_000,
  order: "key",
  debounceMs: 0,
  maxRate: true,
  clientKey: "any",
  removeOnUnsubscribe: false,
};

/** UTF-16 units of all entries' bodies of one state channel. */
export const maxStateLength = 32 * 1024 * 1024;

export interface Namespace<Data = unknown> {
  /** Without the colon; `""` rules channels that have none. */
  readonly name: string;
  /** null: publications are not kept and have no positions (at most once, lowest latency). */
  readonly history: Retention | null;
  /** Whether clients may recover what they missed; needs history. */
  readonly recover: boolean;
  readonly presence: boolean;
  /** Whether subscribers are told who comes and goes; needs presence. */
  readonly joinLeave: boolean;
  /** null: a plain stream. */
  readonly keyed: Keyed | null;
  /**
   * Clients follow keys of these channels, and a back end is asked for them; nothing is published
   * or kept here. Absent: it is not so. Goes with neither history nor `keyed`.
   */
  readonly sharedPoll?: SharedPollRules;
  /**
   * State channels that show who is subscribed here: the channel's name behind a prefix that names
   * a namespace keyed by `clients` or `users`, or any keys that clients do not publish.
   */
  readonly presenceIn: { readonly clients?: string; readonly users?: string } | null;
  /** Whether subscribers may have publications filtered by their tags. */
  readonly filter: boolean;
  readonly allow: Rights;
  /** The type of `data`; without one any JSON will do. */
  readonly data?: z.ZodType<Data>;
  /**
   * Where a namespace's channels are not all alike: the rules of one of them.
   * @throws ProtocolError 102 for a channel there is not, 107 for a bad name of one.
   */
  readonly within?: (channel: string) => Namespace;
}

const nobody: Rights = {
  subscribe: "nobody",
  publish: "nobody",
  presence: "nobody",
  history: "nobody",
};
const hour = 3_600_000;

/** `State` is kept as it was written: whether its channels have keys is known to the compiler. */
function namespace<Name extends string, Data = unknown, State extends Keyed | null = null>(
  name: Name,
  rules:
    & Partial<Omit<Namespace<Data>, "name" | "allow" | "keyed">>
    & { readonly allow: Partial<Rights>; readonly keyed?: State },
): Namespace<Data> & { readonly name: Name; readonly keyed: State } {
  const defaults = {
    history: null,
    presence: false,
    joinLeave: false,
    keyed: null as State,
    presenceIn: null,
    filter: true,
  };
  const allow = { ...nobody, ...rules.allow };
  return { ...defaults, recover: (rules.history ?? null) !== null, ...rules, name, allow };
}

/** The namespaces that ship with the product. */
export const namespaces = [
  namespace("public", {
    history: { size: 1_000, ttlMs: hour },
    allow: { subscribe: "anyone", history: "anyone" },
  }),
  namespace("bench", { allow: { subscribe: "anyone" } }),
  namespace("orders", {
    data: orderSummary,
    history: { size: 1_000, ttlMs: hour },
    // Buyers who come in the same moment may all pass the shop's own limit.
    keyed: { ...keyedDefaults, maxKeys: shop.ordersInWork + 1_000 },
    allow: { subscribe: "user", history: "subscriber" },
  }),
  namespace("stock", {
    data: stockItem,
    history: { size: 1_000, ttlMs: hour },
    keyed: { ...keyedDefaults, maxKeys: shop.skus },
    allow: { subscribe: "user", history: "subscriber" },
  }),
  namespace("figures", {
    data: quarterFigures,
    history: { size: 1_000, ttlMs: hour },
    keyed: { ...keyedDefaults, ttlMs: shop.figuresTtlMs, maxKeys: 1_000 },
    allow: { subscribe: "user", history: "subscriber" },
  }),
  // Whoever is here looks at a page with the orders, and needs no push of them.
  namespace("watch", { presence: true, allow: { subscribe: "user" } }),
  namespace("vehicles", {
    data: vehiclePosition,
    history: { size: 1_000, ttlMs: hour },
    keyed: { ...keyedDefaults, ttlMs: shop.vehicleTtlMs },
    allow: { subscribe: "user", history: "subscriber" },
  }),
  namespace("alerts", {
    data: alert,
    history: { size: 1_000, ttlMs: hour },
    // Those who raise alerts do not wait for each other.
    keyed: { ...keyedDefaults, maxKeys: shop.alerts + 1_000 },
    allow: { subscribe: "user", history: "subscriber" },
  }),
  namespace("chat", {
    data: chatMessage,
    history: { size: 500, ttlMs: 24 * hour },
    presence: true,
    joinLeave: true,
    presenceIn: { clients: "here:" },
    allow: { subscribe: "user", presence: "subscriber", history: "subscriber" },
  }),
  // `here:chat:<room>`: a bell, rung by the server for whoever comes and goes.
  namespace("here", {
    data: z.null(),
    history: { size: 100, ttlMs: hour },
    keyed: { ...keyedDefaults, ttlMs: hour, maxKeys: 1_000 },
    allow: { subscribe: "user" },
  }),
  namespace("typing", {
    data: chatSign,
    history: { size: 100, ttlMs: 60_000 },
    keyed: { ...keyedDefaults, ttlMs: 5_000, maxKeys: 100, clientKey: "user" },
    allow: { subscribe: "user", publish: "subscriber" },
  }),
  namespace("read", {
    data: readMark,
    history: { size: 300, ttlMs: hour },
    keyed: { ...keyedDefaults, ttlMs: shop.chatTtlMs, maxKeys: shop.readers },
    allow: { subscribe: "user" },
  }),
  // Feeds of the comparison, each of which lives for minutes.
  namespace("compare", {
    data: compareItem,
    history: { size: 200, ttlMs: hour / 4 },
    keyed: { ...keyedDefaults, ttlMs: hour / 4, maxKeys: 100 },
    allow: { subscribe: "user" },
  }),
] as const;

type Shipped = (typeof namespaces)[number];

/**
 * What the shipped namespaces carry, for the client: `connect<Channels>(url)` knows which channels
 * there are, which have keys, and the type of their data.
 */
export type Channels = {
  readonly [One in Shipped as One["name"]]: {
    readonly data: DataOf<One>;
    readonly keyed: One["keyed"] extends null ? false : true;
  };
};

/**
 * The type of what a channel carries, from its name: `ChannelData<"orders:all">` is `OrderSummary`.
 * Namespaces of a CHANNELS_FILE are not known to the compiler: theirs is `unknown`.
 */
export type ChannelData<Channel extends string> = Channel extends `${infer Name}:${string}`
  ? Name extends keyof Channels ? Channels[Name]["data"] : unknown
  : unknown;

type DataOf<One> = One extends Namespace<infer Data> ? Data : unknown;

/** The namespace part of a channel's name; `""` where it has no colon. */
export function namespaceOf(channel: string): string {
  const colon = channel.indexOf(":");
  return colon < 0 ? "" : channel.slice(0, colon);
}

/** At most this many bytes of UTF-8 in a channel's name. */
export const maxChannelBytes = 255;

export class ChannelRegistry {
  readonly #namespaces: ReadonlyMap<string, Namespace>;

  /**
   * @throws Error when a name is there twice, or `presenceIn` leads to no namespace that is keyed
   * accordingly.
   */
  constructor(all: Iterable<Namespace>) {
    const byName = new Map<string, Namespace>();
    for (const one of all) {
      if (byName.has(one.name)) throw new Error(`namespace "${one.name}" is defined twice`);
      byName.set(one.name, one);
    }
    for (const one of byName.values()) checkPresenceIn(one, byName);
    this.#namespaces = byName;
  }

  /** The rules of a channel. @throws ProtocolError 107 for a bad name, 102 for an unknown namespace. */
  rules(channel: string): Namespace {
    if (channel.length === 0) throw new ProtocolError("badRequest", "channel is empty");
    if (isLonger(channel, maxChannelBytes)) {
      throw new ProtocolError("badRequest", `channel is longer than ${maxChannelBytes} bytes`);
    }
    if (!channel.isWellFormed()) throw new ProtocolError("badRequest", "channel is not Unicode");
    const found = this.#namespaces.get(namespaceOf(channel));
    if (found === undefined) throw new ProtocolError("unknownChannel");
    return found.within === undefined ? found : found.within(channel);
  }
}

function checkPresenceIn(
  { name, presenceIn }: Namespace,
  byName: ReadonlyMap<string, Namespace>,
): void {
  for (const kind of ["clients", "users"] as const) {
    const prefix = presenceIn?.[kind];
    if (prefix === undefined) continue;
    const where = `namespace "${name}": presenceIn.${kind}: "${prefix}"`;
    const target = byName.get(namespaceOf(prefix));
    if (!prefix.includes(":") || target === undefined) {
      throw new Error(`${where} does not begin with the name of a known namespace and a colon`);
    }
    const isReadOnly = target.keyed?.kind === "map" && target.allow.publish === "nobody";
    if (target.keyed?.kind !== kind && !isReadOnly) {
      const not = `neither keyed by ${kind} nor a map that clients do not publish in`;
      throw new Error(`${where} leads to namespace "${target.name}", which is ${not}`);
    }
  }
}
