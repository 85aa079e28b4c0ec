/// <reference lib="dom" />
/**
 * The conversation. Its box is laid out from its end (`column-reverse`), so that it begins with the
 * newest message before any script runs, and stays there.
 */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Chat } from "./chat.ts";
import { Line } from "./bubble.tsx";
import { useLogAsHeir } from "./log_focus.ts";

/** Pixels: nearer to the end than this is at the end. */
const endPx = 40;
/** Nearer to the beginning than this, more is loaded. */
const beginningPx = 300;

export function Log({ chat }: { chat: Chat }) {
  const { texts } = chat;
  const box = useRef<HTMLDivElement>(null);
  const look = usePlace(chat, box);
  const items = chat.items.value;
  const outgoing = new Map(chat.outbox.value?.items.value.map((one) => [one.id, one.failure]));
  return (
    <div class="log-frame">
      {/* Focusable, for a keyboard has no other way to scroll it. */}
      <div
        class="log"
        role="log"
        aria-live="polite"
        aria-relevant="additions"
        aria-busy={chat.older.value === "loading"}
        aria-label={texts.messages}
        tabIndex={0}
        ref={box}
        onScroll={look}
      >
        <div class="lines">
          <Beginning chat={chat} />
          <ol>
            {items.map((item) => (
              <Line
                key={item.key}
                chat={chat}
                item={item}
                dates={chat.dates}
                failure={outgoing.get(item.key) ?? null}
              />
            ))}
          </ol>
        </div>
      </div>
      <Fresh chat={chat} />
    </div>
  );
}

/** Above the first message: what there is of older ones. */
function Beginning({ chat }: { chat: Chat }) {
  const { texts, older } = chat;
  if (!chat.isKnown.value) return <p class="empty">{chat.page.texts.loading}</p>;
  if (older.value === "failed") return <Older chat={chat} problem={texts.olderFailed} />;
  switch (chat.history) {
    case "more":
      return older.value === "loading"
        ? <p class="beginning">{texts.loadingOlder}</p>
        : <Older chat={chat} />;
    case "full":
      return <p class="beginning">{texts.noRoom}</p>;
    case "none":
      return chat.items.value.length === 0
        ? <p class="empty">{texts.empty}</p>
        : <p class="beginning">{texts.beginning}</p>;
  }
}

function Older({ chat, problem }: { chat: Chat; problem?: string }) {
  const button = useLogAsHeir();
  return (
    <p class="beginning">
      {problem !== undefined && <span class="problem">{problem}</span>}
      <button type="button" ref={button} onClick={() => chat.actions.value?.loadOlder()}>
        {problem === undefined ? chat.texts.showOlder : chat.texts.retry}
      </button>
    </p>
  );
}

/** What came while the reader looked at older messages. */
function Fresh({ chat }: { chat: Chat }) {
  const count = chat.unread.value;
  return count === 0 ? null : <ToEnd chat={chat} count={count} />;
}

function ToEnd({ chat, count }: { chat: Chat; count: number }) {
  const button = useLogAsHeir();
  return (
    <button
      type="button"
      class="news"
      ref={button}
      // The focus, and a phone's keyboard, stay where they are.
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => chat.toEnd.value++}
    >
      {chat.texts.fresh(chat.page.format.number(count), count === 1)} ↓
    </button>
  );
}

/** Keeps what is looked at in its place, whatever comes above or below it. */
function usePlace(chat: Chat, ref: RefObject<HTMLDivElement | null>): () => void {
  const toEnd = chat.toEnd.value;
  const wentToEnd = useRef(toEnd);
  // As it is before this rendering changes anything. What the last scroll event told may be over: the
  // reader can have scrolled on since.
  const before = ref.current === null || isAtEnd(ref.current) ? null : topLine(ref.current);
  const look = () => {
    const box = ref.current;
    if (box === null) return;
    const { unread, actions, page } = chat;
    chat.isAtEnd.value = isAtEnd(box);
    if (chat.isAtEnd.value) {
      unread.value = 0;
      if (document.visibilityState === "visible") actions.value?.read();
    }
    const above = box.scrollHeight - box.clientHeight - Math.abs(box.scrollTop);
    const canLoad = chat.older.value === "idle" && chat.history === "more";
    if (above < beginningPx && canLoad && page.connection.status.value.name === "online") {
      actions.value?.loadOlder();
    }
  };
  useLayoutEffect(() => {
    const box = ref.current;
    if (box === null) return;
    if (before === null || wentToEnd.current !== toEnd) box.scrollTop = 0;
    else if (before.line.isConnected) {
      box.scrollTop += before.line.getBoundingClientRect().top - box.getBoundingClientRect().top -
        before.top;
    }
    wentToEnd.current = toEnd;
    look();
  });
  useEffect(() => {
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return look;
}

function isAtEnd(box: HTMLElement): boolean {
  return Math.abs(box.scrollTop) < endPx;
}

/** The first line that can be seen, and where it stands in the box. */
function topLine(box: HTMLElement): { line: Element; top: number } | null {
  const { top } = box.getBoundingClientRect();
  for (const line of box.querySelectorAll("li")) {
    const edges = line.getBoundingClientRect();
    if (edges.bottom > top) return { line, top: edges.top - top };
  }
  return null;
}
