/**
 * One exchange with limits: of time for the whole of it, of size, of where it may lead. A GET, or a
 * POST of JSON.
 */
import type { Clock } from "../clock.ts";
import { excerpt, PollError } from "./poll_error.ts";

/** What names an earlier answer, so that the server may say that nothing changed. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export interface FetchRequest {
  readonly url: string;
  /** Values are secrets. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** null: no earlier answer is known. */
  readonly validators: Validators | null;
  /** JSON text to POST, which is not redirected; absent: a GET. */
  readonly body?: string;
  readonly timeoutMs: number;
  /** Of the body, decompressed. */
  readonly maxBytes: number;
}

export type Answer =
  | { readonly name: "not_modified" }
  | {
    readonly name: "body";
    readonly bytes: Uint8Array;
    readonly contentType: string;
    readonly validators: Validators | null;
  };

export interface Fetching {
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
}

const maxRedirects = 5;

/**
 * Every body is read or cancelled, whatever happens.
 * @throws PollError; what `signal` was aborted with, when it was.
 */
export async function fetchBounded(
  request: FetchRequest,
  signal: AbortSignal,
  { clock, fetch }: Fetching,
): Promise<Answer> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const forward = () => stop.abort(signal.reason);
  signal.addEventListener("abort", forward, { once: true });
  const cancel = clock.after(request.timeoutMs, () => {
    stop.abort(new PollError("timeout", `no whole answer within ${request.timeoutMs} ms`));
  });
  try {
    return await exchange(request, stop.signal, fetch);
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    throw error instanceof PollError ? error : new PollError("network", networkMessage(error));
  } finally {
    cancel();
    signal.removeEventListener("abort", forward);
  }
}

async function exchange(
  request: FetchRequest,
  signal: AbortSignal,
  fetch: Fetching["fetch"],
): Promise<Answer> {
  const headers = requestHeaders(request);
  const { body } = request;
  const sent = body === undefined ? {} : { method: "POST", body };
  const { origin } = new URL(request.url);
  let url = request.url;
  for (let redirects = 0;; redirects++) {
    const response = await fetch(url, { ...sent, headers, redirect: "manual", signal });
    const location = response.headers.get("location");
    if (response.status === 304 || location === null || !isRedirect(response.status)) {
      return await answerOf(response, request);
    }
    await response.body?.cancel();
    if (body !== undefined) throw new PollError("redirect", "redirected a POST");
    if (redirects === maxRedirects) {
      throw new PollError("redirect", `redirected more than ${maxRedirects} times`);
    }
    url = nextUrl(location, url, origin);
  }
}

function requestHeaders({ headers, validators, body }: FetchRequest): Headers {
  const all = new Headers({ accept: "application/json" });
  if (body !== undefined) all.set("content-type", "application/json");
  for (const [name, value] of headers) all.set(name, value);
  if (validators?.etag) all.set("if-none-match", validators.etag);
  if (validators?.lastModified) all.set("if-modified-since", validators.lastModified);
  return all;
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** Messages name origins only: paths and queries may have secrets. */
function nextUrl(location: string, from: string, origin: string): string {
  if (!URL.canParse(location, from)) {
    throw new PollError("redirect", "redirected to what is not a URL");
  }
  const next = new URL(location, from);
  if (next.origin === origin && next.username === "" && next.password === "") return next.href;
  const host = next.origin === "null" ? next.protocol : next.origin;
  throw new PollError("redirect", `redirected from ${origin} to ${host}, which is another host`);
}

async function answerOf(response: Response, request: FetchRequest): Promise<Answer> {
  const { status, headers } = response;
  if (status === 304) {
    await response.body?.cancel();
    if (request.validators !== null) return { name: "not_modified" };
    throw new PollError("unasked_304", "answered 304 although no earlier answer was named");
  }
  if (status !== 200) {
    await response.body?.cancel();
    throw new PollError("status", `answered ${status}`);
  }
  const etag = headers.get("etag");
  const lastModified = headers.get("last-modified");
  return {
    name: "body",
    bytes: await readBody(response, request.maxBytes),
    contentType: headers.get("content-type") ?? "",
    validators: etag === null && lastModified === null ? null : { etag, lastModified },
  };
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    parts.push(part.value);
    length += part.value.byteLength;
    if (length <= maxBytes) continue;
    await reader?.cancel();
    throw new PollError("too_large", `the answer is larger than ${maxBytes} bytes`);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

/** What the runtime says, without the URL. */
function networkMessage(error: unknown): string {
  const first = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = first instanceof Error ? first.message : String(first);
  return message.replace(/ for url \([^)]*\)/g, "").replace(/https?:\/\/\S+/g, "(a url)")
    .replace(/^(error sending request: |client error \(\w+\): )+/, "");
}

/**
 * @param secrets what must not come back in the message.
 * @throws PollError that shows how the body begins.
 */
export function parseJson(
  { bytes, contentType }: Extract<Answer, { name: "body" }>,
  secrets: readonly string[],
): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    const type = contentType === "" ? "no content-type" : `content-type ${contentType}`;
    // More than is shown, so that a secret at the cut is whole and found.
    const beginning = new TextDecoder().decode(bytes.subarray(0, 16 * 1024));
    const shown = excerpt(without(secrets, beginning), 60);
    throw new PollError("not_json", `the answer (${excerpt(type, 80)}) is not JSON: "${shown}"`);
  }
}

function without(secrets: readonly string[], text: string): string {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split(/\s+/)])
    .filter((part) => part.length >= 4).sort((a, b) => b.length - a.length);
  return parts.reduce((clean, part) => clean.replaceAll(part, "***"), text);
}
