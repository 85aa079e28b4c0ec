/// <reference lib="dom" />
/** What is shown in place of the room to who has no token. */
import { Gate } from "../gate.tsx";
import type { Chat } from "./chat.ts";

export function Entrance({ chat }: { chat: Chat }) {
  const { access } = chat.page;
  if (chat.asksName === "no" || access.value !== "needed") return <Gate page={chat.page} />;
  const { texts } = chat;
  return (
    <form class="gate entrance" onSubmit={enter}>
      <h2>{texts.whoAreYou}</h2>
      <p>{texts.whoHow}</p>
      <p>
        <label for="as">{texts.name}</label>
        <input
          id="as"
          name="as"
          required
          maxLength={60}
          autocomplete="nickname"
          aria-describedby={chat.asksName === "bad" ? "as-problem" : undefined}
          aria-invalid={chat.asksName === "bad"}
        />
      </p>
      {chat.asksName === "bad" && <p class="problem" id="as-problem">{texts.badName}</p>}
      <p>
        <label>
          <input type="checkbox" name="staff" value="" /> {texts.iAmStaff}
        </label>
      </p>
      <button type="submit">{texts.enter}</button>
    </form>
  );
}

/** By script, for the page's policy lets no form be sent. */
function enter(event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): void {
  event.preventDefault();
  const address = new URL(location.href);
  for (const [name, value] of new FormData(event.currentTarget)) {
    if (typeof value === "string") address.searchParams.set(name, value);
  }
  location.assign(address);
}
