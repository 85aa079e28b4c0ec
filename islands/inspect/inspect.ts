/** What the inspector shows: the server as it was at the last look, and one channel as it changes. */
import { type Signal, signal } from "@preact/signals";
import type { ChannelFacts } from "../../lib/inspect/channel_facts.ts";
import type { SessionRow } from "../../lib/inspect/node_report.ts";
import type { Overview } from "../../lib/inspect/overview.ts";
import type { ChannelOrder, SessionOrder } from "../../lib/inspect/query.ts";
import { Page, type PageState } from "../page.ts";
import { TailList } from "./tail_list.ts";
import { type InspectTexts, inspectTexts } from "./texts.ts";

/** Which rows of a list are shown, and in what order; the server puts them so. */
export interface View<Order> {
  readonly filter: string;
  readonly order: Order;
  readonly descending: boolean;
}

/** Rows of each list that are asked for: few at first, and as many as there may be. */
export const rowSteps = { first: 200, most: 1_000 };

export type Chosen =
  | { readonly name: "none" }
  | { readonly name: "loading"; readonly channel: string }
  | { readonly name: "known"; readonly channel: string; readonly facts: ChannelFacts }
  | { readonly name: "refused"; readonly channel: string; readonly detail: string };

export class Inspect {
  readonly page: Page;
  readonly texts: InspectTexts;
  /** null: the first look is still to come. */
  readonly overview = signal<Overview | null>(null);
  /** Why the last look failed; null: it did not. */
  readonly trouble = signal<string | null>(null);
  /** Whether the token is good and its role is not enough. */
  readonly lacksRole = signal(false);
  readonly channels: Signal<View<ChannelOrder>> = signal({
    filter: "",
    order: "channel",
    descending: false,
  });
  readonly sessions: Signal<View<SessionOrder>> = signal({
    filter: "",
    order: "user",
    descending: false,
  });
  readonly limit = signal(rowSteps.first);
  readonly chosen = signal<Chosen>({ name: "none" });
  readonly tail = new TailList();
  /** The session that is looked at. */
  readonly session = signal<SessionRow | null>(null);

  constructor(state: PageState) {
    this.page = new Page(state);
    this.texts = inspectTexts[state.language];
  }
}

/** The other way round where it is ordered so already; numbers begin with the largest. */
export function reordered<Order>(view: View<Order>, order: Order, numeric: boolean): View<Order> {
  const descending = view.order === order ? !view.descending : numeric;
  return { ...view, order, descending };
}

export function overviewQuery({ channels, sessions, limit }: Inspect): string {
  const query = new URLSearchParams({
    limit: `${limit.value}`,
    channels: channels.value.filter,
    channel_order: channels.value.order,
    channel_descending: `${channels.value.descending}`,
    sessions: sessions.value.filter,
    session_order: sessions.value.order,
    session_descending: `${sessions.value.descending}`,
  });
  return `${query}`;
}
