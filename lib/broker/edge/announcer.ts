/**
 * What the isolates of one process tell each other over BroadcastChannel. It drops silently in
 * bursts and reaches no other process, so nothing here is relied on: publications travel in
 * batches, the heads they lead to are told again a moment later (a receiver that missed the last
 * batch notices then), and `head_check.ts` looks into the log in any case.
 */
import type { Publication, Signal, StreamPosition } from "../../protocol/publication.ts";
import { Echo, type Head } from "./echo.ts";
import { fromLabels, toLabels } from "./labels.ts";

/** Publications and positions travel as flat arrays: cloning them costs half of what objects do. */
type Announcement =
  | { kind: "publications"; flat: (string | number | null)[] }
  | { kind: "heads"; flat: (string | number)[] }
  | { kind: "signal"; channel: string; signal: Signal }
  | { kind: "control"; message: string };

export interface Listener {
  publications(publications: readonly Publication[]): void;
  head(channel: string, position: StreamPosition): void;
  signal(channel: string, signal: Signal): void;
  control(message: string): void;
  onError(error: unknown, stage: string): void;
}

/** The part of BroadcastChannel this needs, so that a test can lose messages. */
export interface Bus {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

/** Heads are told again so long after a batch that moved them, and once more so long after that. */
const echoMs = { soon: 40, later: 1_000 };
/** Publications without a position are gathered this long when they come fast. */
const gatherMs = 2;

export class Announcer {
  readonly #bus: Bus;
  readonly #listener: Listener;
  readonly #soon: Echo;
  readonly #later: Echo;
  #gathered: Publication[] = [];
  #gatherTimer: ReturnType<typeof setTimeout> | undefined;
  #lastPost = 0;

  constructor(bus: Bus, listener: Listener, echo = echoMs) {
    this.#bus = bus;
    this.#listener = listener;
    this.#later = new Echo(echo.later, (heads) => this.#tellHeads(heads));
    this.#soon = new Echo(echo.soon, (heads) => {
      this.#tellHeads(heads);
      this.#later.add(heads);
    });
    bus.onmessage = (event) => {
      try {
        this.#receive(event.data);
      } catch (error) {
        // Not one of ours: whoever runs in this process may post here.
        listener.onError(error, "announcement");
      }
    };
  }

  /** Tells kept publications and, a moment later, the heads they led to. */
  announce(publications: readonly Publication[], heads: Iterable<Head>): void {
    this.#post({ kind: "publications", flat: flatten(publications) });
    this.#soon.add(heads);
  }

  /** Tells where a channel is that got there without publications. */
  announceHead(head: Head): void {
    this.#tellHeads([head]);
    this.#soon.add([head]);
  }

  /** Tells a publication that is kept nowhere. */
  gather(publication: Publication): void {
    this.#gathered.push(publication);
    if (this.#gatherTimer !== undefined) return;
    if (performance.now() - this.#lastPost > gatherMs) this.#postGathered();
    else this.#gatherTimer = setTimeout(() => this.#postGathered(), gatherMs);
  }

  signal(channel: string, signal: Signal): void {
    this.#post({ kind: "signal", channel, signal });
  }

  control(message: string): void {
    this.#post({ kind: "control", message });
  }

  close(): void {
    this.#soon.close();
    this.#later.close();
    clearTimeout(this.#gatherTimer);
    if (this.#gathered.length > 0) this.#postGathered();
    this.#bus.close();
  }

  #postGathered(): void {
    this.#gatherTimer = undefined;
    this.#lastPost = performance.now();
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#post({ kind: "publications", flat: flatten(gathered) });
  }

  #tellHeads(heads: readonly Head[]): void {
    const flat = heads.flatMap(({ channel, position }) => [
      channel,
      position.epoch,
      position.offset,
    ]);
    this.#post({ kind: "heads", flat });
  }

  #post(announcement: Announcement): void {
    try {
      this.#bus.postMessage(announcement);
    } catch (error) {
      this.#listener.onError(error, "announce");
    }
  }

  #receive(data: Announcement): void {
    switch (data.kind) {
      case "publications":
        return this.#listener.publications(unflatten(data.flat));
      case "heads":
        for (let i = 0; i + 2 < data.flat.length; i += 3) {
          const position = { epoch: String(data.flat[i + 1]), offset: Number(data.flat[i + 2]) };
          this.#listener.head(String(data.flat[i]), position);
        }
        return;
      case "signal":
        return this.#listener.signal(data.channel, data.signal);
      case "control":
        return this.#listener.control(data.message);
    }
  }
}

function flatten(publications: readonly Publication[]): (string | number | null)[] {
  const flat: (string | number | null)[] = [];
  for (const one of publications) {
    const { channel, position, body, time } = one;
    flat.push(channel, position?.epoch ?? null, position?.offset ?? 0, body, time, toLabels(one));
  }
  return flat;
}

function unflatten(flat: readonly (string | number | null)[]): Publication[] {
  const publications: Publication[] = [];
  for (let i = 0; i + 5 < flat.length; i += 6) {
    const epoch = flat[i + 1];
    const labels = flat[i + 5];
    publications.push({
      channel: String(flat[i]),
      position: typeof epoch === "string" ? { epoch, offset: Number(flat[i + 2]) } : null,
      body: String(flat[i + 3]),
      time: Number(flat[i + 4]),
      ...(typeof labels === "string" && fromLabels(labels)),
    });
  }
  return publications;
}
