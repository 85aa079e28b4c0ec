/// <reference lib="dom" />
/**
 * The viewer's token: handed over in the address's fragment, which no browser sends to a server,
 * taken out of the address bar at once, and kept for this tab alone.
 */
const key = "nhip-token";

/** The token of the fragment, else the one kept; null where there is none. */
export function takeToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return stored((storage) => storage.getItem(key));
  history.replaceState(history.state, "", location.pathname + location.search);
  stored((storage) => storage.setItem(key, given));
  return given;
}

export function forgetToken(): void {
  stored((storage) => storage.removeItem(key));
}

/** A browser may be set to keep nothing at all: then the token lives as long as the page. */
function stored<Result>(job: (storage: Storage) => Result): Result | null {
  try {
    return job(sessionStorage);
  } catch {
    return null;
  }
}
