import type { Line } from "./steps.ts";

export interface Move {
  readonly id: string;
  readonly status: "packed" | "shipped" | "delivered" | "cancelled";
}

interface Followed {
  readonly id: string;
  readonly customer: string;
  readonly lines: readonly Line[];
  /** What will become of it, and at which tick. */
  readonly moves: { readonly tick: number; readonly status: Move["status"] }[];
}

/** More orders than this are not followed: the oldest stay as they are. */
const maxFollowed = 1_000;

/**
 * What becomes of orders after they were placed, which was not recorded: most are packed, shipped
 * and delivered, a few are cancelled at once, a few after a long wait. One tick is one step of the
 * recording.
 */
export class Lifecycle {
  readonly #random: () => number;
  readonly #followed = new Map<string, Followed>();

  constructor(random: () => number) {
    this.#random = random;
  }

  placed(tick: number, order: Omit<Followed, "moves">): void {
    this.#followed.set(order.id, { ...order, moves: this.#fate(tick) });
    const [oldest] = this.#followed.keys();
    if (oldest !== undefined && this.#followed.size > maxFollowed) this.#followed.delete(oldest);
  }

  /** The moves whose time has come; each is given once. */
  due(tick: number): Move[] {
    const due: Move[] = [];
    for (const [id, { moves }] of this.#followed) {
      const [next] = moves;
      if (next === undefined || next.tick > tick) continue;
      moves.shift();
      due.push({ id, status: next.status });
      // From here on it can no longer be cancelled, or is.
      if (moves.length === 0) this.#followed.delete(id);
    }
    return due;
  }

  /** The customer's latest order that has all these goods and can be cancelled; it is let go of. */
  takeCancellable(customer: string, goods: readonly Line[]): string | undefined {
    if (customer === "") return undefined;
    const found = [...this.#followed.values()].findLast((order) =>
      order.customer === customer && isCancellable(order) &&
      goods.every(({ sku, quantity }) =>
        order.lines.some((line) => line.sku === sku && line.quantity >= quantity)
      )
    );
    if (found !== undefined) this.#followed.delete(found.id);
    return found?.id;
  }

  get isOver(): boolean {
    return this.#followed.size === 0;
  }

  #fate(tick: number): Followed["moves"] {
    const chance = this.#random();
    const packed = tick + this.#between(1, 3);
    if (chance < 0.08) return [{ tick: packed, status: "cancelled" }];
    if (chance > 0.92) return [{ tick: tick + this.#between(8, 12), status: "cancelled" }];
    const shipped = packed + this.#between(1, 4);
    return [
      { tick: packed, status: "packed" },
      { tick: shipped, status: "shipped" },
      { tick: shipped + this.#between(2, 6), status: "delivered" },
    ];
  }

  #between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }
}

/** Not yet shipped, and not to be cancelled anyway. */
function isCancellable({ moves: [next] }: Followed): boolean {
  return next?.status === "packed" || next?.status === "shipped";
}
