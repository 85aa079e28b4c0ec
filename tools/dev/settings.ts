/** What a development run is started with. */

export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Where this machine reaches it; without a slash at its end. */
  readonly url: string;
  readonly apiKey: string;
  readonly tokenSecret: string;
  /** undefined: the development database, wiped at the start. */
  readonly kvPath: string | undefined;
  readonly channelsFile: string | undefined;
}

/**
 * Secrets that are not given are made anew.
 * @param chosenPort goes before PORT
 * @throws Error that names the variable at fault
 */
export function readSettings(chosenPort: number | null = null): Settings {
  // An empty variable counts as absent, as it does for the server.
  const given = (name: string) => Deno.env.get(name) || undefined;
  const host = given("HOST") ?? "127.0.0.1";
  const port = chosenPort ?? Number(given("PORT") ?? 8_000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT: "${given("PORT")}" is not a port`);
  }
  const free = claim(host, port);
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return {
    host,
    port: free,
    url: `http://${reachable}:${free}`,
    apiKey: given("API_KEY") ?? secret(),
    tokenSecret: given("TOKEN_SECRET") ?? secret(),
    kvPath: given("KV_PATH"),
    channelsFile: given("CHANNELS_FILE"),
  };
}

function secret(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toHex();
}

/** Whether the port is free is better known before anything is wiped. Port 0: any that is free. */
function claim(hostname: string, port: number): number {
  try {
    const listener = Deno.listen({ hostname, port });
    const { port: free } = listener.addr as Deno.NetAddr;
    listener.close();
    return free;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot listen on ${hostname}:${port}: ${why}; set PORT to another`);
  }
}
