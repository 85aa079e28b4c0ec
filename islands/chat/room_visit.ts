/// <reference lib="dom" />
/** One visit of a room: from the moment there is a token until there is another. */
import type { Channels } from "../../lib/channels.ts";
import type { Client, Subscription } from "../../lib/client/mod.ts";
import type { ChatMessage } from "../../lib/store/events.ts";
import type { Visit } from "../visit.ts";
import { catchUp } from "./catch_up.ts";
import type { Chat, ChatActions } from "./chat.ts";
import { claimsOf } from "./claims.ts";
import { Outbox } from "./outbox.ts";
import { OwnTyping } from "./own_typing.ts";
import { People } from "./people.ts";
import { ReadMarker } from "./read_marker.ts";
import { RoomApi, RoomRefusal } from "./room_api.ts";
import { afterTimeout, Sender } from "./sender.ts";

/** From one try to catch up to the next; not for all readers in one moment. */
const again = { minMs: 2_000, maxMs: 20_000 };

function againMs(failures: number): number {
  const most = Math.min(again.maxMs, again.minMs * 2 ** Math.min(failures, 10));
  return most * (0.5 + Math.random() / 2);
}

export class RoomVisit implements ChatActions {
  readonly #chat: Chat;
  readonly #client: Client<Channels>;
  readonly #me: string;
  readonly #api: RoomApi;
  readonly #outbox: Outbox;
  readonly #sender: Sender;
  readonly #marker: ReadMarker;
  readonly #typing: OwnTyping;
  readonly #people: People;
  readonly #ended = new AbortController();
  /** One after the other. */
  #catchingUp = Promise.resolve();
  /**
   * The message up to which nothing is missing: not always the newest, for what this user posts may
   * be there before what others wrote. undefined: there is none.
   */
  #edge: string | undefined;

