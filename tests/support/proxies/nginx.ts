/** nginx as it is met out there, in four ways. */
import { type Listening, startProgram } from "./program.ts";
import type { Proxy } from "./proxy.ts";

const upgrade = `
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;`;
/**
 * An answer goes on when a buffer is full or the answer has ended: a quarter of a megabyte, which is
 * more than a thousand small messages.
 */
const buffering = `
      proxy_buffering on;
      proxy_ignore_headers X-Accel-Buffering;
      proxy_buffer_size 256k;
      proxy_buffers 8 256k;
      proxy_busy_buffers_size 512k;`;

/** WebSockets and event streams pass. */
export async function startNginx(upstreamPort: number): Promise<Proxy> {
  return proxy("nginx", await start(upstreamPort, upgrade));
}

/**
 * nginx with `proxy_pass` and nothing more: HTTP/1.0 to the server and no Upgrade header, so that
 * who asks for an upgrade gets an ordinary answer.
 */
export async function startNginxWithoutUpgrade(upstreamPort: number): Promise<Proxy> {
  return proxy("nginx without Upgrade", await start(upstreamPort, ""));
}

/** No upgrade, and event streams are held back; a long-poll's answer passes when it has ended. */
export async function startBufferingNginx(upstreamPort: number): Promise<Proxy> {
  return proxy("nginx that buffers", await start(upstreamPort, buffering));
}

export interface CuttingOptions {
  /** The age at which a connection ends, in whole seconds from 2; one second less may do, too. */
  readonly afterMs?: number;
}

const reloadMs = 1_000;

/**
 * Cuts every connection, also one in full use, when it is 10 s old. nginx has no such setting: its
 * timeouts are those of silence. But a reload leaves connections to the old worker, and
 * `worker_shutdown_timeout` ends that one with all it has: with a reload every second each connection
 * belongs to a worker that will be told to go within a second, and is cut 9 s after that.
 */
export async function startCuttingNginx(
  upstreamPort: number,
  { afterMs = 10_000 }: CuttingOptions = {},
): Promise<Proxy> {
  const main = `worker_shutdown_timeout ${afterMs - reloadMs}ms;`;
  const nginx = await start(upstreamPort, upgrade, main);
  const timer = setInterval(() => {
    try {
      nginx.signal("SIGHUP");
    } catch {
      // It has ended, which those who use it notice.
      clearInterval(timer);
    }
  }, reloadMs);
  const { name, ...rest } = proxy(`nginx that cuts after ${afterMs / 1_000} s`, nginx);
  return {
    name,
    ...rest,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await nginx[Symbol.asyncDispose]();
    },
  };
}

function proxy(name: string, nginx: Listening): Proxy {
  const { port } = nginx;
  return {
    name,
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => nginx[Symbol.asyncDispose](),
  };
}

/**
 * @param location what is set for all paths.
 * @param main what is set outside of http.
 */
function start(upstreamPort: number, location: string, main = ""): Promise<Listening> {
  return startProgram({
    program: "nginx",
    args: ({ file, folder }) => ["-p", folder, "-c", file, "-e", "stderr", "-g", "daemon off;"],
    configuration: ({ port, folder }) => `
pid ${folder}/pid;
error_log stderr error;
worker_processes 1;
${Deno.uid() === 0 ? "user root;" : ""}
${main}
events { worker_connections 2048; }
http {
  access_log off;
  # Folders of its own: those it has by default are root's.
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  map $http_upgrade $connection_upgrade {
    default upgrade;
    '' close;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${upstreamPort};
      proxy_set_header Host $http_host;${location}
    }
  }
}
`,
  });
}
