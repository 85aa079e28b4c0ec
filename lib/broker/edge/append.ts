/** An append to a channel on its way into a commit. */
import type { Keyed, Retention } from "../../channels.ts";
import type { Draft, StreamPosition } from "../../protocol/publication.ts";
import type { KeyCondition } from "../broker.ts";
import type { MayRepeat } from "./once.ts";

export interface Append extends MayRepeat {
  readonly draft: Draft;
  readonly retention: Retention;
  readonly keyed?: Keyed;
  readonly condition?: KeyCondition;
}

/** Where a commit leads a channel. */
export interface Moved {
  readonly channel: string;
  readonly position: StreamPosition;
  /** When its life is over (head.ts). */
  readonly until: number | null;
  readonly retention: Retention;
  readonly keyed?: Keyed;
}

/** The appends of each channel, in their order. */
export function byChannel<One extends Append>(group: readonly One[]): Map<string, One[]> {
  const channels = new Map<string, One[]>();
  for (const one of group) {
    const list = channels.get(one.channel);
    if (list === undefined) channels.set(one.channel, [one]);
    else list.push(one);
  }
  return channels;
}

/** The key whose state the append changes; undefined: it is of the stream alone. */
export function stateKey({ draft, keyed }: Append): string | undefined {
  return keyed && draft.key;
}

/** Bytes that a draft takes in the store, rather too many than too few. */
export function sizeOf(append: Append): number {
  const { data, info, tags, key = "" } = append.draft;
  const plain = info === undefined && tags === undefined;
  const beside = plain ? 0 : JSON.stringify([info, tags]).length * 3;
  const labels = tags === undefined ? 0 : beside * 2;
  const one = data.length * (isAscii(data) ? 1 : 3) + beside + labels + key.length * 12 + 256;
  return stateKey(append) === undefined ? one : one * 2;
}

function isAscii(text: string): boolean {
  // deno-lint-ignore no-control-regex -- the range is the point
  return /^[\x00-\x7f]*$/.test(text);
}
