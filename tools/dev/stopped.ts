import type { Child } from "./child.ts";

export interface Stopped {
  /** The terminal's Ctrl-C goes to the children as well. */
  readonly childrenKnow: boolean;
}

/** After Ctrl-C the children have been told by the terminal. */
const politeMs = 1_000;

/** Resolves when this program is to end. */
export function untilStopped(): Promise<Stopped> {
  const { promise, resolve } = Promise.withResolvers<Stopped>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => resolve({ childrenKnow: signal === "SIGINT" }));
  }
  // Whoever started it may have gone without a word.
  const parent = Deno.ppid;
  const timer = setInterval(() => {
    if (Deno.ppid !== parent) resolve({ childrenKnow: false });
  }, 1_000);
  return promise.finally(() => clearInterval(timer));
}

/** Resolves when the children have ended, by themselves or because they were told. */
export async function endChildren(
  { childrenKnow }: Stopped,
  children: readonly Child[],
): Promise<void> {
  if (childrenKnow) {
    const politely = new Promise((resolve) => setTimeout(resolve, politeMs));
    await Promise.race([Promise.all(children.map(({ ended }) => ended)), politely]);
  }
  await Promise.all(children.map((child) => child.stop()));
}
