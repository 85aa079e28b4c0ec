/** The DevTools protocol over its WebSocket: as much of it as a measurement needs. */

/** One page; events come to whoever asks for them by name. */
export interface DevTools {
  on<Name extends keyof NetworkEvents>(
    name: Name,
    listener: (event: NetworkEvents[Name]) => void,
  ): unknown;
  send(method: "Network.enable"): Promise<unknown>;
}

interface Timed {
  readonly requestId: string;
  /** Seconds, by a clock of the browser's. */
  readonly timestamp: number;
}

interface Frame extends Timed {
  readonly response: { readonly payloadData: string };
}

/** What is read of the protocol's domain `Network`. */
export interface NetworkEvents {
  "Network.requestWillBeSent": Timed & {
    readonly request: {
      readonly url: string;
      readonly urlFragment?: string;
      readonly method: string;
      readonly postData?: string;
    };
  };
  "Network.requestWillBeSentExtraInfo": {
    readonly requestId: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  "Network.responseReceivedExtraInfo": {
    readonly requestId: string;
    readonly headersText?: string;
  };
  "Network.dataReceived": Timed & {
    readonly dataLength: number;
    readonly encodedDataLength: number;
  };
  "Network.loadingFinished": Timed & { readonly encodedDataLength: number };
  "Network.loadingFailed": Timed;
  "Network.webSocketCreated": { readonly requestId: string; readonly url: string };
  "Network.webSocketWillSendHandshakeRequest": Timed;
  "Network.webSocketHandshakeResponseReceived": Timed & {
    readonly response: { readonly headersText?: string; readonly requestHeadersText?: string };
  };
  "Network.webSocketFrameSent": Frame;
  "Network.webSocketFrameReceived": Frame;
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: unknown;
  readonly sessionId?: string;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** An answer that takes longer is given up. */
const withinMs = 30_000;

export class DevToolsConnection {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, ((params: unknown) => void)[]>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(String(data)));
    socket.onclose = () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Chromium has ended"));
      this.#waiting.clear();
    };
  }

  /** @throws Error where nobody answers there */
  static async open(address: string): Promise<DevToolsConnection> {
    const socket = new WebSocket(address);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error("Chromium does not answer"));
    });
    socket.onerror = null;
    return new DevToolsConnection(socket);
  }

  /** A new page, which is nowhere yet. */
  async page(): Promise<DevToolsPage> {
    const { targetId } = await this.send<{ targetId: string }>("Target.createTarget", {
      url: "about:blank",
    });
    const { sessionId } = await this.send<{ sessionId: string }>("Target.attachToTarget", {
      targetId,
      flatten: true,
    });
    return new DevToolsPage(this, sessionId);
  }

  /** @throws Error that says what the browser objected to */
  send<Result>(method: string, params: object = {}, sessionId?: string): Promise<Result> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), withinMs);
    this.#waiting.set(id, { resolve, reject });
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    const done = promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(id);
    });
    // The answer has the form that the protocol gives it.
    return done as Promise<Result>;
  }

  on(name: string, sessionId: string, listener: (params: unknown) => void): void {
    const key = `${sessionId} ${name}`;
    this.#listeners.set(key, [...this.#listeners.get(key) ?? [], listener]);
  }

  #take({ id, result, error, method = "", params, sessionId = "" }: Message): void {
    if (id === undefined) {
      for (const listener of this.#listeners.get(`${sessionId} ${method}`) ?? []) listener(params);
    } else if (error !== undefined) {
      this.#waiting.get(id)?.reject(new Error(error.message));
    } else {
      this.#waiting.get(id)?.resolve(result);
    }
  }
}

export class DevToolsPage implements DevTools {
  readonly #connection: DevToolsConnection;
  readonly #sessionId: string;

  constructor(connection: DevToolsConnection, sessionId: string) {
    this.#connection = connection;
    this.#sessionId = sessionId;
  }

  on<Name extends keyof NetworkEvents>(
    name: Name,
    listener: (event: NetworkEvents[Name]) => void,
  ): void {
    // The event has the form that the protocol gives it.
    this.#connection.on(name, this.#sessionId, (params) => listener(params as NetworkEvents[Name]));
  }

  send<Result>(method: string, params: object = {}): Promise<Result> {
    return this.#connection.send<Result>(method, params, this.#sessionId);
  }

  /** What an expression comes to, awaited. @throws Error where it throws */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.send<{
      result: { value: Value };
      exceptionDetails?: { text: string };
    }>("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails !== undefined) throw new Error(`the page: ${exceptionDetails.text}`);
    return result.value;
  }

  /** Resolves when something in the document matches the selector. @throws Error in time */
  async shows(selector: string): Promise<void> {
    const shown = this.evaluate(`new Promise((resolve) => {
      const look = () => document.querySelector(${JSON.stringify(selector)}) !== null;
      if (look()) return resolve();
      const observer = new MutationObserver(() => {
        if (!look()) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(document, { subtree: true, childList: true, attributes: true });
    })`);
    await shown.catch((cause) => {
      throw new Error(`the page does not show ${selector}`, { cause });
    });
  }
}
