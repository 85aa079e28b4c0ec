/// <reference lib="dom" />
/** What may be written. */

/** UTF-16 units of one message. */
export const maxMessageLength = 2_000;

/** As the server takes it: without what surrounds it, control characters and halves of characters. */
export function cleanMessage(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, "\n").replace(/[^\P{Cc}\n\t]/gu, "").trim();
}

/**
 * Whether a key sends the message. Enter that ends the composition of a word (as Vietnamese input
 * methods have it) does not; Safari gives that away by the key code alone.
 */
export function isSending(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "isComposing" | "keyCode">,
): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}
