/** A client of a session in this process, over a transport that keeps what it is given. */
import type { Node } from "../../lib/node/node.ts";
import type { Disconnect } from "../../lib/protocol/disconnects.ts";
import { Session } from "../../lib/session/session.ts";
import type { Transport } from "../../lib/transport/transport.ts";
import { Happenings } from "../broker/waiting.ts";

export interface Pub {
  readonly data: unknown;
  readonly offset?: number;
  readonly time?: number;
  readonly info?: unknown;
  readonly key?: string;
  readonly version?: number;
  readonly removed?: boolean;
}

export interface Push {
  readonly channel?: string;
  readonly id?: number;
  readonly pub?: Pub;
  readonly join?: { info: { client: string; user: string } };
  readonly leave?: { info: { client: string; user: string } };
  readonly unsubscribe?: Disconnect;
}

/** What a command was answered. */
export interface Reply {
  /** 0: no error. */
  readonly code: number;
  readonly result: Readonly<Record<string, unknown>>;
}

type Message = { id?: number; error?: { code: number }; push?: Push } & Record<string, unknown>;

class FakeTransport implements Transport<string> {
  readonly name = "websocket";
  backlog = 0;
  readonly texts = new Happenings<string>();
  readonly closed = new Happenings<Disconnect>();
  readonly #ended: () => void;

  constructor(ended: () => void) {
    this.#ended = ended;
  }

  send(text: string): void {
    if (this.closed.all.length === 0) this.texts.add(text);
  }

  close(disconnect: Disconnect): void {
    if (this.closed.all.length > 0) return;
    this.closed.add(disconnect);
    this.#ended();
  }
}

export class Client {
  readonly transport: FakeTransport;
  readonly session: Session;
  #id = 0;

  constructor(node: Node) {
    this.transport = new FakeTransport(() => this.session.closed());
    this.session = new Session(node, this.transport);
  }

  get messages(): Message[] {
    return this.transport.texts.all.flatMap((text) => text.split("\n"))
      .map((line): Message => JSON.parse(line));
  }

  get pushes(): Push[] {
    return this.messages.flatMap(({ push }) => push === undefined ? [] : [push]);
  }

  /** The publications pushed so far. */
  get pubs(): Pub[] {
    return this.pushes.flatMap(({ pub }) => pub === undefined ? [] : [pub]);
  }

  /** The pushes, once there are so many. */
  async pushed(n: number): Promise<Push[]> {
    await this.transport.texts.until(`${n} pushes`, () => this.pushes.length >= n);
    return this.pushes;
  }

  receive(frame: string): void {
    this.session.receive(frame);
  }

  async call(method: string, params: object = {}): Promise<Reply> {
    const id = ++this.#id;
    this.receive(JSON.stringify({ id, [method]: params }));
    return await this.reply(id);
  }

  async reply(id: number): Promise<Reply> {
    const found = () => this.messages.find((message) => message.id === id);
    await this.transport.texts.until(`reply ${id}`, () => found() !== undefined);
    const { id: _, error, ...rest } = found() ?? {};
    const [result] = Object.values(rest);
    return { code: error?.code ?? 0, result: isRecord(result) ? result : {} };
  }

  async ended(): Promise<Disconnect> {
    const [disconnect] = await this.transport.closed.count(1);
    return disconnect ?? { code: 0, reason: "" };
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
