/** Brings a conversation up to what the server holds. */
import type { ChatMessage } from "../../lib/store/events.ts";
import type { Conversation, MessagePage } from "./conversation.ts";

/** When more was missed than so many pages hold, the conversation begins anew. */
const mostPages = 4;

/**
 * @param edge up to which message the conversation is known to be whole; undefined: it is not.
 * @returns the messages that are new to it.
 * @throws as `read` does; then the conversation is as before.
 */
export async function catchUp(
  conversation: Conversation,
  edge: string | undefined,
  read: (before?: string) => Promise<MessagePage>,
): Promise<ChatMessage[]> {
  const missed: ChatMessage[] = [];
  let page = await read();
  missed.push(...page.messages);
  for (let pages = 1; edge !== undefined && pages < mostPages; pages++) {
    if (page.next === null || reaches(page, edge)) break;
    page = await read(page.next);
    missed.push(...page.messages);
  }
  const isWhole = edge !== undefined && (page.next === null || reaches(page, edge));
  if (isWhole) return conversation.add(missed.toReversed());
  const known = new Set(conversation.messages.map(({ id }) => id));
  const newest = missed[0]?.id ?? "";
  const later = conversation.messages.filter(({ id }) => id > newest);
  conversation.replace({ messages: missed, next: page.next });
  conversation.add(later);
  return missed.filter(({ id }) => !known.has(id));
}

function reaches({ messages }: MessagePage, edge: string): boolean {
  return (messages.at(-1)?.id ?? "") <= edge;
}
