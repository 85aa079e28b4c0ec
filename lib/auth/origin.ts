/**
 * Whether a browser page of this origin may use the server. Requests without `Origin` come from
 * programs, which CORS does not bind either; those of the server's own pages are always welcome.
 *
 * @param allowed origins such as `https://shop.example`; `*` allows any.
 */
export function originAllowed(request: Request, allowed: readonly string[]): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || allowed.includes("*") || allowed.includes(origin)) return true;
  const host = request.headers.get("host") ?? new URL(request.url).host;
  return URL.canParse(origin) && new URL(origin).host === host;
}
