/** A server that sends back what it gets, and a client that asks it, over bare TCP. */
export interface Echo extends AsyncDisposable {
  readonly port: number;
  readonly open: number;
  readonly accepted: number;
}

export function startEcho(): Echo {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.TcpConn>();
  const jobs = new Set<Promise<void>>();
  let accepted = 0;
  const serve = async (connection: Deno.TcpConn) => {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
        await writeAll(connection, buffer.subarray(0, n));
      }
    } catch {
      // Reset.
    }
    if (connections.delete(connection)) connection.close();
  };
  const accepting = (async () => {
    for await (const connection of listener) {
      accepted++;
      connections.add(connection);
      const job = serve(connection);
      jobs.add(job.finally(() => jobs.delete(job)));
    }
  })();
  return {
    port: listener.addr.port,
    get open() {
      return connections.size;
    },
    get accepted() {
      return accepted;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) connection.close();
      connections.clear();
      await accepting;
      await Promise.all(jobs);
    },
  };
}

export interface Caller extends AsyncDisposable {
  write(text: string): Promise<void>;
  /** What comes next; null when the other end has closed. */
  read(): Promise<string | null>;
  /** So many characters. @throws Error when it closes before. */
  readAll(count: number): Promise<string>;
  /** Writes it and reads as much. */
  ask(text: string): Promise<string>;
  /** Writes no more. */
  finish(): Promise<void>;
  /** Reads on until there is nothing more to read. */
  end(): Promise<"closed" | "reset">;
}

export async function dial(port: number): Promise<Caller> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(64 * 1024);
  const read = async () => {
    const n = await connection.read(buffer);
    return n === null ? null : new TextDecoder().decode(buffer.subarray(0, n));
  };
  const caller: Caller = {
    write: (text) => writeAll(connection, new TextEncoder().encode(text)),
    read,
    async readAll(count) {
      let text = "";
      while (text.length < count) {
        const more = await read();
        if (more === null) throw new Error(`closed after "${text}"`);
        text += more;
      }
      return text;
    },
    async ask(text) {
      await caller.write(text);
      return await caller.readAll(text.length);
    },
    finish: () => connection.closeWrite(),
    async end() {
      try {
        while (await read() !== null);
        return "closed";
      } catch (error) {
        if (error instanceof Deno.errors.ConnectionReset) return "reset";
        throw error;
      }
    },
    [Symbol.asyncDispose]() {
      connection.close();
      return Promise.resolve();
    },
  };
  return caller;
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
}
