import type { Channel, History, Publication, SubscribeOptions, Subscription } from "./api.ts";
import { checkCount, checkListener, checkName, checkPosition } from "./check.ts";
import { CoreChannel, type CoreClient } from "./core.ts";
import type { Host } from "./host.ts";
import { Reader } from "./reader.ts";
import type { WirePublication } from "./link.ts";

type Heard = (publication: Publication<unknown>) => void;
type Loop = Subscription & AsyncIterable<Publication<unknown>>;

/** A stream, as the application has it. */
export class StreamChannel extends CoreChannel implements Channel<unknown> {
  readonly #host: Host;

  constructor(host: CoreClient & Host, name: string) {
    checkName("channel", name);
    super(host, name);
    this.#host = host;
  }

  override subscribe(listener: Heard, options?: SubscribeOptions): Subscription;
  override subscribe(options?: SubscribeOptions): Loop;
  override subscribe(first?: Heard | SubscribeOptions, second?: SubscribeOptions): Subscription {
    checkPosition((typeof first === "function" ? second : first)?.since);
    if (typeof first === "function") return super.subscribe(first, second);
    if (first !== undefined) checkListener(first, "a function");
    const reader: Reader<Publication<unknown>> = new Reader(
      false,
      () => subscription.unsubscribe(),
    );
    const subscription = super.subscribe((one) => reader.push(one), {
      ...first,
      onRefused: (error) => {
        reader.end({ error });
        first?.onRefused?.(error);
      },
    });
    return loop(subscription, reader);
  }

  async publish(data: unknown): Promise<void> {
    await this.#host.publish({ channel: this.name, data });
  }

  async presence() {
    return await presenceOf(this.#host, this.name);
  }

  async history({ limit = 300, since, reverse }: Parameters<Channel<unknown>["history"]>[0] = {}) {
    const channel = this.name;
    checkCount("limit", limit);
    checkPosition(since);
    const asked = { channel, limit, reverse, ...(since && { since }) };
    const { publications = [], epoch = "", offset = 0 } = await this.#host.call({
      history: asked,
    }) as { publications?: readonly WirePublication[]; epoch?: string; offset?: number };
    const all = publications.map(({ data, offset, time, info, tags }) => {
      return { channel, data, offset, time, info, tags, latencyMs: undefined };
    });
    return { publications: all, position: { epoch, offset } } satisfies History<unknown>;
  }
}

export async function presenceOf(host: Host, channel: string) {
  const { presence } = await host.call({ presence: { channel } }) as {
    presence?: Awaited<ReturnType<Channel<unknown>["presence"]>>;
  };
  return presence ?? {};
}

/** A subscription that can be read by `for await`, and ends with the loop. */
export function loop<Value>(
  { ready, unsubscribe }: Subscription,
  reader: Reader<Value>,
): Subscription & AsyncIterable<Value> {
  return {
    ready,
    unsubscribe: () => {
      unsubscribe();
      reader.end();
    },
    [Symbol.asyncIterator]: () => reader,
  };
}
