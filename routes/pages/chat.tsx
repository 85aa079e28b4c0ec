/** The chat's document. */
import type { Context } from "hono";
import { Badge } from "../../islands/badge.tsx";
import { Chat, type ChatState } from "../../islands/chat/chat.ts";
import { pageSize } from "../../islands/chat/conversation.ts";
import { Entrance } from "../../islands/chat/entrance.tsx";
import { Room } from "../../islands/chat/room.tsx";
import { Island } from "../../islands/island.tsx";
import { isAddress } from "../../lib/auth/host.ts";
import type { Config } from "../../lib/config.ts";
import type { Store } from "../../lib/store/mod.ts";
import { roomParam, userName } from "../../lib/store/shapes.ts";
import type { Assets } from "./assets.ts";
import { Shell } from "./shell.tsx";
import { pageOf, pageState } from "./visitor.ts";

interface ChatDeps {
  readonly config: Config;
  readonly store: Store;
}

/** null: there is no such room. In development a name (`?as=`) is enough to come in. */
export async function chatPageState(
  c: Context,
  { config, store }: ChatDeps,
): Promise<ChatState | null> {
  const asked = roomParam.safeParse({ room: c.req.param("room") });
  if (!asked.success) return null;
  const { room } = asked.data;
  const as = c.req.query("as");
  const name = userName.safeParse(as);
  if (!name.success) {
    const gives = config.shop && config.mode === "dev" && isAddress(c.req.header("host"));
    const access = config.shop ? "needed" : "off";
    const asksName = !gives ? "no" : as === undefined ? "yes" : "bad";
    return { ...pageOf(c), access, token: null, room, asksName, opening: null };
  }
  const isStaff = c.req.query("staff") !== undefined;
  const claims = { sub: name.data, ...(isStaff && { role: "staff" as const }) };
  const page = await pageState(c, config, claims);
  if (page.access !== "granted") return { ...page, room, asksName: "no", opening: null };
  const [{ items, next }, read] = await Promise.all([
    store.listMessages(room, { limit: pageSize }),
    store.listReadMarks(room, 1_000),
  ]);
  return { ...page, room, asksName: "no", opening: { messages: items, next, read } };
}

interface ChatProps {
  readonly state: ChatState;
  readonly assets: Assets;
  /** Of the address, to be kept in another language. */
  readonly query: string;
}

export function ChatPage({ state, assets, query }: ChatProps) {
  const chat = new Chat(state);
  return (
    <Shell
      state={state}
      assets={assets}
      name="chat"
      title={`${state.room} · ${chat.texts.title} · Nhịp`}
      heading={chat.texts.room(state.room)}
      tagline={chat.texts.tagline}
      badge={<Badge page={chat.page} />}
      query={query}
    >
      <Island name="gate">
        <Entrance chat={chat} />
      </Island>
      <Island name="room">
        <Room chat={chat} />
      </Island>
    </Shell>
  );
}

/** What the address says beside the language. */
export function queryOf(c: Context): string {
  const query = new URL(c.req.url).searchParams;
  query.delete("lang");
  return query.size === 0 ? "" : `&${query}`;
}
