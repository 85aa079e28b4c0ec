import { monotonicUlid } from "@std/ulid";
import { change } from "./change.ts";
import { keys, limits, type Page, type StoreContext } from "./context.ts";
import type { ChatMessage } from "./events.ts";
import { page, type PageRequest } from "./list.ts";

export function postMessage(
  context: StoreContext,
  { room, author, text }: Pick<ChatMessage, "room" | "author" | "text">,
): Promise<ChatMessage> {
  return change(context, (kv) => {
    const message = { id: monotonicUlid(), room, author, text, at: context.clock.now() };
    return Promise.resolve({
      result: message,
      write: kv.atomic()
        .set(keys.message(room, message.id), message, { expireIn: limits.chatTtlMs }),
      events: [{ channel: `chat:${room}`, data: message }],
    });
  });
}

/** Newest first. */
export function listMessages(
  context: StoreContext,
  room: string,
  request: PageRequest,
): Promise<Page<ChatMessage>> {
  return page(context, keys.messages(room), { ...request, newestFirst: true });
}
