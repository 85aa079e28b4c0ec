/** What the bridge needs of the node: the state it compares to, and where changes go. */
import type { KeyCondition } from "../broker/broker.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";

/** A live view of a state channel: the latest publication of each key that is there. */
export interface WatchedState {
  readonly channel: string;
  get(key: string): Publication | undefined;
  entries(): Iterable<Publication>;
}

/** Publishes into state channels. */
export interface BridgeTarget {
  /**
   * @param data a JSON value.
   * @returns null when the condition did not hold and nothing was published.
   */
  set(
    channel: string,
    key: string,
    data: unknown,
    condition: KeyCondition,
  ): Promise<StreamPosition | null>;
  /** The same for the end of a key. */
  remove(channel: string, key: string, condition: KeyCondition): Promise<StreamPosition | null>;
}
