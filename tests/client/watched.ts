/** A client whose publications, states and gaps are kept, and can be waited for. */
import {
  type Client,
  type ClientOptions,
  connect,
  type Publication,
  type State,
  type StateListener,
} from "../../lib/client/mod.ts";

export type AnyFeed = Record<string, unknown>;

export interface Watched extends AsyncDisposable {
  readonly client: Client<AnyFeed>;
  readonly publications: Publication<AnyFeed>[];
  /** `name:transport`, or the name alone. */
  readonly states: string[];
  readonly gaps: string[];
  /** By `states`: what came of the state channel, `sync <size>` or the key of a change. */
  readonly told: string[];
  /** Resolves once it holds; rejects after ten seconds. */
  until(what: string, holds: (watched: Watched) => boolean): Promise<void>;
  online(transport: string): Promise<void>;
  /** The `n` of each publication's data. */
  numbers(): number[];
}

const patienceMs = 10_000;

/** @param states the names of state channels. */
export function watch(
  { states: names = [], ...options }:
    & Omit<ClientOptions<AnyFeed>, "onPublication" | "onState" | "onGap" | "states">
    & { readonly states?: readonly string[] },
): Watched {
  const waiting = new Set<() => void>();
  const changed = () => waiting.forEach((look) => look());
  const publications: Publication<AnyFeed>[] = [];
  const states: string[] = [];
  const gaps: string[] = [];
  const told: string[] = [];
  const listener: StateListener<unknown> = {
    onSync: (entries) => (told.push(`sync ${entries.size}`), changed()),
    onChange: ({ key }) => (told.push(key), changed()),
  };
  const client = connect<AnyFeed>({
    // Without the randomness: at once.
    environment: { random: () => 0 },
    ...options,
    states: Object.fromEntries(names.map((name) => [name, listener])),
    onPublication: (publication) => (publications.push(publication), changed()),
    onState: (state) => (states.push(nameOf(state)), changed()),
    onGap: (channel) => (gaps.push(channel), changed()),
  });
  const watched: Watched = {
    client,
    publications,
    states,
    gaps,
    told,
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

function nameOf(state: State): string {
  return "transport" in state ? `${state.name}:${state.transport}` : state.name;
}
