/// <reference lib="dom" />
/** Where messages are written. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Chat } from "./chat.ts";
import { cleanMessage, isSending, maxMessageLength } from "./writing.ts";

/** From this length on it is said how much is left. */
const countFrom = 1_500;

export function Composer({ chat }: { chat: Chat }) {
  const { texts, page } = chat;
  const { number } = page.format;
  const field = useRef<HTMLTextAreaElement>(null);
  const length = useSignal(0);
  const problem = useSignal("");
  const written = () => {
    const { current } = field;
    if (current === null) return;
    length.value = cleanMessage(current.value).length;
    problem.value = "";
    fit(current);
  };
  // What the browser has put back there.
  useEffect(written, []);
  const send = () => {
    const { current } = field;
    const text = cleanMessage(current?.value ?? "");
    if (current === null || text === "") return;
    if (text.length > maxMessageLength) {
      problem.value = texts.tooLong(number(text.length - maxMessageLength));
      return;
    }
    if (chat.actions.value?.send(text) !== true) {
      problem.value = texts.tooMany;
      return;
    }
    current.value = "";
    written();
  };
  const limit = number(maxMessageLength);
  // Until the script can send, and where none runs.
  const isIdle = chat.actions.value === null;
  if (!isIdle && chat.claims.value.user === "") {
    return <p class="composer problem" role="status">{texts.noName}</p>;
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
        field.current?.focus();
      }}
    >
      <label class="visually-hidden" for="message">{texts.message}</label>
      <textarea
        id="message"
        ref={field}
        rows={1}
        dir="auto"
        placeholder={texts.placeholder}
        disabled={isIdle}
        enterkeyhint="send"
        aria-describedby="message-hint message-length"
        aria-invalid={length.value > maxMessageLength}
        onInput={(event) => {
          written();
          chat.actions.value?.wrote(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (!isSending(event)) return;
          event.preventDefault();
          send();
        }}
      />
      {/* The focus, and a phone's keyboard, stay where they are. */}
      <button
        type="submit"
        disabled={isIdle}
        onPointerDown={(event) => event.preventDefault()}
      >
        {texts.send}
      </button>
      <p class="hint">
        <span id="message-hint">{texts.hint(limit)}</span>
        <span
          id="message-length"
          class={length.value > maxMessageLength ? "length problem" : "length"}
        >
          {length.value > countFrom && texts.length(number(length.value), limit)}
          {length.value > maxMessageLength &&
            `, ${texts.tooLong(number(length.value - maxMessageLength))}`}
        </span>
      </p>
      <Notices chat={chat} problem={problem.value} />
    </form>
  );
}

/** Why what is written may not arrive now. */
function Notices({ chat, problem }: { chat: Chat; problem: string }) {
  const { texts, outbox, page } = chat;
  const { name } = page.connection.status.value;
  const waits = (outbox.value?.items.value ?? []).some(({ failure }) => failure === null);
  const notices = [
    problem,
    waits && outbox.value?.isKept.value === false ? texts.notKept : "",
    waits && name !== "online" ? texts.waiting : "",
  ];
  return <p class="notices" role="status">{notices.filter(Boolean).join(" ")}</p>;
}

/** As tall as what is in it; the style sheet says how tall at most. */
function fit(field: HTMLTextAreaElement): void {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}
