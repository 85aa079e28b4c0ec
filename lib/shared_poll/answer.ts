/** What a shared poll's back end answers (PROTOCOL.md 2.7), decoded by hand: it may be long. */
import { isRecord, kindOf } from "../bridge/pointer.ts";
import { excerpt, PollError } from "../bridge/poll_error.ts";
import { maxDataBytes } from "../node/publisher.ts";
import { isLonger } from "../protocol/utf8.ts";

export type AnsweredItem =
  | { readonly key: string; readonly removed: true }
  | {
    readonly key: string;
    readonly removed: false;
    readonly data: unknown;
    /** `data` as JSON. */
    readonly text: string;
    /** 0 where the back end does not number. */
    readonly version: number;
  };

export interface BackEndAnswer {
  readonly items: readonly AnsweredItem[];
  /** "" when absent. */
  readonly epoch: string;
  /** Of the first item that is left out because of its size. */
  readonly fault: PollError | null;
}

/** @throws PollError that says where it is not as agreed. */
export function decodeAnswer(document: unknown, versioned: boolean): BackEndAnswer {
  if (!isRecord(document)) throw shape(`the answer is ${kindOf(document)}, not an object`);
  if (document["error"] !== undefined && document["error"] !== null) {
    throw new PollError("refused", `the back end says: ${told(document["error"])}`);
  }
  const { result } = document;
  if (!isRecord(result)) throw shape("the answer has neither result nor error");
  const items = result["items"] ?? [];
  const epoch = result["epoch"] ?? "";
  if (!Array.isArray(items)) throw shape(`result.items is ${kindOf(items)}, not an array`);
  if (typeof epoch !== "string") throw shape(`result.epoch is ${kindOf(epoch)}, not a string`);
  if (epoch.length > maxEpochLength) throw shape("result.epoch is too long");
  const decoded: AnsweredItem[] = [];
  let fault: PollError | null = null;
  for (const [i, item] of items.entries()) {
    const one = decodeItem(item, `result.items[${i}]`, versioned);
    if (one instanceof PollError) fault ??= one;
    else decoded.push(one);
  }
  return { items: decoded, epoch, fault };
}

const maxEpochLength = 256;

function decodeItem(item: unknown, at: string, versioned: boolean): AnsweredItem | PollError {
  if (!isRecord(item)) throw shape(`${at} is ${kindOf(item)}, not an object`);
  const { key, data, version } = item;
  const removed = item["removed"] ?? false;
  if (typeof key !== "string" || key === "") throw shape(`${at} has no key`);
  if (typeof removed !== "boolean") throw shape(`${at}.removed is ${kindOf(removed)}`);
  if (removed) return { key, removed };
  if (data === undefined) throw shape(`${at} has no data`);
  const number = typeof version === "number" ? version : NaN;
  if (versioned && !(Number.isSafeInteger(number) && number > 0)) {
    throw shape(`${at}.version is not a whole number above 0`);
  }
  const text = textOf(data);
  if (text === null || isLonger(text, maxDataBytes)) {
    return new PollError(
      "item_too_large",
      `${at}, key "${excerpt(key, 60)}": data is larger than ${maxDataBytes} bytes as JSON`,
    );
  }
  return { key, removed, data, text, version: versioned ? number : 0 };
}

/** null: nested too deeply to be written. */
function textOf(data: unknown): string | null {
  try {
    return JSON.stringify(data);
  } catch {
    return null;
  }
}

function told(error: unknown): string {
  return excerpt(typeof error === "string" ? error : textOf(error) ?? "", 200);
}

function shape(message: string): PollError {
  return new PollError("shape", message);
}
