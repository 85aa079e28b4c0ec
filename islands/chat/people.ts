/**
 * Who is in the room. Those who come and go change the state channel `here:chat:<room>`, which is a
 * bell alone: who they are is asked of the server.
 */
import type { ClientInfo } from "../../lib/client/mod.ts";
import { afterTimeout } from "./sender.ts";

export interface PeopleOptions {
  readonly me: string;
  readonly presence: () => Promise<Readonly<Record<string, ClientInfo>>>;
  /** The names, the reader's first; null: not known. */
  readonly show: (names: readonly string[] | null) => void;
  readonly random?: () => number;
  /** Returns what cancels it. */
  readonly after?: (ms: number, job: () => void) => () => void;
}

/** Bells that ring together are answered once; and not by all who hear them in one moment. */
const bell = { minMs: 250, spreadMs: 250 };
/** For whom no server is left to ring the bell, it does not ring. */
const refreshMs = 60_000;

export class People {
  readonly #options: PeopleOptions;
  #state: "away" | "waiting" | "asking" | "asking, and again" = "away";
  /** Rises when what was asked is not wanted any more. */
  #round = 0;
  #cancel = () => {};

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  /** Somebody came or went; perhaps this user. */
  ring(): void {
    if (this.#state === "asking") this.#state = "asking, and again";
    else if (this.#state !== "asking, and again") this.#askSoon();
  }

  /** There is no connection. */
  leave(): void {
    this.#round++;
    this.#cancel();
    this.#state = "away";
    this.#options.show(null);
  }

  #askSoon(): void {
    const { random = Math.random } = this.#options;
    this.#askIn(bell.minMs + bell.spreadMs * random());
  }

  #askIn(ms: number): void {
    this.#cancel();
    this.#state = "waiting";
    this.#cancel = (this.#options.after ?? afterTimeout)(ms, () => this.#ask());
  }

  /** Never rejects. */
  async #ask(): Promise<void> {
    const { presence, show, me } = this.#options;
    const round = ++this.#round;
    this.#state = "asking";
    const present = await presence().catch(() => null);
    if (round !== this.#round) return;
    if (present !== null) show(namesOf(present, me));
    if (this.#isRung()) this.#askSoon();
    else this.#askIn(refreshMs);
  }

  #isRung(): boolean {
    return this.#state === "asking, and again";
  }
}

function namesOf(present: Readonly<Record<string, ClientInfo>>, me: string): string[] {
  const names = new Set(Object.values(present).map(({ user }) => user));
  names.delete("");
  const others = [...names].filter((name) => name !== me).sort();
  return names.has(me) ? [me, ...others] : others;
}
