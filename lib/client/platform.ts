/** What the client uses of its platform, so that others than a browser can be one. Types alone. */

/** What the client says of a request. */
export interface FetchInit {
  readonly method?: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** What the client uses of a response. */
export interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { getReader(): BodyReader } | null;
  text(): Promise<string>;
}

export interface BodyReader {
  read(): Promise<
    { readonly done: true } | { readonly done: false; readonly value: Uint8Array }
  >;
  cancel(): Promise<unknown>;
}

/** What the client uses of a WebSocket. */
export interface Socket {
  onopen: Handler<unknown>;
  onmessage: Handler<{ readonly data: unknown }>;
  onerror: Handler<unknown>;
  onclose: Handler<{ readonly code: number; readonly reason: string }>;
  send(text: string): void;
  close(): void;
}

/** Of a method's form, so that it may ask for an event that has more. */
type Handler<Event> = { call(event: Event): void }["call"] | null;

/** What the client uses of a `Storage`. */
export interface Notes {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}
