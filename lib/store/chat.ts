import { monotonicUlid } from "@std/ulid";
import { change } from "./change.ts";
import { keys, limits, type Page, type StoreContext } from "./context.ts";
import { StoreError } from "./errors.ts";
import type { ChatMessage } from "./events.ts";
import { page, type PageRequest } from "./list.ts";

export interface MessageRequest {
  readonly room: string;
  readonly author: string;
  readonly text: string;
  /** Chosen by the author, so that a message repeated after a lost answer is stored once. */
  readonly sentAs?: string | undefined;
  readonly isStaff?: boolean;
}

export interface Posted {
  readonly message: ChatMessage;
  /** false: the author had sent it before. */
  readonly created: boolean;
}

/** @throws StoreError 409 if the author has used `sentAs` for another text in this room */
export function postMessage(context: StoreContext, request: MessageRequest): Promise<Posted> {
  const { room, author, text, sentAs } = request;
  return change<Posted>(context, async (kv) => {
    const write = kv.atomic();
    const message = newMessage(context, request);
    const expiry = { expireIn: limits.chatTtlMs };
    if (sentAs !== undefined) {
      const sent = await kv.get<string>(keys.messageSent(room, author, sentAs));
      const before = await earlier(kv, room, sent.value);
      if (before !== null) {
        if (before.text === text) return { result: { message: before, created: false } };
        throw new StoreError(409, `message "${sentAs}" exists with another text`);
      }
      write.check(sent).set(sent.key, message.id, expiry);
    }
    return {
      result: { message, created: true },
      write: write.set(keys.message(room, message.id), message, expiry),
      events: [{ channel: `chat:${room}`, data: message }],
    };
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

function newMessage(
  { clock }: StoreContext,
  { room, author, text, sentAs, isStaff }: MessageRequest,
): ChatMessage {
  const message = { id: monotonicUlid(), room, author, text, at: clock.now() };
  return {
    ...message,
    ...(sentAs !== undefined && { sentAs }),
    ...(isStaff === true && { isStaff }),
  };
}

async function earlier(kv: Deno.Kv, room: string, id: string | null): Promise<ChatMessage | null> {
  if (id === null) return null;
  return (await kv.get<ChatMessage>(keys.message(room, id))).value;
}
