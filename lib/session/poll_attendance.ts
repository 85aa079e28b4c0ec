/**
 * Long-poll clients in presence. Such a client is one request after another: it is there from the
 * first that goes on from a position, and until none has come for a while.
 *
 *     request ──answered──▶ lingering ──another request──▶ request
 *                               └──nothing comes──▶ gone
 *
 * All long-poll requests of one user to one isolate are one client; those of nobody are none, for
 * nothing says which of them belong together.
 */
import { clientInfo, type Identity } from "../auth/identity.ts";
import type { Node } from "../node/node.ts";
import type { ClientInfo } from "../protocol/publication.ts";
import { Attendance } from "./attendance.ts";
import type { EventRequest } from "./event_reader.ts";

export interface PollAttendancesOptions {
  /** How long after a request the next is waited for. */
  readonly lingerMs?: number;
  /** Further users are not in presence. */
  readonly maxUsers?: number;
}

interface Present {
  readonly attendance: Attendance;
  /** Under way. */
  requests: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

interface Client {
  readonly info: ClientInfo;
  readonly channels: Map<string, Present>;
}

export class PollAttendances implements Disposable {
  readonly #node: Node;
  readonly #lingerMs: number;
  readonly #maxUsers: number;
  readonly #clients = new Map<string, Client>();

  constructor(node: Node, { lingerMs = 10_000, maxUsers = 10_000 }: PollAttendancesOptions = {}) {
    this.#node = node;
    this.#lingerMs = lingerMs;
    this.#maxUsers = maxUsers;
  }

  /** A request waits, or is answered at once. Returns what is to be called when it is over. */
  enter(identity: Identity, { channels, rules, from }: EventRequest): () => void {
    const { user } = identity;
    const attended = channels.flatMap((channel, i) => {
      const one = rules[i];
      return one?.presence || one?.presenceIn ? [{ channel, rules: one }] : [];
    });
    if (from === null || user === "" || attended.length === 0) return () => {};
    const known = this.#clients.get(user);
    if (known === undefined && this.#clients.size >= this.#maxUsers) return () => {};
    const client = known ??
      { info: clientInfo(identity, crypto.randomUUID()), channels: new Map() };
    this.#clients.set(user, client);
    const entered = attended.flatMap(({ channel, rules }) => {
      const present = client.channels.get(channel);
      if (present !== undefined) return [present];
      // As many as one connection may have.
      if (client.channels.size >= this.#node.limits.subscriptions) return [];
      const attendance = new Attendance(this.#node, channel, rules, client.info);
      const come: Present = { attendance, requests: 0, timer: undefined };
      client.channels.set(channel, come);
      attendance.enter();
      return [come];
    });
    for (const present of entered) {
      present.requests++;
      clearTimeout(present.timer);
    }
    return () => {
      for (const present of entered) this.#answered(user, client, present);
    };
  }

  /** Who is there goes. */
  [Symbol.dispose](): void {
    for (const { channels } of this.#clients.values()) {
      for (const { attendance, timer } of channels.values()) {
        clearTimeout(timer);
        attendance.exit();
      }
    }
    this.#clients.clear();
  }

  #answered(user: string, client: Client, present: Present): void {
    if (--present.requests > 0 || this.#clients.get(user) !== client) return;
    present.timer = setTimeout(() => this.#gone(user, client, present), this.#lingerMs);
  }

  #gone(user: string, client: Client, present: Present): void {
    for (const [channel, one] of client.channels) {
      if (one === present) client.channels.delete(channel);
    }
    if (client.channels.size === 0) this.#clients.delete(user);
    present.attendance.exit();
  }
}
