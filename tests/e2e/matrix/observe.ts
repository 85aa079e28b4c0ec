/** One client that notes all it is given. The same code runs in Deno and on a page. */
import type { connect, ConnectOptions, TransportName } from "../../../lib/client/mod.ts";

export interface Task {
  readonly url: string;
  readonly channel: string;
  readonly epoch: string;
  /** It goes on after this offset. */
  readonly after: number;
  /** It is done when it has been given so many publications. */
  readonly count: number;
}

export interface Observation {
  /** The `n` of each publication, as they came. */
  readonly numbers: readonly number[];
  /** From publish to receipt, of each, also of those that were missed at first. Milliseconds. */
  readonly latencies: readonly number[];
  /** From `connect` to the first publication. Milliseconds. */
  readonly firstMs: number;
  /** Each time it was online. */
  readonly transports: readonly TransportName[];
  /** Of all its states, with the millisecond. */
  readonly states: readonly string[];
  readonly moves: number;
  readonly reconnects: number;
  readonly gaps: number;
  readonly refused: readonly string[];
}

export interface Observer {
  /** Resolves with the first publication. */
  readonly first: Promise<void>;
  /** Resolves with the last one. */
  readonly all: Promise<void>;
  /** What came so far. */
  now(): Observation;
  close(): Promise<void>;
}

/** Its text is sent to pages: it can use nothing from outside of it. */
export function observe(
  open: typeof connect,
  { url, channel, epoch, after, count }: Task,
  options: ConnectOptions,
): Observer {
  const numbers: number[] = [];
  const latencies: number[] = [];
  const transports: TransportName[] = [];
  const states: string[] = [];
  const refused: string[] = [];
  let gaps = 0;
  let firstMs = NaN;
  let onFirst = () => {};
  let onLast = () => {};
  const first = new Promise<void>((resolve) => onFirst = resolve);
  const all = new Promise<void>((resolve) => onLast = resolve);
  const began = Date.now();
  const client = open(url, options);
  client.status.subscribe((status) => {
    const detail = "transport" in status ? status.transport : "reason" in status && status.reason;
    states.push(`${Date.now() - began} ${status.name} ${detail || ""}`);
    if (status.name === "online") transports.push(status.transport);
  });
  client.channel(channel).subscribe(({ data, time = NaN }) => {
    const now = Date.now();
    numbers.push((data as { readonly n: number }).n);
    latencies.push(now - time);
    if (numbers.length === 1) {
      firstMs = now - began;
      onFirst();
    }
    if (numbers.length >= count) onLast();
  }, {
    since: { epoch, offset: after },
    onGap: () => gaps++,
    onRefused: ({ code, message }) => refused.push(`${code} ${message}`),
  });
  return {
    first,
    all,
    now() {
      const { moves, reconnects } = client.quality.value;
      const told = { moves, reconnects, gaps, refused };
      return { numbers, latencies, firstMs, transports, states, ...told };
    },
    close: () => client.close(),
  };
}
