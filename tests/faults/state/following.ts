/** What a client has of its channels when its connection is gone, whatever that was. */
import { type Filter, parseFilter } from "../../../lib/protocol/filter.ts";
import { StateMirror } from "../../support/clients/state_mirror.ts";
import type { Place } from "./node.ts";

export interface Wishes {
  readonly channels: readonly string[];
  /** As in a URL; null: everything. */
  readonly filter: string | null;
  /** Updates a second; null: all. */
  readonly maxRate: number | null;
}

/** The client side of one connection. */
export interface Line {
  /** Reads nothing while true. */
  stalled: boolean;
  readonly isOpen: boolean;
  /** Whether all mirrors are whole and nothing that was sent is unread. */
  readonly isLevel: boolean;
  /** The connection breaks: what is unread never comes. */
  cut(): void;
}

export type OpenLine = (place: Place, following: Following, by: "cursor" | "position") => Line;

export class Following {
  readonly wishes: Wishes;
  readonly filter: Filter | null;
  readonly mirrors: ReadonlyMap<string, StateMirror>;
  /** Of `/v1/events`, where that was the last it used. */
  cursor: string | null = null;
  /** What went wrong with the client itself. */
  readonly faults: unknown[] = [];
  readonly tally = { resumed: 0, refused: 0, lost: 0, pages: 0, closed: 0 };

  constructor(wishes: Wishes) {
    this.wishes = wishes;
    this.filter = wishes.filter === null ? null : parseFilter(wishes.filter);
    this.mirrors = new Map(wishes.channels.map((channel) => [channel, new StateMirror()]));
  }

  mirror(channel: string): StateMirror {
    const found = this.mirrors.get(channel);
    if (found === undefined) throw new Error(`told of ${channel}, which it did not ask for`);
    return found;
  }

  get isWhole(): boolean {
    return [...this.mirrors.values()].every(({ whole }) => whole);
  }
}
