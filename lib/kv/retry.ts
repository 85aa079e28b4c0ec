/** Waits a random time of at most `maxMs`. */
export function shortWait(maxMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * maxMs));
}

/** What SQLite says, through Deno KV, when another connection is in the middle of a commit. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && /database( table)? is locked|SQLITE_BUSY/i.test(error.message);
}

/**
 * Tries again while the database is locked, with growing random waits, about 5 s in all; then the
 * error is the caller's.
 */
export async function retryLocked<Result>(operation: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1;; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (!isLocked(error) || attempt >= 60) throw error;
      await shortWait(Math.min(200, 5 * attempt));
    }
  }
}
