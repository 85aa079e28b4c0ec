/// <reference lib="dom" />
/** The chat's script. */
import { Badge } from "./badge.tsx";
import { Chat, type ChatState } from "./chat/chat.ts";
import { followDays } from "./chat/days.ts";
import { Entrance } from "./chat/entrance.tsx";
import { Room } from "./chat/room.tsx";
import { RoomVisit } from "./chat/room_visit.ts";
import { followViewport } from "./chat/viewport.ts";
import { hydrateIslands } from "./island.tsx";
import { readPageState } from "./page_state.ts";
import { visit } from "./visit.ts";

const state = readPageState<ChatState>(document);
const chat = new Chat(state);
hydrateIslands({
  badge: <Badge page={chat.page} />,
  gate: <Entrance chat={chat} />,
  room: <Room chat={chat} />,
});
followViewport(window);
followDays(() => chat.lookAtCalendar());
let current: RoomVisit | undefined;
visit(chat.page, state.token, (visit) => {
  current?.close();
  current = new RoomVisit(chat, visit);
});
