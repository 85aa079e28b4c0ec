/** What is published to the channel, the latest first. */
import type { Inspect } from "./inspect.ts";
import type { TailEntry } from "./tail_list.ts";

export function Tail({ inspect }: { inspect: Inspect }) {
  const { texts, tail, page: { format } } = inspect;
  const { tailOpening: opening, tailWaiting: waiting, tailLive: live } = texts;
  const state = { off: "", opening, waiting, live }[tail.state.value];
  const isPaused = tail.isPaused.value;
  const entries = tail.entries.value;
  return (
    <div class="tail" data-tail={tail.state.value}>
      <div class="tail-head">
        <h3 id="tail-heading">{texts.tail}</h3>
        <span role="status">{state}</span>
        {isPaused && <span>{texts.paused(format.number(tail.missed.value))}</span>}
        <button type="button" onClick={() => tail.pause(!isPaused)}>
          {isPaused ? texts.resume : texts.pause}
        </button>
      </div>
      {entries.length === 0 ? <p class="empty">{texts.tailEmpty}</p> : (
        // Focusable, for a keyboard has no other way to scroll it; not read out as it grows.
        <ol tabIndex={0} aria-labelledby="tail-heading">
          {entries.map((entry) => <Entry key={entry.id} inspect={inspect} entry={entry} />)}
        </ol>
      )}
    </div>
  );
}

function Entry({ inspect, entry }: { inspect: Inspect; entry: TailEntry }) {
  const { texts, page: { format } } = inspect;
  const { at, kind, offset, key, text, tags } = entry;
  if (kind === "gap") return <li class="problem">{texts.gap}</li>;
  const verb = { publication: "", removal: texts.removed, join: texts.joined, leave: texts.left };
  return (
    <li data-entry={kind}>
      <span class="meta">
        <time>{format.clock(at)}</time>
        {offset !== null && <span>#{offset}</span>}
        {key !== null && (
          <b>
            <bdi>{key}</bdi>
          </b>
        )}
        {tags !== "" && <bdi>{tags}</bdi>}
        {verb[kind] !== "" && <i>{verb[kind]}</i>}
      </span>
      {text !== "" && <code dir="ltr">{text}</code>}
    </li>
  );
}
