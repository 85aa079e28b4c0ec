/** Sessions of one node in this process: memory broker, fake transports, heartbeats by hand. */
import { roomRights } from "../support/rooms.ts";
import { z } from "zod";
import { signToken } from "../../lib/auth/tokens.ts";
import { memoryBroker } from "../../lib/broker/memory.ts";
import {
  ChannelRegistry,
  type Keyed,
  keyedDefaults,
  type Namespace,
  namespaces,
} from "../../lib/channels.ts";
import { Pacer } from "../../lib/hub/pacer.ts";
import type { Limits, Node } from "../../lib/node/node.ts";
import type { PresenceStore } from "../../lib/presence/presence.ts";
import { turn } from "../broker/waiting.ts";
import { Client } from "./client.ts";
import { makeNode, type NodeParts, secret } from "./node.ts";

const nobody = {
  subscribe: "nobody",
  publish: "nobody",
  presence: "nobody",
  history: "nobody",
} as const;
const rules = {
  history: null,
  recover: false,
  presence: false,
  joinLeave: false,
  keyed: null,
  presenceIn: null,
  filter: true,
  allow: nobody,
};
const history = { size: 1_000, ttlMs: 3_600_000 };

/** A state channel that a client may write. */
const stateful = (name: string, keyed: Partial<Keyed> = {}): Namespace => ({
  ...rules,
  name,
  history,
  recover: true,
  keyed: { ...keyedDefaults, ...keyed },
  allow: { ...roomRights, publish: "anyone" },
});

/** Namespaces of a kind each, besides those that ship. */
const added: Namespace[] = [
  {
    ...rules,
    name: "room",
    history,
    recover: true,
    presence: true,
    joinLeave: true,
    allow: roomRights,
  },
  { ...rules, name: "users", allow: { ...nobody, subscribe: "user", publish: "user" } },
  { ...rules, name: "tokens", allow: { ...nobody, subscribe: "token" } },
  {
    ...rules,
    name: "short",
    history: { size: 3, ttlMs: 3_600_000 },
    recover: true,
    allow: { ...nobody, subscribe: "anyone", history: "anyone" },
  },
  { ...rules, name: "closed", history, allow: nobody },
  {
    ...rules,
    name: "typed",
    allow: { ...nobody, publish: "anyone" },
    data: z.object({ n: z.number() }),
  },
  stateful("map", { maxKeys: 1_000 }),
  stateful("by-client", { clientKey: "client" }),
  stateful("by-user", { clientKey: "user" }),
  { ...rules, name: "bare", filter: false, allow: roomRights },
  stateful("who", { kind: "clients", ttlMs: 60_000 }),
  stateful("people", { kind: "users", ttlMs: 60_000 }),
  stateful("mine", { clientKey: "client", removeOnUnsubscribe: true }),
  stateful("ranked", { order: "score", debounceMs: 100, maxRate: false }),
  {
    ...rules,
    name: "hall",
    history,
    presenceIn: { clients: "who:", users: "people:" },
    allow: roomRights,
  },
];

export interface Harness extends AsyncDisposable {
  readonly node: Node;
  readonly errors: string[];
  /** A new connection that has sent nothing. */
  open(): Client;
  /** One that is connected, by token when it has a user. */
  connect(user?: string, info?: unknown): Promise<Client>;
}

export interface HarnessOptions {
  readonly limits?: Partial<Limits>;
  readonly presence?: PresenceStore;
  readonly sharedPolls?: NodeParts["sharedPolls"];
  /** Besides those that ship and those of each kind. */
  readonly namespaces?: readonly Namespace[];
}

export function harness(options: HarnessOptions = {}): Harness {
  const { limits, presence, sharedPolls, namespaces: more = [] } = options;
  const errors: string[] = [];
  const loop = quickLoop();
  const onError = (error: unknown, stage: string) => void errors.push(`${stage}: ${error}`);
  const node = makeNode({
    registry: new ChannelRegistry([...namespaces, ...added, ...more]),
    broker: (context) => memoryBroker(context),
    onError,
    pacer: loop.pacer,
    ...(limits && { limits }),
    ...(presence && { presence }),
    ...(sharedPolls && { sharedPolls }),
  });
  const clients: Client[] = [];
  const open = () => {
    const client = new Client(node);
    clients.push(client);
    return client;
  };
  return {
    node,
    errors,
    open,
    async connect(user, info) {
      const client = open();
      const token = user === undefined ? undefined : await signToken(secret, { sub: user, info });
      await client.call("connect", token === undefined ? {} : { token });
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.transport.close({ code: 1000, reason: "" });
      await node.sharedPolls[Symbol.asyncDispose]();
      node.presenceInState[Symbol.dispose]();
      await node.hub[Symbol.asyncDispose]();
      await node.broker[Symbol.asyncDispose]();
      await loop.ended();
    },
  };
}

/** A pacer that does not pause, and whose end can be awaited. */
export function quickLoop() {
  let waiting = 0;
  const later = (run: () => void) => {
    waiting++;
    setImmediate(() => {
      waiting--;
      run();
    });
  };
  return {
    pacer: new Pacer({ later, maxPauseMs: 0 }),
    async ended() {
      while (waiting > 0) await turn();
    },
  };
}
