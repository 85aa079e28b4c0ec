/** What the chat's islands share: made once for a page, on the server and in the browser. */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { ChatMessage, ReadMark } from "../../lib/store/events.ts";
import { Page, type PageState } from "../page.ts";
import { type Claims, claimsOf } from "./claims.ts";
import { Conversation, type Known, type MessagePage } from "./conversation.ts";
import { type Dates, datesFor } from "./dates.ts";
import { type Item, itemsOf } from "./items.ts";
import type { Outbox } from "./outbox.ts";
import { type ChatTexts, chatTexts } from "./texts.ts";

/** What is shown until the room's channels are heard, and where no script runs. */
export interface Opening extends MessagePage {
  readonly read: readonly ReadMark[];
}

export interface ChatState extends PageState {
  readonly room: string;
  /** Where a name is enough to be given a token; `bad`: the one that came is none. */
  readonly asksName: "no" | "yes" | "bad";
  /** null: the viewer has to bring a token. */
  readonly opening: Opening | null;
}

/** What the reader may do once there is a token. */
export interface ChatActions {
  /** Whether the message is on its way. */
  send(text: string): boolean;
  retry(id: string): void;
  discard(id: string): void;
  loadOlder(): void;
  /** Everything that came is before the reader's eyes. */
  read(): void;
  wrote(text: string): void;
}

export class Chat {
  readonly page: Page;
  readonly texts: ChatTexts;
  readonly room: string;
  readonly asksName: ChatState["asksName"];
  readonly conversation = new Conversation();
  readonly claims;
  readonly items: ReadonlySignal<readonly Item[]>;
  /** Whether the newest messages are known. */
  readonly isKnown;
  readonly older = signal<"idle" | "loading" | "failed">("idle");
  /** Messages of others that came below what is looked at. */
  readonly unread = signal(0);
  /** Whether the newest message is looked at. */
  readonly isAtEnd = signal(true);
  /** Rises whenever the newest message is to be shown. */
  readonly toEnd = signal(0);
  /** Those who are in the room, the reader first; null: not known. */
  readonly here = signal<readonly string[] | null>(null);
  readonly typing = signal<readonly string[]>([]);
  readonly outbox = signal<Outbox | null>(null);
  readonly actions = signal<ChatActions | null>(null);
  readonly #known: Signal<Known>;
  /** The day that it is: names of days go by it. */
  readonly #today = signal("");
  readonly #dates: ReadonlySignal<Dates>;

  constructor(state: ChatState) {
    this.page = new Page(state);
    this.texts = chatTexts[state.language];
    this.room = state.room;
    this.asksName = state.asksName;
    const nobody: Claims = { user: "", isStaff: false };
    this.claims = signal(state.token === null ? nobody : claimsOf(state.token));
    this.isKnown = signal(state.opening !== null);
    this.#dates = computed(() => {
      void this.#today.value;
      return datesFor(state.language, this.page.timeZone.value);
    });
    this.lookAtCalendar();
    if (state.opening !== null) {
      this.conversation.replace(state.opening);
      for (const mark of state.opening.read) this.conversation.mark(mark);
    }
    this.#known = signal(this.conversation.known);
    this.items = computed(() => this.#items());
  }

  get dates(): Dates {
    return this.#dates.value;
  }

  /** What there is of older messages. */
  get history(): Known["older"] {
    return this.#known.value.older;
  }

  /** Another day may have begun. */
  lookAtCalendar(): void {
    this.#today.value = this.dates.dayOf(Date.now());
  }

  /** The conversation was changed; by these, where messages came. */
  changed(fresh: readonly ChatMessage[] = []): void {
    const { user } = this.claims.value;
    const others = fresh.filter(({ author }) => author !== user).length;
    if (!this.isAtEnd.value) this.unread.value += others;
    this.lookAtCalendar();
    this.#known.value = this.conversation.known;
  }

  #items(): readonly Item[] {
    const me = this.claims.value;
    return itemsOf({
      messages: this.#known.value.messages,
      outgoing: this.outbox.value?.items.value ?? [],
      me,
      seenUpTo: this.conversation.readByOthers(me.user),
      dayOf: this.dates.dayOf,
    });
  }
}
