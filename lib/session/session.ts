/**
 * One client of the client protocol, over a WebSocket or its fallbacks.
 *
 *     waiting ──connect──▶ connected ──▶ closed
 *        └──expired token──▶ refused ──stale──▶ closed
 *
 * Commands are handled one after the other; only publishes do not hold up what follows them.
 */
import { anonymous, clientInfo, type Identity, isOver } from "../auth/identity.ts";
import { TokenError } from "../auth/tokens.ts";
import { type Node, version } from "../node/node.ts";
import { BadFrame, type Command, decodeFrame } from "../protocol/commands.ts";
import { type Disconnect, disconnects, withDetail } from "../protocol/disconnects.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { errorReply, lifetime, reply } from "../protocol/replies.ts";
import { isLonger } from "../protocol/utf8.ts";
import type { Transport } from "../transport/transport.ts";
import type { Beating } from "../node/wheel.ts";
import type { Connected } from "../node/sessions.ts";
import { Subscriptions } from "./subscriptions.ts";
import { perform } from "./upstream.ts";

type State =
  | { readonly name: "waiting" | "refused"; readonly timer: ReturnType<typeof setTimeout> }
  | { readonly name: "connected"; identity: Identity; readonly stopPings: () => void }
  | { readonly name: "closed" };

type Named = Exclude<Command, { method: "pong" | "send" }>;

export interface SessionOptions {
  /**
   * Names the session in requests beside its transport. Only the client may know it: its id is shown
   * to others. Absent: there are no such requests.
   */
  readonly key?: string;
  /** Seconds between pings, within `pingRange`; absent: as configured. */
  readonly pingSeconds?: number | undefined;
}

const maxFrameBytes = 64 * 1024;
/** Commands a client may have sent and not yet had answered. */
const maxWaiting = 1_000;
/** Commands of another form that are answered between two pings; one more ends the connection. */
const maxUnreadable = 100;
const closed: State = { name: "closed" };

export class Session implements Connected, Beating {
  readonly id = crypto.randomUUID();
  readonly since = Date.now();
  readonly #node: Node;
  readonly #transport: Transport<string>;
  readonly #subscriptions: Subscriptions;
  readonly #key: string;
  readonly #pingSeconds: number;
  #state: State;
  #queue: Named[] = [];
  #publishing = 0;
  #unreadable = 0;
  #working = false;
  #pongDue = false;

  constructor(node: Node, transport: Transport<string>, options: SessionOptions = {}) {
    this.#node = node;
    this.#transport = transport;
    this.#key = options.key ?? this.id;
    this.#pingSeconds = options.pingSeconds ?? node.pingSeconds;
    this.#subscriptions = new Subscriptions(node, transport);
    const timer = setTimeout(() => this.close(disconnects.stale), node.limits.connectMs);
    this.#state = { name: "waiting", timer };
    node.sessions.add(this);
  }

  get transport() {
    return this.#transport.name;
  }

  get user(): string {
    return this.#state.name === "connected" ? this.#state.identity.user : "";
  }

  get backlog(): number {
    return this.#transport.backlog;
  }

  get lag(): number {
    return this.#subscriptions.lag;
  }

  get channels(): readonly string[] {
    return this.#subscriptions.channels;
  }

  close(disconnect: Disconnect): void {
    this.#transport.close(disconnect);
  }

  /** The connection has ended. */
  closed(): void {
    const state = this.#state;
    this.#state = closed;
    if (state.name === "connected") state.stopPings();
    else if (state.name !== "closed") clearTimeout(state.timer);
    this.#queue = [];
    this.#node.sessions.remove(this);
    this.#subscriptions.end();
  }

