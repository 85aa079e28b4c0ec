/// <reference lib="dom" />
/**
 * The viewer's token: handed over in the address's fragment, which no browser sends to a server,
 * taken out of the address bar at once, and kept for this tab alone.
 */
const key = "nhip-token";

/**
 * Calls with the token that there is, if there is one, and with each that is put at the end of the
 * address of the page that is open. Fragments have other uses, too: those change nothing.
 */
export function followTokens(enter: (token: string) => void): void {
  addEventListener("hashchange", () => {
    const given = givenToken();
    if (given !== null) enter(given);
  });
  const token = givenToken() ?? stored((storage) => storage.getItem(key));
  if (token !== null) enter(token);
}

/** The token of the fragment, which goes from there; null where there is none. */
function givenToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return null;
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
