/** A proxy in front of the server that can be told to misbehave as the ones out there do. */

export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** What becomes of a request from now on, by its head. */
  rule: (head: string) => "pass" | "refuse" | "hold";
  /** Breaks every connection. */
  cut(): void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const refusal = encoder.encode(
  "HTTP/1.1 400 Bad Request\r\ncontent-length: 5\r\ncontent-type: text/html\r\n\r\nsorry",
);

export const isUpgrade = (head: string) => /^upgrade: websocket/im.test(head);
export const isEventStream = (head: string) => /^accept: text\/event-stream/im.test(head);

export function startProxy(port: number): Proxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const jobs = new Set<Promise<void>>();
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    rule: () => "pass",
    cut() {
      for (const conn of open) shut(conn, open);
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      proxy.cut();
      await Promise.all(jobs);
    },
  };
  const run = async () => {
    for await (const conn of listener) {
      open.add(conn);
      const job = carry(conn, port, proxy, open);
      jobs.add(job.finally(() => jobs.delete(job)));
    }
  };
  jobs.add(run());
  return proxy;
}

async function carry(client: Deno.Conn, port: number, proxy: Proxy, open: Set<Deno.Conn>) {
  const server = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null);
  if (server === null) return shut(client, open);
  open.add(server);
  const up = async () => {
    for await (const chunk of chunks(client)) {
      const head = decoder.decode(chunk);
      // What is not the head of a request belongs to one that passed.
      const rule = /^[A-Z]+ \S+ HTTP/.test(head) ? proxy.rule(head) : "pass";
      if (rule === "pass") await write(server, chunk);
      else if (rule === "refuse") await write(client, refusal);
    }
  };
  const down = async () => {
    for await (const chunk of chunks(server)) await write(client, chunk);
  };
  await Promise.race([up(), down()]).catch(() => {});
  shut(client, open);
  shut(server, open);
}

async function* chunks(conn: Deno.Conn): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const n = await conn.read(buffer).catch(() => null);
    if (n === null) return;
    yield buffer.slice(0, n);
  }
}

async function write(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}

function shut(conn: Deno.Conn, open: Set<Deno.Conn>): void {
  if (!open.delete(conn)) return;
  try {
    conn.close();
  } catch {
    // Closed by its other end.
  }
}
