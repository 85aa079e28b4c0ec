/** Places and the ways between them: how scattered positions become lines. */
import { distance, type Spot } from "./plane.ts";

export class Graph {
  readonly #spots: readonly Spot[];
  readonly #ways = new Map<number, Set<number>>();

  /** Places are named by their index in `spots`. */
  constructor(spots: readonly Spot[]) {
    this.#spots = spots;
  }

  /**
   * Connects these places by their shortest tree, which along a line is the line itself; but for ways
   * longer than `longest` metres: there nobody knows how the vehicle went.
   */
  addTree(places: readonly number[], longest: number): void {
    const [first, ...others] = places;
    if (first === undefined) return;
    let latest = first;
    const open = new Map(others.map((place) => [place, { from: first, away: Infinity }]));
    while (open.size > 0) {
      let nearest = latest;
      let least = Infinity;
      for (const [place, known] of open) {
        const away = this.#distance(latest, place);
        if (away < known.away) open.set(place, { from: latest, away });
        const best = Math.min(away, known.away);
        if (best < least) [nearest, least] = [place, best];
      }
      const link = open.get(nearest);
      if (link !== undefined && link.away <= longest) this.#connect(link.from, nearest);
      open.delete(nearest);
      latest = nearest;
    }
  }

  /** Removes dead ends that are shorter than `shortest` metres where others go on. */
  prune(shortest: number): void {
    for (const chain of this.chains()) {
      const [start = -1, end = -1] = [chain[0], chain.at(-1)];
      const isSpur = (this.#degree(start) === 1) !== (this.#degree(end) === 1);
      if (!isSpur || this.#length(chain) >= shortest) continue;
      chain.forEach((place, i) => {
        const next = chain[i + 1];
        if (next === undefined) return;
        this.#ways.get(place)?.delete(next);
        this.#ways.get(next)?.delete(place);
      });
    }
  }

  /** Each way is in one of them; they end where ways end or part. */
  chains(): number[][] {
    const chains: number[][] = [];
    const done = new Set<string>();
    const walk = (start: number, next: number) => {
      const chain = [start];
      for (let [from, to] = [start, next];;) {
        const way = `${Math.min(from, to)} ${Math.max(from, to)}`;
        if (done.has(way)) break;
        done.add(way);
        chain.push(to);
        if (this.#degree(to) !== 2) break;
        const onward = [...this.#ways.get(to) ?? []].find((place) => place !== from);
        if (onward === undefined) break;
        [from, to] = [to, onward];
      }
      if (chain.length > 1) chains.push(chain);
    };
    // Circles have no end to begin at: they come last.
    const ends = [...this.#ways.keys()].sort((a, b) =>
      Number(this.#degree(a) === 2) - Number(this.#degree(b) === 2) || a - b
    );
    for (const end of ends) for (const next of this.#ways.get(end) ?? []) walk(end, next);
    return chains;
  }

  #connect(a: number, b: number): void {
    for (const [from, to] of [[a, b], [b, a]] as const) {
      const known = this.#ways.get(from);
      if (known === undefined) this.#ways.set(from, new Set([to]));
      else known.add(to);
    }
  }

  #degree(place: number): number {
    return this.#ways.get(place)?.size ?? 0;
  }

  #distance(a: number, b: number): number {
    const [from, to] = [this.#spots[a], this.#spots[b]];
    return from === undefined || to === undefined ? Infinity : distance(from, to);
  }

  #length(chain: readonly number[]): number {
    return chain.slice(1).reduce((sum, to, i) => sum + this.#distance(chain[i] ?? to, to), 0);
  }
}
