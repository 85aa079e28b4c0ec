import type { Chat } from "./chat.ts";
import { Composer } from "./composer.tsx";
import { Log } from "./log.tsx";

export function Room({ chat }: { chat: Chat }) {
  if (chat.page.access.value !== "granted") return null;
  return (
    <div class="room" data-live={chat.actions.value === null ? undefined : ""}>
      <People chat={chat} />
      <Log chat={chat} />
      <Typing chat={chat} />
      <Composer chat={chat} />
    </div>
  );
}

function People({ chat }: { chat: Chat }) {
  const { texts, claims } = chat;
  const here = chat.here.value;
  const names = here?.slice(0, mostNames).map((name) =>
    name === claims.value.user ? `${isolate(name)} (${texts.you})` : isolate(name)
  );
  const more = (here?.length ?? 0) - mostNames;
  const all = [...names ?? [], ...(more > 0 ? [`+${more}`] : [])];
  return (
    <p class="people" aria-label={texts.people}>
      {here === null ? texts.nobodyHere : texts.here(all.join(", "))}
    </p>
  );
}

/** Its line is always there, so that nothing moves when it fills. */
function Typing({ chat }: { chat: Chat }) {
  const names = chat.typing.value;
  return (
    <p class="typing">
      {names.length > 0 &&
        chat.texts.typing(
          names.slice(0, 2).map(isolate),
          names.length - 2 > 0 ? names.length - 2 : 0,
        )}
    </p>
  );
}

const mostNames = 5;

/** A name that is written from right to left leaves the rest of the sentence alone. */
function isolate(name: string): string {
  return `\u2068${name}\u2069`;
}
