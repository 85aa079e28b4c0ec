/** How far each user has read a room. */
import { change, patiently } from "./change.ts";
import { keys, limits, type StoreContext } from "./context.ts";
import { StoreError } from "./errors.ts";
import type { ReadMark } from "./events.ts";

export interface ReadRequest {
  readonly room: string;
  readonly user: string;
  readonly upTo: string;
}

/**
 * Moves a user's mark forward; one that is further already stays. Resolves with the mark as it is.
 *
 * @throws StoreError 404 if there is no such message
 */
export function markRead(
  context: StoreContext,
  { room, user, upTo }: ReadRequest,
): Promise<ReadMark> {
  return change<ReadMark>(context, async (kv) => {
    const before = await kv.get<ReadMark>(keys.readMark(room, user));
    if (before.value !== null && before.value.upTo >= upTo) return { result: before.value };
    const message = await kv.get(keys.message(room, upTo));
    if (message.value === null) throw new StoreError(404, `no message "${upTo}"`);
    const mark = { user, upTo, at: context.clock.now() };
    return {
      result: mark,
      write: kv.atomic().check(before).set(before.key, mark, { expireIn: limits.chatTtlMs }),
      events: [{ channel: `read:${room}`, key: user, data: mark }],
    };
  });
}

/** By user, at most `limit`. */
export async function listReadMarks(
  { kv, clock }: StoreContext,
  room: string,
  limit: number,
): Promise<ReadMark[]> {
  const selector = { prefix: [...keys.readMarks(room)] };
  const entries = await patiently(
    clock,
    () => Array.fromAsync(kv.list<ReadMark>(selector, { limit })),
  );
  return entries.map(({ value }) => value);
}
