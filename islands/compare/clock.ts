/// <reference lib="dom" />
/**
 * The server's clock beside this browser's. Each answer bounds the difference: the server looked at its
 * clock after the request was made and before the answer came. What all of them leave open is halved.
 */
import { ServerClock } from "../../lib/client/clock.ts";

export interface Clock {
  /** Milliseconds from a time by the server's clock to a time by ours. */
  since(serverTime: number, now: number): number;
  /** By how many milliseconds that may be wrong. */
  readonly error: number;
}

const samples = 12;

/** Unix milliseconds, with what `Date.now` cuts off. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** @throws where the server does not answer */
export async function compareClocks(ask: () => Promise<{ time: number }>): Promise<Clock> {
  const clock = new ServerClock();
  let shortest = Infinity;
  for (let n = 0; n < samples; n++) {
    const sentAt = now();
    const { time } = await ask();
    const receivedAt = now();
    clock.sample(sentAt, receivedAt, time);
    shortest = Math.min(shortest, receivedAt - sentAt);
  }
  const at = now();
  const ahead = (clock.at(at) ?? at) - at;
  return {
    since: (serverTime, when) => Math.max(0, when + ahead - serverTime),
    error: shortest / 2 + 1,
  };
}
