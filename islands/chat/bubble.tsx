/** One line of the conversation: a message, or the day that begins. */
import { Component } from "preact";
import type { Chat } from "./chat.ts";
import type { Dates } from "./dates.ts";
import { isSameItem, type Item, type MessageItem } from "./items.ts";
import { partsOf } from "./links.ts";
import { useLogAsHeir } from "./log_focus.ts";

interface LineProps {
  readonly chat: Chat;
  readonly item: Item;
  readonly dates: Dates;
  /** With which a message was refused; null: it was not. */
  readonly failure: number | null;
}

/** Drawn anew only when it looks different: there may be two thousand of them. */
export class Line extends Component<LineProps> {
  override shouldComponentUpdate({ item, dates, failure }: LineProps): boolean {
    const { props } = this;
    return dates !== props.dates || failure !== props.failure || !isSameItem(item, props.item);
  }

  override render({ chat, item, dates, failure }: LineProps) {
    return item.kind === "day"
      ? <li class="day">{dates.dayName(item.at)}</li>
      : <Message chat={chat} item={item} dates={dates} failure={failure} />;
  }
}

type MessageProps = Omit<LineProps, "item"> & { readonly item: MessageItem };

function Message({ chat, item, dates, failure }: MessageProps) {
  const { texts } = chat;
  const { author, isStaff, isMine, isFirst, text, at, delivery, key } = item;
  const isWaiting = delivery === "sending" || delivery === "failed";
  return (
    <li
      class={isMine ? "message mine" : "message"}
      data-message={key}
      data-first={isFirst ? "" : undefined}
      data-delivery={delivery ?? undefined}
    >
      <p class={isFirst && !isMine ? "author" : "visually-hidden"}>
        <bdi>{isMine ? texts.you : author}</bdi>
        {isStaff && <span class="staff">{texts.staff}</span>}
      </p>
      <div class="bubble">
        <p class="text" dir="auto">
          {partsOf(text).map((part) =>
            part.kind === "text"
              ? part.text
              : (
                <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
                  {part.text}
                </a>
              )
          )}
        </p>
        <p class="meta">
          {/* The server's, by which messages are in order, as soon as there is one. */}
          <time
            dateTime={new Date(at).toISOString()}
            title={isWaiting ? texts.writtenAt(dates.time(at)) : texts.storedAt(dates.time(at))}
          >
            {dates.time(at)}
          </time>
          {(delivery === "sending" || delivery === "stored" || delivery === "seen") && (
            <span class="delivery">{texts[delivery]}</span>
          )}
        </p>
      </div>
      {failure !== null && <Failed chat={chat} id={key} status={failure} />}
    </li>
  );
}

function Failed({ chat, id, status }: { chat: Chat; id: string; status: number }) {
  const { texts, actions } = chat;
  const [retry, discard] = [useLogAsHeir(), useLogAsHeir()];
  return (
    <p class="failed">
      <span>{texts.failed(`${status}`)}</span>
      <button type="button" ref={retry} onClick={() => actions.value?.retry(id)}>
        {texts.retry}
      </button>
      <button type="button" ref={discard} onClick={() => actions.value?.discard(id)}>
        {texts.discard}
      </button>
    </p>
  );
}
