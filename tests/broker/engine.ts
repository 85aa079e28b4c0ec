/** What the broker suites need of an implementation. */
import type { Broker, BrokerContext, PublishOptions } from "../../lib/broker/broker.ts";
import type { Draft, Publication, Signal, StreamPosition } from "../../lib/protocol/publication.ts";
import { Happenings } from "./waiting.ts";

/** One engine, with the streams in it, and the nodes that use it. */
export interface Engine extends AsyncDisposable {
  /** A broker of another node on this engine. */
  node(): Promise<TestNode>;
  /** Moves on the clock by which publications age; absent: the engine's own clock rules. */
  readonly advance?: (ms: number) => void;
  /** Loses all that is known of a channel. */
  forget(channel: string): Promise<void>;
  /** Goes away until the returned function is called; absent: it lives and dies with the node. */
  readonly goAway?: () => () => void;
}

export interface EngineKind {
  readonly name: string;
  readonly open: () => Promise<Engine> | Engine;
  /** Several nodes share its streams. */
  readonly shared: boolean;
}

export class TestNode {
  readonly delivered = new Happenings<Publication>();
  readonly heads = new Happenings<{ channel: string; position: StreamPosition }>();
  readonly signals = new Happenings<{ channel: string; signal: Signal }>();
  readonly controls = new Happenings<string>();
  readonly errors = new Happenings<string>();
  readonly broker: Broker;

  constructor(id: string, make: (context: BrokerContext) => Broker) {
    this.broker = make({
      nodeId: id,
      deliver: (publications) => this.delivered.add(...publications),
      head: (channel, position) => this.heads.add({ channel, position }),
      signal: (channel, signal) => this.signals.add({ channel, signal }),
      control: (message) => this.controls.add(message),
      onError: (error, stage) => this.errors.add(`${stage}: ${error}`),
    });
  }

  publish(channel: string, data: unknown, options: Partial<PublishOptions> & Partial<Draft> = {}) {
    const { retention = keep, idempotency, keyed, condition, ...draft } = options;
    return this.broker.publish(channel, { ...draft, data: JSON.stringify(data) }, {
      retention,
      ...(idempotency && { idempotency }),
      ...(keyed && { keyed }),
      ...(condition && { condition }),
    });
  }
}

/** Rules that keep more than a test publishes. */
export const keep = { size: 10_000, ttlMs: 3_600_000 };

/** The values that were published, in order. */
export function dataOf(publications: readonly Publication[]): unknown[] {
  return publications.map(({ body }) => JSON.parse(body).data);
}

export function offsetsOf(publications: readonly Publication[]): (number | undefined)[] {
  return publications.map(({ position }) => position?.offset);
}

/** `first` … `last` */
export function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
