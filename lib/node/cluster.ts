/**
 * This node among the others: who there is, and questions to all of them. It rides on the broker's
 * control messages, which may get lost, so news is repeated and questions are asked again until
 * every known node has answered or the time is up.
 */
import type { ControlBus } from "../broker/broker.ts";

export interface NodeInfo {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly clients: number;
  readonly users: number;
  readonly channels: number;
  readonly subscriptions: number;
}

type Message =
  | { kind: "node"; info: NodeInfo }
  | { kind: "gone"; node: string }
  | {
    kind: "ask";
    id: string;
    from: string;
    /** Absent: every node. */
    to?: string;
    operation: string;
    argument: unknown;
  }
  | { kind: "answer"; id: string; to: string; from: string; result: unknown };

/** Answers a question put to every node. Doing it twice must do no harm: questions are repeated. */
export type Operation = (argument: unknown) => Promise<unknown> | unknown;

export interface ClusterOptions {
  readonly self: () => NodeInfo;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly now?: () => number;
  readonly onError: (error: unknown, stage: string) => void;
}

const tellEveryMs = 3_000;
/** A node unheard of for so long is gone. */
const goneAfterMs = 3.5 * tellEveryMs;
const askAgainMs = 200;
const askForMs = 1_000;

interface Question {
  readonly open: Set<string>;
  readonly answers: Map<string, unknown>;
  done(): void;
}

export class Cluster {
  readonly #options: ClusterOptions;
  readonly #now: () => number;
  readonly #id: string;
  readonly #others = new Map<string, { info: NodeInfo; heard: number }>();
  readonly #questions = new Map<string, Question>();
  #bus: ControlBus | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #onGone: (() => void) | undefined;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#id = options.self().id;
  }

  connect(bus: ControlBus): void {
    this.#bus = bus;
    this.#tell();
    this.#timer = setInterval(() => this.#tell(), tellEveryMs);
  }

  /** This node first. */
  nodes(): NodeInfo[] {
    this.#forgetGone();
    return [this.#options.self(), ...[...this.#others.values()].map(({ info }) => info)];
  }

  /** What each node answers, by node id; those that did not answer within a second are missing. */
  async ask(operation: string, argument: unknown): Promise<Map<string, unknown>> {
    const own = await this.#perform(operation, argument);
    const answers = new Map<string, unknown>([[this.#id, own]]);
    this.#forgetGone();
    const open = new Set(this.#others.keys());
    if (open.size > 0) await this.#ask({ operation, argument }, { open, answers }, askForMs);
    return answers;
  }

  /** Whether it is another node that was heard of lately. */
  knows(node: string): boolean {
    this.#forgetGone();
    return this.#others.has(node);
  }

  /** What one other node answers; undefined when it is not known, leaves, or the time is up. */
  async askOne(
    to: string,
    operation: string,
    argument: unknown,
    withinMs = askForMs,
  ): Promise<unknown> {
    if (!this.knows(to)) return undefined;
    const answers = new Map<string, unknown>();
    await this.#ask({ to, operation, argument }, { open: new Set([to]), answers }, withinMs);
    return answers.get(to);
  }

  async #ask(
    question: Pick<Message & { kind: "ask" }, "to" | "operation" | "argument">,
    { open, answers }: Omit<Question, "done">,
    withinMs: number,
  ): Promise<void> {
    const id = crypto.randomUUID();
    const ask = () => this.#post({ kind: "ask", id, from: this.#id, ...question });
    await new Promise<void>((resolve) => {
      const again = setInterval(ask, askAgainMs);
      const deadline = setTimeout(() => done(), withinMs);
      const done = () => {
        clearInterval(again);
        clearTimeout(deadline);
        this.#questions.delete(id);
        resolve();
      };
      this.#questions.set(id, { open, answers, done });
      ask();
    });
  }

  /** A control message from another node. */
  receive(text: string): void {
    const message = JSON.parse(text) as Message;
    switch (message.kind) {
      case "node": {
        const known = this.#others.has(message.info.id);
        this.#others.set(message.info.id, { info: message.info, heard: this.#now() });
        // A newcomer does not know us yet.
        if (!known) this.#tell();
        return;
      }
      case "gone":
        this.#others.delete(message.node);
        for (const question of [...this.#questions.values()]) this.#settle(question, message.node);
        this.#onGone?.();
        return;
      case "ask":
        if (message.to !== undefined && message.to !== this.#id) return;
        this.#answer(message).catch((error) => this.#options.onError(error, message.operation));
        return;
      case "answer":
        if (message.to === this.#id) this.#take(message);
    }
  }

  /** Says goodbye. */
  leave(): void {
    clearInterval(this.#timer);
    if (this.#bus !== undefined) this.#post({ kind: "gone", node: this.#id });
    for (const question of [...this.#questions.values()]) question.done();
  }

  /** Resolves when every node known now has said goodbye, or after `ms`. */
  async alone(ms: number): Promise<void> {
    this.#forgetGone();
    if (this.#others.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onGone = () => {
        if (this.#others.size > 0) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #tell(): void {
    this.#post({ kind: "node", info: this.#options.self() });
  }

  #post(message: Message): void {
    this.#bus?.post(JSON.stringify(message));
  }

  #forgetGone(): void {
    const before = this.#now() - goneAfterMs;
    for (const [id, { heard }] of this.#others) if (heard < before) this.#others.delete(id);
  }

  async #perform(operation: string, argument: unknown): Promise<unknown> {
    return await this.#options.operations[operation]?.(argument);
  }

  async #answer({ id, from, operation, argument }: Message & { kind: "ask" }): Promise<void> {
    const result = await this.#perform(operation, argument);
    this.#post({ kind: "answer", id, to: from, from: this.#id, result });
  }

  #take({ id, from, result }: Message & { kind: "answer" }): void {
    const question = this.#questions.get(id);
    if (question === undefined || !question.open.has(from)) return;
    question.answers.set(from, result);
    this.#settle(question, from);
  }

  /** Nothing more is to be heard from that node. */
  #settle({ open, done }: Question, node: string): void {
    if (open.delete(node) && open.size === 0) done();
  }
}
