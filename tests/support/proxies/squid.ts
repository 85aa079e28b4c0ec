import { startProgram } from "./program.ts";
import type { Proxy } from "./proxy.ts";

/**
 * squid as the forward proxy of an office that lets GET and POST through and nothing else: no
 * CONNECT, so no tunnels, and no upgrade. It goes to the server alone.
 */
export async function startSquid(upstreamPort: number): Promise<Proxy> {
  const squid = await startProgram({
    program: "squid",
    // -N: in the foreground, without a parent process. -d1: complaints go to stderr, too. -n: by this
    // it names its shared memory.
    args: ({ file, port }) => ["-N", "-d1", "-n", `nhip${port}`, "-f", file],
    // It writes no file: started as root it is Debian's user proxy from then on.
    configuration: ({ port }) => `
http_port 127.0.0.1:${port}
visible_hostname office.test
acl server dst 127.0.0.1
acl server_port port ${upstreamPort}
acl allowed method GET POST
http_access allow server server_port allowed
http_access deny all
cache deny all
memory_cache_shared off
access_log none
cache_log /dev/null
cache_store_log none
pid_filename none
pinger_enable off
shutdown_lifetime 0 seconds
`,
  });
  return {
    name: "squid with GET and POST alone",
    port: squid.port,
    url: `http://127.0.0.1:${upstreamPort}`,
    forward: `http://127.0.0.1:${squid.port}`,
    [Symbol.asyncDispose]: () => squid[Symbol.asyncDispose](),
  };
}
