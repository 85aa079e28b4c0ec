/** The shop's chat over REST, below /store. */
import type { Context, Hono, MiddlewareHandler } from "hono";
import { isStaff, type Role } from "../lib/auth/identity.ts";
import type { Store } from "../lib/store/mod.ts";
import * as shape from "../lib/store/shapes.ts";
import { check, Problem, refuseOtherBodies } from "./problem.ts";
import { rateLimit } from "./rate_limit.ts";

interface ChatRoutesDeps {
  readonly store: Store;
  /** Who may read. */
  readonly authorize: MiddlewareHandler;
  /** Who may post and say what they have read; where it sets `user`, that is who does. */
  readonly authorizeChat: MiddlewareHandler;
  /** Unix milliseconds. */
  readonly now: () => number;
}

type Env = { Variables: { user?: string; role?: Role } };

/** Of one author in all rooms: so many at once, and one more each `everyMs`. */
const authorsPace = { most: 20, everyMs: 200 };
/** Of all authors in one room: more than anybody reads, less than would crowd out other rooms. */
const roomsPace = { most: 200, everyMs: 20 };

export function addChat(routes: Hono<Env>, deps: ChatRoutesDeps): void {
  addMessages(routes, deps);
  addMarks(routes, deps);
}

function addMessages(
  routes: Hono<Env>,
  { store, authorize, authorizeChat, now }: ChatRoutesDeps,
): void {
  const room = check("param", shape.roomParam);
  routes.get(
    "/chat/:room/messages",
    authorize,
    room,
    check("query", shape.messagesQuery),
    async (c) => {
      const { limit, before } = c.req.valid("query");
      const request = { limit, from: before };
      const { items, next } = await store.listMessages(c.req.valid("param").room, request);
      return c.json({ messages: items, next });
    },
  );
  routes.post(
    "/chat/:room/messages",
    authorizeChat,
    room,
    rateLimit({ ...authorsPace, now, nameOf: userOf, what: "messages of this author" }),
    rateLimit({ ...roomsPace, now, nameOf: roomOfUser, what: "messages in this room" }),
    refuseOtherBodies,
    check("json", shape.messageBody),
    async (c) => {
      const { author: named, text, id } = c.req.valid("json");
      const author = userOf(c) ?? named;
      if (author === undefined) throw new Problem(400, "author: required");
      const sent = { author, text, isStaff: isStaff(c.get("role")), sentAs: id };
      const { message, created } = await store.postMessage({ ...c.req.valid("param"), ...sent });
      return c.json(message, created ? 201 : 200);
    },
  );
}

function addMarks(routes: Hono<Env>, { store, authorize, authorizeChat }: ChatRoutesDeps): void {
  const room = check("param", shape.roomParam);
  routes.get("/chat/:room/read", authorize, room, check("query", shape.readQuery), async (c) => {
    const { limit } = c.req.valid("query");
    return c.json({ read: await store.listReadMarks(c.req.valid("param").room, limit) });
  });
  routes.put(
    "/chat/:room/read",
    authorizeChat,
    room,
    refuseOtherBodies,
    check("json", shape.readBody),
    async (c) => {
      const user = userOf(c);
      if (user === undefined) throw new Problem(400, "a token has to say who reads");
      const { room } = c.req.valid("param");
      return c.json(await store.markRead({ room, user, ...c.req.valid("json") }));
    },
  );
}

/** undefined: a back end, which is not limited. */
function userOf(c: Context<Env>): string | undefined {
  return c.get("user");
}

function roomOfUser(c: Context<Env>): string | undefined {
  return userOf(c) === undefined ? undefined : c.req.param("room");
}
