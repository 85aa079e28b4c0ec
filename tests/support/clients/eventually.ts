/** For what gives no event: asks again and again until the probe says yes. */
export async function eventually(
  probe: () => Promise<boolean> | boolean,
  what: string,
  withinMs = 10_000,
): Promise<void> {
  for (const until = performance.now() + withinMs; !await probe();) {
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/**
 * Rejects when it takes longer. May be asked for before what is to happen is caused, and awaited
 * after: where that fails first, this is not one more failure that nobody handles.
 * @param what happens; a function is asked when it has not
 */
export function within<T>(
  promise: Promise<T>,
  what: string | (() => string),
  ms = 20_000,
): Promise<T> {
  const limited = limit(promise, what, ms);
  limited.catch(() => {});
  return limited;
}

async function limit<T>(
  promise: Promise<T>,
  what: string | (() => string),
  ms: number,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not within ${ms} ms: ${typeof what === "string" ? what : what()}`));
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
