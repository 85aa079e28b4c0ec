/** Clients by hand over TCP: they can stall, and they can vanish without a goodbye. */
import type { TransportName } from "../../../lib/transport/transport.ts";

/**
 * Asks for a channel and reads only as far as the head of the answer; a long-poll that waits has
 * none yet.
 * @param query of the address, further to `channels`; begins with `&`.
 */
export async function openRaw(
  transport: TransportName,
  port: number,
  channel: string,
  query = "",
): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const events = `/v1/events?channels=${encodeURIComponent(channel)}${query}`;
  switch (transport) {
    case "websocket":
      await send(
        connection,
        request(`/connection/websocket?${query.slice(1)}`, [
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        ]),
      );
      await readHead(connection);
      await send(connection, frame('{"id":1,"connect":{}}'));
      await send(connection, frame(JSON.stringify({ id: 2, subscribe: { channel } })));
      return connection;
    case "sse":
      await send(connection, request(events, ["Accept: text/event-stream"]));
      await readHead(connection);
      return connection;
    case "long_poll":
      await send(connection, request(events, []));
      return connection;
  }
}

function request(path: string, headers: string[]): Uint8Array {
  const lines = [`GET ${path} HTTP/1.1`, "Host: localhost", ...headers, "", ""];
  return new TextEncoder().encode(lines.join("\r\n"));
}

/** A masked text frame of at most 125 bytes (RFC 6455, section 5.2); the mask is zero. */
function frame(text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  if (payload.byteLength > 125) throw new RangeError("longer than a short frame");
  return new Uint8Array([0x81, 0x80 | payload.byteLength, 0, 0, 0, 0, ...payload]);
}

async function send(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) at += await connection.write(bytes.subarray(at));
}

async function readHead(connection: Deno.TcpConn): Promise<void> {
  const one = new Uint8Array(1);
  for (let head = ""; !head.endsWith("\r\n\r\n");) {
    if (await connection.read(one) === null) throw new Error(`closed after: ${head}`);
    head += String.fromCharCode(one[0] ?? 0);
  }
}
