/** One poll before the server starts, to tell what would be wrong with all that follow. */
import { systemClock } from "../../lib/clock.ts";
import { fetchBounded, parseJson } from "../../lib/bridge/fetch_json.ts";
import { type Items, itemsOf } from "../../lib/bridge/items.ts";
import { follow } from "../../lib/bridge/pointer.ts";
import { PollError } from "../../lib/bridge/poll_error.ts";
import type { Source } from "../../lib/bridge/source.ts";
import {
  type Candidate,
  candidateAt,
  candidatesIn,
  describe,
  keyName,
  optionsFor,
} from "./candidates.ts";

export type Probe =
  | { readonly name: "fits"; readonly count: number; readonly advice: readonly string[] }
  /** It may pass by itself. */
  | { readonly name: "later"; readonly message: string }
  /** As it was asked for, it cannot work. */
  | { readonly name: "never"; readonly message: string; readonly advice: readonly string[] };

/** Never rejects for what the endpoint does. */
export async function probe(source: Source, signal: AbortSignal): Promise<Probe> {
  const url = source.url.expand([]) ?? source.url.text;
  const request = { ...source, url, validators: null };
  let document: unknown;
  try {
    const answer = await fetchBounded(request, signal, { clock: systemClock, fetch });
    if (answer.name !== "body") throw new PollError("unasked_304", "answered 304");
    document = parseJson(answer, source.headers.map(([, value]) => value));
  } catch (error) {
    if (!(error instanceof PollError)) throw error;
    return unread(error, source);
  }
  try {
    const items = itemsOf(document, source, { shape: null, held: "nothing" });
    return { name: "fits", count: items.byKey.size, advice: doubts(items, document, source) };
  } catch (error) {
    if (!(error instanceof PollError)) throw error;
    const advice = misread(error, document, source);
    return { name: "never", message: error.message, advice };
  }
}

/** Nothing came that could be looked into. */
function unread({ kind, message }: PollError, { headers }: Source): Probe {
  const status = /^answered (\d{3})$/.exec(message)?.[1] ?? "";
  const passes = kind === "network" || kind === "timeout" || /^(408|425|429|5..)$/.test(status);
  if (passes) {
    return {
      name: "later",
      message: kind === "network" ? `cannot be reached: ${message}` : message,
    };
  }
  const advice: string[] = [];
  if (status === "401" || status === "403") {
    advice.push(
      headers.length === 0
        ? "It wants to know who asks. Put that into a variable and send it:\n" +
          "  export TOKEN='Bearer …'   and add   --header 'Authorization=env:TOKEN'"
        : `Sent with it: ${headers.map(([name]) => name).join(", ")}. ` +
          'Do their variables have what it wants, as in "Bearer …"?',
    );
  }
  if (status === "404") advice.push("Is the path right?");
  if (kind === "redirect") advice.push("Give the address at which it answers itself.");
  if (kind === "not_json") {
    advice.push("The URL has to be the one that programs ask, whose answer is JSON.");
  }
  return { name: "never", message, advice };
}

function misread({ kind }: PollError, document: unknown, source: Source): readonly string[] {
  if (kind === "pointer" || kind === "shape" || kind === "item_too_large") {
    return elsewhere(document, source);
  }
  const found = follow(source.items, document);
  const here = "value" in found ? candidateAt(found.value, source.items) : null;
  switch (kind) {
    case "key_missing":
    case "key_invalid":
    case "key_duplicate":
    case "key_too_long": {
      if (here === null) return ["Items have to be objects with a key."];
      const names = here.keys.map(keyName);
      const [first] = names;
      if (first === undefined) return ["No field of the items has another value in each."];
      const attempt = first === "id" ? "Try it without --key." : `Try --key ${first}`;
      return [`Different in each item: ${names.slice(0, 8).join(", ")}.`, attempt];
    }
    case "too_many_keys":
      return ['In a CHANNELS_FILE "maxKeys" allows for up to 100000 (docs/bridge.md).'];
    default:
      return [];
  }
}

/** It works, but perhaps not as it was meant. */
function doubts({ shape }: Items, document: unknown, source: Source): readonly string[] {
  if (source.items.length > 0 || source.shape !== "auto" || shape === "array") return [];
  const [best] = otherCandidates(document, source);
  if (best === undefined || best.kind !== "array") return [];
  const now = shape === "single" ? "the document is one item" : "each member is an item";
  return [`As it is, ${now}.`, ...elsewhere(document, source)];
}

function elsewhere(document: unknown, source: Source): readonly string[] {
  const [best, ...others] = otherCandidates(document, source);
  if (best === undefined) return ["No list of objects was found in the document."];
  const options = optionsFor(best);
  const lines = [`Items seem to be at ${describe(best)}.`];
  lines.push(options === "" ? "Try it without --items." : `Try ${options}`);
  if (others.length > 0) lines.push(`Others: ${others.slice(0, 4).map(describe).join(", ")}.`);
  return lines;
}

function otherCandidates(document: unknown, { items }: Source): readonly Candidate[] {
  return candidatesIn(document).filter((one) => one.items.join("\0") !== items.join("\0"));
}
