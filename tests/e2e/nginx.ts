/** Debian's nginx with deploy/nginx.conf, as a process of the test's own. */
import { within } from "../support/clients/eventually.ts";
import { requireProgram } from "../support/programs.ts";
import { freePort } from "../support/server.ts";

export interface Nginx extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
}

export interface NginxOptions {
  /** Of the server behind it. */
  readonly port: number;
  /** false: as the many proxies do that know nothing of WebSockets. */
  readonly passUpgrade?: boolean;
}

const configuration = new URL("../../deploy/nginx.conf", import.meta.url);

/** Resolves when it listens. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const folder = await Deno.makeTempDir({ prefix: "nhip-nginx-" });
  const port = freePort();
  const file = `${folder}/nginx.conf`;
  await Deno.writeTextFile(
    file,
    adapt(await Deno.readTextFile(configuration), options, {
      folder,
      port,
    }),
  );
  const process = new Deno.Command(requireProgram("nginx"), {
    args: ["-p", folder, "-c", file, "-g", "daemon off;"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { listening, done } = watch(process.stderr);
  const nginx: Nginx = {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      // Its workers end with it; has no effect where it has ended already.
      try {
        process.kill("SIGTERM");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      await process.status;
      await done;
      await Deno.remove(folder, { recursive: true });
    },
  };
  try {
    await within(listening, "nginx listens");
  } catch (error) {
    await nginx[Symbol.asyncDispose]();
    throw error;
  }
  return nginx;
}

/** What a machine without the site's names, certificates and folders needs changed, and no more. */
function adapt(
  text: string,
  { port: upstream, passUpgrade = true }: NginxOptions,
  { folder, port }: { folder: string; port: number },
): string {
  const changes: [string | RegExp, string][] = [
    ["pid /run/nginx.pid;", `pid ${folder}/nginx.pid;`],
    ["error_log /var/log/nginx/error.log warn;", "error_log stderr notice;"],
    ["/var/log/nginx/access.log", `${folder}/access.log`],
    ["worker_processes auto;", "worker_processes 1;"],
    [/worker_rlimit_nofile .*/, ""],
    [/worker_connections .*/, "worker_connections 1024;"],
    ["server 127.0.0.1:8000;", `server 127.0.0.1:${upstream};`],
    ["listen 80;", `listen 127.0.0.1:${freePort()};`],
    ["listen 443 ssl http2;", `listen 127.0.0.1:${port};`],
    [/ssl_certificate .*/, ""],
    [/ssl_certificate_key .*/, ""],
    ["http {", `http {\n${temporary(folder)}`],
  ];
  if (Deno.uid() !== 0) changes.push(["user www-data;", ""]);
  if (!passUpgrade) {
    changes.push([/proxy_set_header (Upgrade|Connection) \$\w+_?upgrade;/g, ""]);
  }
  return changes.reduce((text, [from, to]) => {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`deploy/nginx.conf has no ${from}`);
    return changed;
  }, text);
}

/** Where nginx puts what it does not keep in memory; the folders it has by default are root's. */
function temporary(folder: string): string {
  return ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `    ${name}_temp_path ${folder}/${name};`).join("\n");
}

function watch(stderr: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  const done = (async () => {
    let text = "";
    for await (const chunk of stderr.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      // By then it listens: the sockets are opened before.
      if (text.includes("start worker process")) resolve();
    }
    reject(new Error(`nginx ended:\n${text}`));
  })();
  listening.catch(() => {});
  return { listening, done };
}
