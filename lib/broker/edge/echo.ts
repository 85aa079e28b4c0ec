/** Tells positions again a while after they moved: each once, the latest, and then no more. */
import type { StreamPosition } from "../../protocol/publication.ts";

export interface Head {
  readonly channel: string;
  readonly position: StreamPosition;
}

export class Echo {
  readonly #afterMs: number;
  readonly #tell: (heads: readonly Head[]) => void;
  #heads = new Map<string, Head>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(afterMs: number, tell: (heads: readonly Head[]) => void) {
    this.#afterMs = afterMs;
    this.#tell = tell;
  }

  /** They are told after that time at the latest. */
  add(heads: Iterable<Head>): void {
    for (const { channel, position } of heads) this.#heads.set(channel, { channel, position });
    this.#timer ??= setTimeout(() => this.#sound(), this.#afterMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #sound(): void {
    this.#timer = undefined;
    const heads = [...this.#heads.values()];
    this.#heads.clear();
    this.#tell(heads);
  }
}