  receive(frame: string): void {
    if (this.#state.name === "closed") return;
    if (isLonger(frame, maxFrameBytes)) return this.close(disconnects.messageTooBig);
    try {
      for (const command of decodeFrame(frame)) this.#take(command);
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      this.close(withDetail(disconnects.badRequest, error.message));
    }
  }

  beat(): void {
    if (this.#state.name !== "connected") return;
    if (isOver(this.#state.identity.expiresAt)) return this.close(disconnects.expired);
    this.#subscriptions.expire();
    this.#unreadable = 0;
    this.#pongDue = true;
    this.#transport.send("{}");
  }

  graceOver(): void {
    if (this.#pongDue) this.close(disconnects.noPong);
  }

  #take(command: Command): void {
    // The client is about to come back with a new token.
    if (this.#state.name === "refused") return;
    if (command.method === "pong") {
      if (!this.#pongDue) throw new BadFrame("pong without a ping");
      this.#pongDue = false;
      return;
    }
    const first = this.#state.name === "waiting" && this.#queue.length === 0 && !this.#working;
    if (command.method === "unreadable") {
      if (first) throw new BadFrame(command.reason);
      if (++this.#unreadable > maxUnreadable) throw new BadFrame("too many unreadable commands");
    } else if (first !== (command.method === "connect")) {
      throw new BadFrame(first ? "connect comes first" : "connect comes once");
    }
    if (command.method === "send") return this.close(disconnects.notAvailable);
    if (this.#queue.length + this.#publishing >= maxWaiting) {
      return this.close(disconnects.tooManyRequests);
    }
    this.#queue.push(command);
    if (!this.#working) this.#work();
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    this.#working = true;
    for (let command = this.#queue.shift(); command; command = this.#queue.shift()) {
      const done = this.#answer(command);
      if (command.method !== "publish") await done;
    }
    this.#working = false;
  }

  async #answer(command: Named): Promise<void> {
    if (command.method === "publish") this.#publishing++;
    try {
      await this.#handle(command);
    } catch (error) {
      if (error instanceof ProtocolError) return this.#send(errorReply(command.id, error));
      if (error instanceof TokenError) return this.#refuseToken(command, error);
      this.#node.onError(error, command.method);
      this.#send(errorReply(command.id, new ProtocolError("internal")));
    } finally {
      if (command.method === "publish") this.#publishing--;
    }
  }

  async #handle(command: Named): Promise<void> {
    if (command.method === "connect") return await this.#connect(command.id, command.token);
    if (this.#state.name !== "connected") return;
    const { identity } = this.#state;
    switch (command.method) {
      case "unreadable":
        throw new ProtocolError("badRequest", command.reason);
      case "subscribe":
        return await this.#subscriptions.subscribe(
          command,
          identity,
          clientInfo(identity, this.id),
        );
      case "unsubscribe":
        this.#subscriptions.unsubscribe(command.channel);
        return this.#send(reply(command.id, "unsubscribe"));
      case "refresh":
        return await this.#refresh(command.id, command.token, this.#state);
      case "sub_refresh": {
        const expiresAt = await this.#subscriptions.refresh(command, identity);
        return this.#send(reply(command.id, "sub_refresh", JSON.stringify(lifetime(expiresAt))));
      }
      case "track":
        return await this.#subscriptions.track(command, identity);
      default: {
        const info = clientInfo(identity, this.id);
        const isSubscribed = (channel: string) => this.#subscriptions.has(channel);
        const result = await perform(this.#node, { identity, info, isSubscribed }, command);
        this.#send(reply(command.id, command.method, result));
      }
    }
  }

  async #connect(id: number, token: string): Promise<void> {
    const identity = await this.#identify(token);
    if (this.#state.name !== "waiting") return;
    clearTimeout(this.#state.timer);
    const stopPings = this.#node.pings.add(this, this.#pingSeconds);
    this.#state = { name: "connected", identity, stopPings };
    const result = {
      client: this.id,
      version: `nhip ${version}`,
      ...lifetime(identity.expiresAt),
      ping: this.#pingSeconds,
      pong: true,
      session: this.#key,
      node: this.#node.id,
      time: Date.now(),
    };
    this.#send(reply(id, "connect", JSON.stringify(result)));
  }

  async #identify(token: string): Promise<Identity> {
    if (token === "") return anonymous;
    if (this.#node.tokens === null) throw new TokenError("invalid", "no tokens are configured");
    return await this.#node.tokens.connection(token);
  }

  async #refresh(
    id: number,
    token: string,
    state: Extract<State, { name: "connected" }>,
  ): Promise<void> {
    const identity = await this.#identify(token);
    if (identity.user !== state.identity.user) throw new TokenError("another", "of another user");
    state.identity = identity;
    const result = { client: this.id, version: `nhip ${version}`, ...lifetime(identity.expiresAt) };
    this.#send(reply(id, "refresh", JSON.stringify(result)));
  }

  /** What the protocol does with a bad token depends on the command that brought it. */
  #refuseToken(command: Named, error: TokenError): void {
    const { reason } = error;
    if (reason === "expired" && command.method === "refresh") {
      return this.close(disconnects.expired);
    }
    if (reason === "expired") {
      if (this.#state.name === "waiting") this.#state = { ...this.#state, name: "refused" };
      return this.#send(errorReply(command.id, new ProtocolError("tokenExpired")));
    }
    const ofSubscription = command.method === "subscribe" || command.method === "sub_refresh";
    if (ofSubscription && reason === "invalid") {
      return this.#send(errorReply(command.id, new ProtocolError("permissionDenied")));
    }
    this.close(disconnects.invalidToken);
  }

  #send(text: string): void {
    this.#transport.send(text);
  }
}
