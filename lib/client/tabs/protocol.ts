/**
 * What the tabs of an origin and the host of their connection tell each other. They may run different
 * versions of this code: `version` is part of all names under which they find each other.
 */
import type { ConnectOptions, Quality, Status, StreamPosition } from "../api.ts";
import type { Start, Wanted, WireError, WirePublication } from "../link.ts";
import type { Down } from "../state.ts";

export const version = 1;

/** The options that concern the connection: tabs with the same ones share it. */
export interface Setup {
  readonly url: string;
  readonly options: Pick<
    ConnectOptions,
    "maxRate" | "batchWindow" | "transports" | "backoff" | "timing"
  >;
}

/** `id` tells one subscription of a tab from its earlier ones to the same channel. */
export interface TabWants extends Wanted {
  readonly id: number;
}

export type ToHost =
  | {
    readonly kind: "hello";
    /** It holds the lock of this name as long as it lives. */
    readonly tab: string;
    readonly setup: Setup;
    readonly token: string;
    /** What was remembered of the transports. */
    readonly memory: string | null;
    readonly wanted: readonly TabWants[];
  }
  | { readonly kind: "wanted"; readonly wanted: readonly TabWants[] }
  /** Commands, a line each. */
  | { readonly kind: "calls"; readonly lines: string }
  /** So many more messages have been taken. */
  | { readonly kind: "took"; readonly messages: number }
  /** Is to be answered; `wake`: the page is looked at again. */
  | { readonly kind: "ask"; readonly wake: boolean }
  /** null: the application has no other one; undefined: it could not give one just now. */
  | { readonly kind: "token"; readonly token: string | null | undefined }
  | { readonly kind: "bye" };

export type ToTab =
  /** The host holds the lock of this name as long as it lives. */
  | { readonly kind: "welcome"; readonly host: string }
  | {
    readonly kind: "started";
    readonly channel: string;
    readonly id: number;
    readonly start: Start;
    /** What came between the tab's position and that of the start. */
    readonly missed: readonly WirePublication[];
  }
  | {
    readonly kind: "published";
    readonly channel: string;
    readonly publication: WirePublication;
  }
  | {
    readonly kind: "refused";
    readonly channel: string;
    readonly id: number;
    readonly error: WireError;
  }
  /** A line of the protocol. */
  | { readonly kind: "replied"; readonly line: string }
  | { readonly kind: "status"; readonly status: Status }
  | { readonly kind: "quality"; readonly quality: Quality }
  | { readonly kind: "token" }
  | { readonly kind: "remember"; readonly key: string; readonly value: string }
  | { readonly kind: "alive" }
  /** The host has forgotten the tab. */
  | { readonly kind: "down"; readonly why: Down };

/** @returns undefined where it is none of them. */
export function decodeToHost(message: unknown): ToHost | undefined {
  if (!isObject(message)) return undefined;
  switch (message["kind"]) {
    case "hello": {
      const { tab, setup, token, memory, wanted } = message;
      const isHello = areStrings(tab, token) && isObject(setup) && areStrings(setup["url"]) &&
        isObject(setup["options"]) && (memory === null || areStrings(memory)) && areWanted(wanted);
      return isHello ? message as ToHost : undefined;
    }
    case "wanted":
      return areWanted(message["wanted"]) ? message as ToHost : undefined;
    case "calls":
      return areStrings(message["lines"]) ? message as ToHost : undefined;
    case "took":
      return Number.isSafeInteger(message["messages"]) ? message as ToHost : undefined;
    case "token":
      return areStrings(message["token"] ?? "") ? message as ToHost : undefined;
    case "ask":
    case "bye":
      return message as ToHost;
    default:
      return undefined;
  }
}

/** @returns undefined where it is none of them. */
export function decodeToTab(message: unknown): ToTab | undefined {
  if (!isObject(message)) return undefined;
  const { channel, id } = message;
  switch (message["kind"]) {
    case "welcome":
      return areStrings(message["host"]) ? message as ToTab : undefined;
    case "started":
      return areStrings(channel) && Number.isSafeInteger(id) && isObject(message["start"]) &&
          Array.isArray(message["missed"])
        ? message as ToTab
        : undefined;
    case "published":
      return areStrings(channel) && isObject(message["publication"]) ? message as ToTab : undefined;
    case "refused":
      return areStrings(channel) && Number.isSafeInteger(id) && isObject(message["error"])
        ? message as ToTab
        : undefined;
    case "replied":
      return areStrings(message["line"]) ? message as ToTab : undefined;
    case "status":
    case "quality":
      return isObject(message[message["kind"]]) ? message as ToTab : undefined;
    case "remember":
      return areStrings(message["key"], message["value"]) ? message as ToTab : undefined;
    case "down":
      return isObject(message["why"]) ? message as ToTab : undefined;
    case "token":
    case "alive":
      return message as ToTab;
    default:
      return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function areStrings(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "string");
}

function areWanted(value: unknown): value is readonly TabWants[] {
  return Array.isArray(value) &&
    value.every((one) =>
      isObject(one) && areStrings(one["channel"]) && typeof one["keyed"] === "boolean" &&
      Number.isSafeInteger(one["id"]) &&
      (one["position"] === undefined || isPosition(one["position"]))
    );
}

function isPosition(value: unknown): value is StreamPosition {
  return isObject(value) && areStrings(value["epoch"]) && Number.isSafeInteger(value["offset"]);
}
