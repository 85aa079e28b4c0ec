/** A state channel as tests use it, and the mirror that a subscriber would keep of it. */
import type { KeyCondition, StateQuery } from "../../lib/broker/broker.ts";
import { type Keyed, keyedDefaults, type Retention } from "../../lib/channels.ts";
import type { Draft, Publication, StreamPosition } from "../../lib/protocol/publication.ts";
import { keep, type TestNode } from "./engine.ts";

export interface Rules {
  readonly retention?: Retention;
  readonly keyed?: Partial<Keyed>;
}

type Putting = KeyCondition & Pick<Draft, "tags" | "score"> & { idempotency?: string };

/** One channel with its rules, through any node. */
export class StateChannel {
  readonly name: string;
  readonly retention: Retention;
  readonly keyed: Keyed;

  constructor(name: string, { retention = keep, keyed = {} }: Rules = {}) {
    this.name = name;
    this.retention = retention;
    this.keyed = { ...keyedDefaults, ...keyed };
  }

  put(node: TestNode, key: string, value: unknown, options: Putting = {}) {
    return this.#publish(node, { data: JSON.stringify(value), key }, options);
  }

  remove(node: TestNode, key: string, options: Putting = {}) {
    return this.#publish(node, { data: "null", key, removed: true }, options);
  }

  page(node: TestNode, query: Partial<StateQuery> = {}) {
    const { retention, keyed } = this;
    return node.broker.state(this.name, { retention, keyed, limit: 1_000, ...query });
  }

  /** All pages. @param between runs after each of them. */
  async pages(
    node: TestNode,
    query: Partial<StateQuery> = {},
    between: () => Promise<unknown> | unknown = () => {},
  ): Promise<{ entries: Publication[]; position: StreamPosition; keys: number; pages: number }> {
    const entries: Publication[] = [];
    let after = query.after;
    for (let pages = 1;; pages++) {
      const page = await this.page(node, { ...query, ...(after && { after }) });
      entries.push(...page.entries);
      const { cursor, position, keys } = page;
      if (cursor === null) return { entries, position, keys, pages };
      after = { cursor, position };
      await between();
    }
  }

  /** Everything that is kept after the position; null: it is not. */
  async since(node: TestNode, since: StreamPosition): Promise<readonly Publication[] | null> {
    const { retention } = this;
    const page = await node.broker.history(this.name, { retention, since, limit: 100_000 });
    return page.reachable ? page.publications : null;
  }

  #publish(node: TestNode, draft: Draft, { tags, score, idempotency, ...condition }: Putting) {
    const { retention, keyed } = this;
    return node.broker.publish(
      this.name,
      { ...draft, ...(tags && { tags }), ...(score !== undefined && { score }) },
      {
        retention,
        keyed,
        condition,
        ...(idempotency !== undefined && { idempotency: { key: idempotency, ttlMs: 60_000 } }),
      },
    );
  }
}

/** The body of each key, after the publications. */
export function apply(
  mirror: Map<string, string>,
  publications: readonly Publication[],
): Map<string, string> {
  for (const { key, removed, body } of publications) {
    if (key === undefined) continue;
    if (removed) mirror.delete(key);
    else mirror.set(key, body);
  }
  return mirror;
}

export function sorted(mirror: ReadonlyMap<string, string>): [string, string][] {
  return [...mirror].sort(([a], [b]) => a < b ? -1 : 1);
}

export function keysOf(entries: readonly Publication[]): (string | undefined)[] {
  return entries.map(({ key }) => key);
}
