/** What a client of a state channel knows of it, from nothing but what it was sent. */
import assert from "node:assert/strict";
import type { StreamPosition } from "../../../lib/protocol/publication.ts";

/** An entry of a page, or a change, as the wire has it. */
export interface KeyedPub {
  readonly key: string;
  readonly data?: unknown;
  readonly removed?: boolean;
  readonly offset?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface MirrorEntry {
  readonly data: unknown;
  readonly offset: number;
}

export class StateMirror {
  readonly entries = new Map<string, MirrorEntry>();
  /** After what it has; null: it has nothing yet. */
  position: StreamPosition | null = null;
  /** Whether it has all pages of a snapshot, so that its position can be resumed from. */
  whole = false;
  /** How often it began anew. */
  begun = 0;
  /** Changes it was given. */
  changes = 0;

  /** A snapshot follows, at the position. */
  begin(position: StreamPosition): void {
    this.entries.clear();
    this.position = position;
    this.whole = false;
    this.begun++;
  }

  /** More of a snapshot. */
  goOn(position: StreamPosition): void {
    assert.deepEqual(position, this.position, "another snapshot");
  }

  page(state: readonly KeyedPub[], more: boolean): void {
    assert.ok(!this.whole, "a page of state out of turn");
    for (const { key, data, offset = 0, removed } of state) {
      assert.ok(!removed, "a snapshot has no removals");
      assert.ok(!this.entries.has(key), `${key} is in the snapshot twice`);
      assert.ok(offset <= (this.position?.offset ?? 0), "an entry from after the snapshot");
      this.entries.set(key, { data, offset });
    }
    this.whole = !more;
  }

  change({ key, data, removed, offset = 0 }: KeyedPub): void {
    assert.ok(this.whole && this.position !== null, "a change before the state");
    assert.ok(offset > this.position.offset, `${offset} after ${this.position.offset}`);
    this.position = { ...this.position, offset };
    this.changes++;
    if (removed) this.entries.delete(key);
    else this.entries.set(key, { data, offset });
  }

  /** It has nothing to learn of what came up to there. */
  moveTo(offset: number): void {
    if (this.position !== null) this.position = { ...this.position, offset };
  }
}

/** `channels` of `/v1/events`, in both its forms. */
export type StateStarts = Readonly<Record<string, StateStart>>;

export interface StateStart {
  readonly epoch?: string;
  readonly offset?: number;
  readonly recovered?: boolean;
  /** In a long-poll's answer. */
  readonly state?: readonly KeyedPub[];
  readonly more?: boolean;
}

export function takeStart(mirror: StateMirror, start: StateStart): void {
  const { epoch = "", offset = 0, recovered, state, more = false } = start;
  if (recovered !== true) mirror.begin({ epoch, offset });
  if (state === undefined) return;
  if (recovered === true) mirror.goOn({ epoch, offset });
  mirror.page(state, more);
}