  constructor(chat: Chat, visit: Visit) {
    const { client, token } = visit;
    const claims = claimsOf(token);
    const { user } = claims;
    const api = new RoomApi(chat.room, token);
    this.#chat = chat;
    this.#client = client;
    this.#me = user;
    this.#api = api;
    this.#outbox = new Outbox({ storage: localStorageOrNull(), room: chat.room, user });
    this.#sender = new Sender({
      outbox: this.#outbox,
      post: (outgoing) => api.post(outgoing),
      onStored: (message) => this.#heard([message]),
      onUnauthorized: () => chat.page.access.value = "refused",
    });
    const put = (upTo: string) => api.markRead(upTo);
    this.#marker = new ReadMarker(chat.conversation.readBy(user), { put });
    const typing = client.state(`typing:${chat.room}`);
    // Nobody waits to hear of it, least of all later.
    const ifOnline = (tell: () => Promise<void>) => () => {
      if (client.status.value.name === "online") tell().catch(() => {});
    };
    this.#typing = new OwnTyping({
      begin: ifOnline(() => typing.publish("me", {})),
      end: ifOnline(() => typing.remove("me")),
    });
    this.#people = new People({
      me: user,
      presence: () => client.channel(`chat:${chat.room}`).presence(),
      show: (names) => chat.here.value = names,
    });
    chat.claims.value = claims;
    chat.outbox.value = this.#outbox;
    chat.actions.value = this;
    this.#listen(visit);
  }

  close(): void {
    this.#ended.abort();
    this.#sender.close();
    this.#marker.close();
    this.#people.leave();
    this.#api.close();
  }

  send(text: string): boolean {
    if (!this.#outbox.add(text)) return false;
    this.#typing.stopped();
    this.#chat.toEnd.value++;
    this.#sender.wake();
    return true;
  }

  retry(id: string): void {
    this.#outbox.retry(id);
    this.#chat.toEnd.value++;
    this.#sender.wake();
  }

  discard(id: string): void {
    this.#outbox.remove(id);
  }

  wrote(text: string): void {
    this.#typing.wrote(text);
  }

  read(): void {
    if (this.#me === "") return;
    const last = this.#chat.conversation.messages.findLast(({ author }) => author !== this.#me);
    if (last !== undefined) this.#marker.read(last.id);
  }

  async loadOlder(): Promise<void> {
    const { conversation, older } = this.#chat;
    const { next } = conversation;
    if (older.value === "loading" || next === null || !conversation.hasRoom) return;
    older.value = "loading";
    try {
      const page = await this.#api.messages(next);
      // It may have been trimmed, or begun anew, meanwhile.
      if (conversation.next === next) conversation.addOlder(page);
      older.value = "idle";
    } catch {
      older.value = "failed";
    }
    this.#chat.changed();
  }

  #listen({ client, refused: onRefused }: Visit): void {
    const chat = this.#chat;
    const stream = client.channel(`chat:${chat.room}`);
    // Messages that came between the page and the stream are in neither.
    this.#edge = chat.conversation.newest;
    const heard = stream.subscribe(({ data, latencyMs }) => {
      chat.page.connection.addLatency(latencyMs);
      this.#heard([data]);
      this.#wholeUpTo(data.id);
    }, { onRefused, onGap: () => this.#catchUp(this.#edge) });
    const edge = this.#edge;
    heard.ready.then(() => this.#catchUp(edge), () => {});
    const all: Subscription[] = [
      heard,
      client.state(`read:${chat.room}`).subscribe({
        onRefused,
        onSync: (marks) => this.#marked(marks.values()),
        onChange: ({ data }) => this.#marked(data === undefined ? [] : [data]),
      }),
      client.state(`typing:${chat.room}`).subscribe({
        onRefused,
        onSync: (typing) => this.#showTyping(typing.keys()),
        onChange: ({ entries }) => this.#showTyping(entries.keys()),
      }),
      client.state(`here:chat:${chat.room}`).subscribe({
        onRefused,
        onSync: () => this.#people.ring(),
        onChange: () => this.#people.ring(),
      }),
    ];
    // Why one is refused is told by `onRefused`.
    for (const { ready } of all) ready.catch(() => {});
    this.#followWorld();
  }

  /** Connections that come and go, and what other tabs do. */
  #followWorld(): void {
    const chat = this.#chat;
    const { signal } = this.#ended;
    const end = this.#client.status.subscribe(({ name }) => {
      if (name === "online") return this.#arrive();
      // What is not heard of any more is not shown as if it were.
      this.#people.leave();
      chat.typing.value = [];
    });
    signal.addEventListener("abort", end);
    addEventListener("online", () => this.#wake(), { signal });
    addEventListener("storage", ({ key }) => {
      if (key === this.#outbox.key || key === null) this.#outbox.reload();
    }, { signal });
    this.#wake();
  }

  #arrive(): void {
    this.#people.ring();
    this.#wake();
  }

  #wake(): void {
    this.#sender.wake();
    this.#marker.wake();
  }

  #heard(messages: readonly ChatMessage[]): void {
    const fresh = this.#chat.conversation.add(messages);
    this.#chat.changed(fresh);
    for (const { author, sentAs } of messages) {
      if (author === this.#me && sentAs !== undefined) this.#outbox.remove(sentAs);
    }
  }

  #wholeUpTo(id: string): void {
    if (id > (this.#edge ?? "")) this.#edge = id;
  }

  #marked(marks: Iterable<{ readonly user: string; readonly upTo: string }>): void {
    let isChanged = false;
    for (const mark of marks) isChanged = this.#chat.conversation.mark(mark) || isChanged;
    if (isChanged) this.#chat.changed();
  }

  #showTyping(users: Iterable<string>): void {
    this.#chat.typing.value = [...users].filter((user) => user !== this.#me).sort();
  }

  #catchUp(edge: string | undefined): void {
    this.#catchingUp = this.#catchingUp.then(() => this.#catchUpFrom(edge));
  }

  /** Never rejects. */
  async #catchUpFrom(edge: string | undefined): Promise<void> {
    const chat = this.#chat;
    for (let failures = 0; !this.#ended.signal.aborted; failures++) {
      try {
        const marks = await this.#api.marks();
        const fresh = await catchUp(chat.conversation, edge, (from) => this.#api.messages(from));
        if (this.#ended.signal.aborted) return;
        chat.isKnown.value = true;
        chat.changed(fresh);
        this.#heard(fresh);
        this.#wholeUpTo(fresh.at(-1)?.id ?? "");
        return this.#marked(marks);
      } catch (error) {
        if (error instanceof RoomRefusal && error.status === 401) return;
        await new Promise<void>((resolve) => afterTimeout(againMs(failures), resolve));
      }
    }
  }
}

/** A browser may be set to keep nothing. */
function localStorageOrNull(): Storage | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}
