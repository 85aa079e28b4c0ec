/** An application's back end as shared polls ask it: holds items, keeps what it was asked. */
import { Happenings } from "../broker/waiting.ts";

export interface Asked {
  readonly channel: string;
  readonly items: readonly { readonly key: string; readonly version?: number }[];
}

interface Item {
  readonly data: unknown;
  readonly version: number;
}

export class BackEnd implements AsyncDisposable {
  readonly asked = new Happenings<Asked>();
  readonly headers: Headers[] = [];
  readonly items = new Map<string, Item>();
  readonly removed = new Set<string>();
  readonly #server: Deno.HttpServer<Deno.NetAddr> | undefined;
  /** Set: of versioned values. */
  epoch: string | undefined;
  /** In place of the usual answer. */
  failure: (() => Response | Promise<Response>) | null = null;

  /** @param served on a port of its own. */
  constructor(served = false) {
    if (!served) return;
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server?.addr.port ?? 1}/poll`;
  }

  /** In place of the platform's. */
  readonly fetch = async (
    url: string | URL | Request,
    init: RequestInit = {},
  ): Promise<Response> => {
    const { signal, ...rest } = init;
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      return await Promise.race([this.#answer(new Request(url, rest)), aborted.promise]);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  };

  set(key: string, data: unknown, version = (this.items.get(key)?.version ?? 0) + 1): void {
    this.items.set(key, { data, version });
  }

  /** The keys it was asked for, request by request. */
  get keys(): string[][] {
    return this.asked.all.map(({ items }) => items.map(({ key }) => key));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const asked: Asked = await request.json();
    this.headers.push(request.headers);
    this.asked.add(asked);
    if (this.failure !== null) return await this.failure();
    const items = asked.items.flatMap(({ key, version = 0 }): object[] => {
      if (this.removed.has(key)) return [{ key, removed: true }];
      const item = this.items.get(key);
      if (item === undefined) return [];
      if (this.epoch === undefined) return [{ key, data: item.data }];
      return item.version > version ? [{ key, ...item }] : [];
    });
    const { epoch } = this;
    return Response.json({ result: { items, ...(epoch !== undefined && { epoch }) } });
  }
}
