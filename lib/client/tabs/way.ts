/** How a tab gets to the host of its connection. */
import type { Lives } from "./lives.ts";
import type { ToHost } from "./protocol.ts";

export interface PortEvents {
  /** There is a host to say hello to. */
  found(): void;
  /** A message of the host, not decoded. */
  received(message: unknown): void;
  /** This way does not work; `broken`: nor will it another time. */
  failed(reason: string, broken: boolean): void;
}

export interface Port {
  post(message: ToHost): void;
  close(): void;
}

export interface Way {
  /** How both ends see that the other one lives. */
  readonly lives: Lives;
  /** @param key of those who share the host. @throws where the platform will not have it. */
  open(key: string, events: PortEvents): Port;
  /** It is broken, or nobody answered. @returns the way to try the next time. */
  givenUp(broken: boolean): Way;
  /** Resolves when nothing is left open. */
  close(): Promise<void>;
}
