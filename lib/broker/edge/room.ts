/** What is left of one commit's limits: the store takes 1,000 mutations, and 80 KiB of keys. */
export interface Cost {
  readonly mutations: number;
  /** Of the mutations' keys, together. */
  readonly keyBytes: number;
}

export class Room {
  #mutations = 950;
  #keyBytes = 76_000;

  /** False: it does not fit, and nothing was taken. What comes first always fits. */
  take(...costs: readonly Cost[]): boolean {
    let mutations = 0;
    let keyBytes = 0;
    for (const cost of costs) {
      mutations += cost.mutations;
      keyBytes += cost.keyBytes;
    }
    if (mutations > this.#mutations || keyBytes > this.#keyBytes) return false;
    this.#mutations -= mutations;
    this.#keyBytes -= keyBytes;
    return true;
  }
}
