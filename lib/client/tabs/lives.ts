/** Who lives, by Web Locks: what holds one loses it when it ends, however it ends. */

export interface Lives {
  /** Resolves when others can see that it lives, which the signal ends; rejects where it comes first. */
  hold(name: string, signal: AbortSignal): Promise<void>;
  /** Calls `then` when nobody holds the name, unless the signal comes first. */
  whenGone(name: string, signal: AbortSignal, then: () => void): void;
  /**
   * Waits until nobody else holds the name, then holds it until the signal.
   * @param steal takes it from who holds it
   */
  succeed(name: string, reign: Reign, steal: boolean, signal: AbortSignal): void;
}

export interface Reign {
  begin(): void;
  /** It was stolen, or cannot be had. */
  lost(): void;
}

/** What is used of `navigator.locks`, which TypeScript's library for Deno lacks. */
export interface LockManager {
  request(
    name: string,
    options: { readonly mode?: "shared"; readonly steal?: boolean; readonly signal?: AbortSignal },
    held: () => Promise<void> | void,
  ): Promise<void>;
}

export function lockManager(): LockManager | undefined {
  return (globalThis.navigator as { readonly locks?: LockManager } | undefined)?.locks;
}

export function livesByLocks(locks: LockManager): Lives {
  return {
    hold: (name, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        // A platform that never answers must not be waited for longer than that.
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        const held = () => {
          resolve();
          return aborted(signal);
        };
        locks.request(name, { signal }, held).catch(reject);
      }),
    whenGone(name, signal, then) {
      const held = () => signal.aborted || then();
      // It is rejected by the signal, or with the document.
      locks.request(name, { mode: "shared", signal }, () => void held()).catch(() => {});
    },
    succeed(name, { begin, lost }, steal, signal) {
      const held = () => {
        if (!signal.aborted) begin();
        return aborted(signal);
      };
      locks.request(name, steal ? { steal } : { signal }, held).catch(() => {
        if (!signal.aborted) lost();
      });
    },
  };
}

/** For a host in the page that it serves, which live and end together. */
export const together: Lives = {
  hold: () => Promise.resolve(),
  whenGone: () => {},
  succeed: () => {},
};

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
