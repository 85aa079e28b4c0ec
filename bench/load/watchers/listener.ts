/** Clients of a state channel: one of `/v1/events`, and a map subscription of the WebSocket. */
import { Closed, Connection } from "./connection.ts";
import { chunks, readHead } from "./http.ts";
import { Mirror, now, type Order, type Tally } from "./tally.ts";

export interface ListenOptions {
  readonly url: URL;
  readonly channel: string;
  readonly tally: Tally;
}

interface Entry {
  readonly data: Order;
}

/** Resolves when it has the whole state. */
export async function listenToEvents({ url, channel, tally }: ListenOptions): Promise<void> {
  const connection = await Connection.open(Number(url.port), tally);
  tally.requests++;
  const path = `/v1/events?channels=${encodeURIComponent(channel)}`;
  await connection.write(
    `GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nAccept: text/event-stream\r\n\r\n`,
  );
  const { status } = await readHead(connection);
  if (status !== 200) throw new Error(`/v1/events answered ${status}`);
  const ready = Promise.withResolvers<void>();
  readEvents(connection, new Mirror(tally), ready.resolve).catch(endOf(tally, ready.reject));
  await ready.promise;
}

async function readEvents(
  connection: Connection,
  mirror: Mirror,
  ready: () => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks(connection)) {
    const received = now();
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, text] = /^data: (.*)$/m.exec(block) ?? [];
      if (text === undefined) continue;
      const message: { readonly state?: Entry[]; readonly more?: boolean; readonly pub?: Entry } =
        JSON.parse(text);
      for (const { data } of message.state ?? []) mirror.see(data, received);
      if (message.pub !== undefined) mirror.see(message.pub.data, received);
      if (message.more === false) ready();
    }
  }
  throw new Closed("the stream has ended");
}

/** Resolves when it has the whole state. */
export async function listenToMap({ url, channel, tally }: ListenOptions): Promise<void> {
  const connection = await Connection.open(Number(url.port), tally);
  tally.requests++;
  await connection.write(
    `GET /connection/websocket HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\n` +
      "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      "Sec-WebSocket-Version: 13\r\n\r\n",
  );
  const { status } = await readHead(connection);
  if (status !== 101) throw new Error(`/connection/websocket answered ${status}`);
  const ready = Promise.withResolvers<void>();
  readMap(connection, channel, new Mirror(tally), ready.resolve)
    .catch(endOf(tally, ready.reject));
  await ready.promise;
}

/** What a frame's line may hold of what is read here. */
interface Line {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly subscribe?: { readonly state?: Entry[]; readonly cursor?: string };
  readonly push?: { readonly pub?: Entry };
}

async function readMap(
  connection: Connection,
  channel: string,
  mirror: Mirror,
  ready: () => void,
): Promise<void> {
  let id = 1;
  const ask = async (cursor?: string) => {
    const subscribe = { channel, type: 1, phase: 2, limit: 1_000, ...(cursor && { cursor }) };
    await sendFrame(connection, text, JSON.stringify({ id: ++id, subscribe }));
  };
  await sendFrame(connection, text, '{"id":1,"connect":{}}');
  await ask();
  while (true) {
    const { kind, payload } = await readFrame(connection);
    const received = now();
    if (kind === ping) await sendFrame(connection, pong, payload);
    if (kind === close) throw new Closed("the socket was closed");
    if (kind !== text) continue;
    for (const part of payload.split("\n")) {
      const line: Line = JSON.parse(part);
      if (line.error !== undefined) throw new Error(line.error.message);
      if (part === "{}") await sendFrame(connection, text, "{}");
      for (const { data } of line.subscribe?.state ?? []) mirror.see(data, received);
      if (line.push?.pub !== undefined) mirror.see(line.push.pub.data, received);
      if (line.subscribe === undefined) continue;
      if (line.subscribe.cursor === undefined) ready();
      else await ask(line.subscribe.cursor);
    }
  }
}

const [text, close, ping, pong] = [1, 8, 9, 10];

/** A whole message, which this server sends in one frame. */
async function readFrame(connection: Connection): Promise<{ kind: number; payload: string }> {
  const [first = 0, second = 0] = await connection.take(2);
  const short = second & 127;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  let length = extra === 0 ? short : 0;
  for (const byte of await connection.take(extra)) length = length * 256 + byte;
  return { kind: first & 15, payload: new TextDecoder().decode(await connection.take(length)) };
}

/** Masked with zeros; up to 125 bytes, or 64 KiB. */
async function sendFrame(connection: Connection, kind: number, payload: string): Promise<void> {
  const bytes = new TextEncoder().encode(payload);
  const length = bytes.length < 126
    ? [128 | bytes.length]
    : [128 | 126, bytes.length >> 8, bytes.length & 255];
  await connection.write(new Uint8Array([128 | kind, ...length, 0, 0, 0, 0, ...bytes]));
}

/** Before the state is there it is a failure; later it is counted. */
function endOf(tally: Tally, reject: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    if (error instanceof Closed) tally.closed++;
    reject(error);
  };
}
