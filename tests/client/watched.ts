/** A client whose publications, states and gaps are kept, and can be waited for. */
import {
  type Client,
  connect,
  type ConnectOptions,
  type Publication,
  type Refusal,
  type StateListener,
  type Status,
  type StreamPosition,
  type Subscription,
} from "../../lib/client/mod.ts";

export interface Watched extends AsyncDisposable {
  readonly client: Client;
  readonly publications: Publication<unknown>[];
  /** `name:transport`, or the name alone. */
  readonly states: string[];
  readonly gaps: string[];
  /** Channels that were refused, and the codes. */
  readonly refused: (readonly [string, number])[];
  /** By `states`: what came of the state channel, `sync <size>` or the key of a change. */
  readonly told: string[];
  /** By channel. */
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  /** Resolves once it holds; rejects after ten seconds. */
  until(what: string, holds: (watched: Watched) => boolean): Promise<void>;
  online(transport: string): Promise<void>;
  /** The `n` of each publication's data. */
  numbers(): number[];
}

export interface WatchOptions extends ConnectOptions {
  readonly url: string;
  /** Names of streams. */
  readonly channels?: readonly string[];
  /** Names of state channels. */
  readonly states?: readonly string[];
  readonly since?: Readonly<Record<string, StreamPosition>>;
}

const patienceMs = 10_000;

export function watch(
  { url, channels = [], states: names = [], since = {}, ...options }: WatchOptions,
): Watched {
  const waiting = new Set<() => void>();
  const changed = () => waiting.forEach((look) => look());
  const publications: Publication<unknown>[] = [];
  const states: string[] = [];
  const gaps: string[] = [];
  const told: string[] = [];
  const refused: (readonly [string, number])[] = [];
  const listener: StateListener<unknown> = {
    onSync: (entries) => (told.push(`sync ${entries.size}`), changed()),
    onChange: ({ key }) => (told.push(key), changed()),
  };
  // Without the randomness: at once.
  const client = connect(url, { environment: { random: () => 0 }, ...options });
  const onRefused = (name: string) => ({ code }: Refusal) => {
    refused.push([name, code]);
    changed();
  };
  const subscriptions = new Map<string, Subscription>();
  for (const name of names) {
    const all = { ...listener, onRefused: onRefused(name) };
    subscriptions.set(name, client.state(name).subscribe(all));
  }
  for (const name of channels) {
    const from = since[name];
    const subscription = client.channel(name).subscribe(
      (publication) => (publications.push(publication), changed()),
      {
        ...(from !== undefined && { since: from }),
        onGap: () => (gaps.push(name), changed()),
        onRefused: onRefused(name),
      },
    );
    subscriptions.set(name, subscription);
  }
  client.status.subscribe((status) => (states.push(nameOf(status)), changed()));
  const watched: Watched = {
    client,
    publications,
    states,
    gaps,
    told,
    refused,
    subscriptions,
    numbers: () => publications.map(({ data }) => (data as { n: number }).n),
    online: (transport) =>
      watched.until(`online:${transport}`, () => states.at(-1) === `online:${transport}`),
    until(what, holds) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(() => {
        reject(new Error(`${what} did not come; ${states.join(" ")}; ${said()}`));
      }, patienceMs);
      const said = () => names.length > 0 ? told.slice(-20).join(" ") : `${watched.numbers()}`;
      const look = () => {
        if (holds(watched)) resolve();
      };
      waiting.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(look);
      });
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
  return watched;
}

function nameOf(state: Status): string {
  return "transport" in state ? `${state.name}:${state.transport}` : state.name;
}
