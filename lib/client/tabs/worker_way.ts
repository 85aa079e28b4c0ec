import type { Lives } from "./lives.ts";
import type { Port, PortEvents, Way } from "./way.ts";

/** What is used of a SharedWorker, which TypeScript's library for Deno lacks. */
interface SharedWorkerLike {
  readonly port: MessagePort;
  onerror: (() => void) | null;
}
export type OpenWorker = (url: URL, name: string) => SharedWorkerLike;

type Constructor = new (url: URL, options: { readonly name: string }) => SharedWorkerLike;

/** undefined where the platform has no such workers. */
export function workerOpener(): OpenWorker | undefined {
  const { SharedWorker } = globalThis as { readonly SharedWorker?: Constructor };
  return SharedWorker && ((url, name) => new SharedWorker(url, { name }));
}

/** The host is a SharedWorker. */
export class WorkerWay implements Way {
  readonly lives: Lives;
  readonly #open: OpenWorker;
  readonly #url: URL;
  readonly #other: Way;

  /** @param other for pages where the worker does not start. */
  constructor(open: OpenWorker, url: URL, lives: Lives, other: Way) {
    this.lives = lives;
    this.#open = open;
    this.#url = url;
    this.#other = other;
  }

  open(key: string, { found, received, failed }: PortEvents): Port {
    const worker = this.#open(this.#url, key);
    const { port } = worker;
    worker.onerror = () => failed("the worker does not start", true);
    port.onmessage = ({ data }) => received(data);
    queueMicrotask(found);
    return {
      post: (message) => port.postMessage(message),
      close() {
        port.postMessage({ kind: "bye" });
        port.close();
      },
    };
  }

  givenUp(): Way {
    return this.#other;
  }

  close(): Promise<void> {
    return this.#other.close();
  }
}
