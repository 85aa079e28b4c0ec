/** A key of a channel that somebody follows in this isolate, and what is known of it. */
import type { Tracker } from "./tracker.ts";

export interface Entry {
  readonly key: string;
  readonly trackers: Set<Tracker>;
  value: Value;
  /** The last that the server API published, by its version; null: nothing. */
  published: Published | null;
}

export interface Published {
  readonly version: number;
  /** The request that was the last one to be sent then: its answer may be older than this. */
  readonly request: number;
}

export type Value =
  /** Not told yet. */
  | { readonly kind: "unknown" }
  | {
    readonly kind: "known";
    readonly version: number;
    /** The data as JSON. */
    readonly text: string;
    /** The push, made once for all who follow the key. */
    readonly push: string;
  }
  | { readonly kind: "removed"; readonly push: string };

export const unknown: Value = { kind: "unknown" };

export function knownValue(channel: string, key: string, version: number, text: string): Value {
  const pub = `{"data":${text},"key":${JSON.stringify(key)},"version":${version}}`;
  return { kind: "known", version, text, push: pushOf(channel, pub) };
}

export function removedValue(channel: string, key: string): Value {
  const push = pushOf(channel, `{"key":${JSON.stringify(key)},"removed":true}`);
  return { kind: "removed", push };
}

function pushOf(channel: string, pub: string): string {
  return `{"push":{"channel":${JSON.stringify(channel)},"pub":${pub}}}`;
}
