/** What the names mean under which a server is reached. */

/** Whether only programs on this machine reach a listener there. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
}

/**
 * Whether a `Host` header says an address or localhost. Behind any other name may be a foreign page
 * that had the name lead here (DNS rebinding): a browser takes what that page asks for its own.
 */
export function isAddress(hostHeader: string | undefined): boolean {
  return /^(localhost|[\d.]+|\[[\da-f:.]+\])$/i.test(nameIn(hostHeader));
}

/** Whether a `Host` header says an address, localhost, or the name that the server listens on. */
export function isOwnHost(hostHeader: string | undefined, listensOn: string): boolean {
  return isAddress(hostHeader) || nameIn(hostHeader).toLowerCase() === listensOn.toLowerCase();
}

/** Without the port. */
function nameIn(hostHeader: string | undefined): string {
  return (hostHeader ?? "").replace(/:\d+$/, "");
}
