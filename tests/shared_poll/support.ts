/** Sessions with shared poll namespaces, and signatures as an application makes them. */
import { createHash, createHmac } from "node:crypto";
import type { Namespace } from "../../lib/channels.ts";
import type { SharedPollRules } from "../../lib/shared_poll/rules.ts";
import { Signatures } from "../../lib/shared_poll/signatures.ts";
import { FakeClock } from "../bridge/support.ts";
import type { Client, Pub, Reply } from "../session/client.ts";
import { type Harness, harness, type HarnessOptions } from "../session/harness.ts";
import { BackEnd } from "./back_end.ts";

export const pollSecret = "what the application signs keys with";

const now = () => Math.floor(Date.now() / 1_000);

export interface Signing {
  readonly user?: string;
  readonly channel?: string;
  /** Seconds from now; null: for good. */
  readonly ttl?: number | null;
  readonly secret?: string;
}

/** Made by hand, as the documentation says. */
export function sign(keys: readonly string[], signing: Signing = {}): string {
  const { user = "", channel = "p:1", ttl = null, secret = pollSecret } = signing;
  const expiry = ttl === null ? 0 : now() + ttl;
  const digest = createHash("sha256").update(keys.join("\0")).digest("hex");
  const signed = [now(), expiry, user, channel, digest].join("\0");
  return `${now()}:${expiry}:${createHmac("sha256", secret).update(signed).digest("hex")}`;
}

export function pollNamespace(name: string, rules: Partial<SharedPollRules> = {}): Namespace {
  return {
    name,
    history: null,
    recover: false,
    presence: false,
    joinLeave: false,
    keyed: null,
    presenceIn: null,
    filter: false,
    allow: { subscribe: "anyone", publish: "nobody", presence: "nobody", history: "nobody" },
    sharedPoll: {
      url: "http://back-end.test/poll",
      everyMs: 1_000,
      versioned: false,
      signatures: new Signatures(pollSecret),
      headers: [],
      timeoutMs: 10_000,
      maxBytes: 100_000,
      maxKeysPerConnection: 100,
      maxKeys: 10_000,
      batchSize: 1_000,
      publishEnabled: false,
      ...rules,
    },
  };
}

export interface World extends Harness {
  readonly backEnd: BackEnd;
  readonly clock: FakeClock;
  /** Requests by outcome. */
  readonly outcomes: string[];
  /** What the log was told. */
  readonly told: (string | null)[];
  conflated(): number;
  /** Requests of needed keys have been sent and answered. */
  gathered(): Promise<void>;
  /** The next interval has passed. */
  interval(): Promise<void>;
}

/** `p:` versionless, `v:` versioned; time by hand, the back end in this process. */
export function pollWorld(
  rules: Partial<SharedPollRules> = {},
  options: HarnessOptions = {},
): World {
  const backEnd = new BackEnd();
  const clock = new FakeClock();
  const outcomes: string[] = [];
  const told: (string | null)[] = [];
  let conflated = 0;
  const world = harness({
    ...options,
    namespaces: [
      pollNamespace("p", rules),
      pollNamespace("v", { versioned: true, ...rules }),
      ...options.namespaces ?? [],
    ],
    sharedPolls: {
      clock,
      fetch: backEnd.fetch,
      onPolled: (_, outcome) => void outcomes.push(outcome),
      onChange: (_, failure) => void told.push(failure),
      onConflated: () => void conflated++,
    },
  });
  return {
    ...world,
    backEnd,
    clock,
    outcomes,
    told,
    conflated: () => conflated,
    gathered: () => clock.advance(5),
    interval: () => clock.advance(1_000),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

export async function subscribed(world: Harness, channel = "p:1", user?: string): Promise<Client> {
  const client = await world.connect(user);
  await subscribe(client, channel);
  return client;
}

export function subscribe(client: Client, channel = "p:1"): Promise<Reply> {
  return client.call("subscribe", { channel, type: 4 });
}

export interface Tracking extends Signing {
  readonly untrack?: readonly string[];
}

/** Versions by key; 0 is left out, as the SDK does. */
export function track(
  client: Client,
  versions: Readonly<Record<string, number>>,
  { untrack, ...signing }: Tracking = {},
): Promise<Reply> {
  const channel = signing.channel ?? "p:1";
  const items = Object.entries(versions).map(([key, version]) =>
    version === 0 ? { key } : { key, version }
  );
  const batch = { signature: sign(Object.keys(versions), signing), items };
  const params = { channel, type: 1, track: [batch], ...(untrack && { untrack }) };
  return client.call("sub_refresh", params);
}

export function untrack(client: Client, keys: readonly string[], channel = "p:1"): Promise<Reply> {
  return client.call("sub_refresh", { channel, type: 2, untrack: keys });
}

/** `key=data@version`, `key removed`, in the order in which they came. */
export function seen(client: Client): string[] {
  return client.pubs.map(shown);
}

function shown({ key, data, version, removed }: Pub): string {
  return removed ? `${key} removed` : `${key}=${JSON.stringify(data)}@${version}`;
}
