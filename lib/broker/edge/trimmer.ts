/** Cuts logs that have grown by a quarter over what is kept, so that it is not done at each commit. */
import type { Chores } from "./chores.ts";
import type { Moved } from "./append.ts";
import { trim } from "./log.ts";

/** Forgetting how far a channel is trimmed costs one needless look at its log. */
const maxKnown = 20_000;

export class Trimmer {
  readonly #kv: Deno.Kv;
  readonly #chores: Chores;
  /** Offset up to which a channel's log has been trimmed by this isolate. */
  readonly #trimmed = new Map<string, number>();

  constructor(kv: Deno.Kv, chores: Chores) {
    this.#kv = kv;
    this.#chores = chores;
  }

  moved({ channel, position, retention }: Moved): void {
    const trimmed = this.#trimmed.get(channel) ?? 0;
    const due = trimmed + retention.size + Math.ceil(retention.size / 4) + 16;
    if (position.offset < due && position.offset > trimmed) return;
    if (this.#trimmed.size >= maxKnown) this.#trimmed.clear();
    this.#trimmed.set(channel, Math.max(0, position.offset - retention.size));
    this.#chores.add("trim", trim(this.#kv, channel, position, retention.size));
  }

  /** Its log begins anew. */
  forget(channel: string): void {
    this.#trimmed.delete(channel);
  }
}
