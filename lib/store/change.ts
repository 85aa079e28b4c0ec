import { isLocked } from "../kv/retry.ts";
import { type Clock, pause } from "../clock.ts";
import type { AlertKind } from "./alerts_shape.ts";
import { limits, type StoreContext } from "./context.ts";
import { StoreError } from "./errors.ts";
import { addEvents, type StoreEvent } from "./outbox.ts";

/** What a change comes to: without `write` nothing needs to change, and nothing is told. */
export interface Change<T> {
  readonly result: T;
  readonly write?: Deno.AtomicOperation;
  readonly events?: readonly StoreEvent[];
  /** Alerts that were to be raised, and for which there was no room. */
  readonly dropped?: readonly AlertKind[];
}

const maxTries = 60;

/**
 * Makes a change and leaves its events in the outbox, both or neither. `prepare` reads and checks
 * what it read; where another change came between, it is called again.
 *
 * @throws what `prepare` throws; StoreError 503 if others keep coming between, or too many events
 * wait to be published.
 */
export async function change<T>(
  { kv, clock, backlog, wake, alertDropped }: Omit<StoreContext, "counted">,
  prepare: (kv: Deno.Kv) => Promise<Change<T>>,
): Promise<T> {
  if (backlog.rows >= limits.backlogRows) {
    throw new StoreError(503, "too many events are waiting to be published; try again later");
  }
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const done = await unlessLocked(async () => {
      const { result, write, events = [], dropped = [] } = await prepare(kv);
      if (write === undefined) return { result, told: 0, dropped };
      if (events.length > 0) addEvents(write, events);
      const commit = await write.commit();
      return commit.ok ? { result, told: events.length, dropped } : null;
    });
    if (done !== null) {
      backlog.rows += done.told;
      if (done.told > 0) wake();
      for (const kind of done.dropped) alertDropped(kind);
      return done.result;
    }
    await pause(clock, waitMs(clock, attempt));
  }
  throw new StoreError(503, "too many changes at once; try again");
}

/** Tries again while the database is locked by another writer. @throws as `job` does; StoreError 503 */
export async function patiently<T>(clock: Clock, job: () => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const done = await unlessLocked(async () => ({ result: await job() }));
    if (done !== null) return done.result;
    await pause(clock, waitMs(clock, attempt));
  }
  throw new StoreError(503, "the database is busy; try again");
}

function waitMs(clock: Clock, attempt: number): number {
  return clock.random() * Math.min(100, 4 * 2 ** Math.min(attempt, 10));
}

/** Local KV does not queue writers: one that comes while another commits is refused by an error. */
async function unlessLocked<T>(job: () => Promise<T>): Promise<T | null> {
  try {
    return await job();
  } catch (error) {
    if (isLocked(error)) return null;
    throw error;
  }
}
