/// <reference lib="dom" />
/** One channel: what it is, what is published to it, and publishing by hand. */
import type { ChannelFacts } from "../../lib/inspect/channel_facts.ts";
import type { Inspect } from "./inspect.ts";
import { Publish, type PublishProps } from "./publish.tsx";
import { Tail } from "./tail.tsx";

interface ChannelPanelProps extends Pick<PublishProps, "onPublish"> {
  readonly inspect: Inspect;
  readonly onChoose: (channel: string) => void;
}

export const channelHeadingId = "channel-heading";

export function ChannelPanel({ inspect, onChoose, onPublish }: ChannelPanelProps) {
  const { texts, page, chosen } = inspect;
  const now = chosen.value;
  return (
    <section class="sheet channel" aria-labelledby={channelHeadingId}>
      <div class="sheet-head">
        <h2 id={channelHeadingId} tabIndex={-1}>
          <bdi>{now.name === "none" ? texts.chosen : now.channel}</bdi>
        </h2>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onChoose(`${new FormData(event.currentTarget).get("channel")}`);
          }}
        >
          <input
            name="channel"
            required
            autocomplete="off"
            aria-label={texts.channelName}
            placeholder={texts.channelName}
          />
          <button type="submit">{texts.open}</button>
        </form>
      </div>
      {now.name === "none" && <p class="empty">{texts.chooseOne}</p>}
      {now.name === "loading" && <p class="empty">{page.texts.loading}</p>}
      {now.name === "refused" && <p class="empty problem" role="alert">{now.detail}</p>}
      {now.name === "known" && (
        <div class="channel-body" key={now.channel}>
          <Facts inspect={inspect} facts={now.facts} />
          {now.facts.kind === "shared_poll" ? <p class="empty">{texts.tailNone}</p> : (
            <>
              <Publish inspect={inspect} facts={now.facts} onPublish={onPublish} />
              <Tail inspect={inspect} />
            </>
          )}
        </div>
      )}
    </section>
  );
}

function Facts({ inspect, facts }: { inspect: Inspect; facts: ChannelFacts }) {
  const { texts, page: { format } } = inspect;
  const { kind, history, keys, position } = facts;
  const rows: (readonly [string, string])[] = [];
  if (history === null) rows.push([texts.keptNow, texts.notKept]);
  else {
    const { size, ttlMs, kept, isAll } = history;
    const rules = texts.rules(format.number(size), texts.duration(ttlMs / 1_000));
    rows.push([texts.keptNow, `${texts.kept(format.number(kept), isAll)} (${rules})`]);
  }
  if (position !== null) {
    rows.push([texts.position, `${position.epoch} : ${format.number(position.offset)}`]);
  }
  if (keys !== null) rows.push([texts.keys, format.number(keys)]);
  return (
    <dl class="facts">
      <div>
        <dt>{texts.kind[kind]}</dt>
        <dd>{facts.namespace}</dd>
      </div>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
