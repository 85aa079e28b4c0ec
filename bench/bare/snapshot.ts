/**
 * The least that hands out a state of 2 MiB in pages, all of them made beforehand: what newcomers
 * cost when nothing is left to encode.
 *
 *     snapshot.ts PORT KEYS SIZE
 *
 * SIZE is that of an entry. Speaks as much of both transports as load/snapshots.c asks for.
 */
const [port = 0, keys = 0, size = 0] = Deno.args.map(Number);
const encoder = new TextEncoder();
const blockKeys = 100;
const pageKeys = 1_000;
const entry = `{"key":"k","data":"${"x".repeat(size - 19)}"}`;
const blocks = parts(blockKeys).map((state, i, all) =>
  encoder.encode(
    `event: state\ndata: {"channel":"a","state":[${state}],"more":${i < all.length - 1}}\n\n`,
  )
);
const pages = parts(pageKeys).map((state, i, all) => {
  const cursor = i < all.length - 1 ? `"cursor":"${i}",` : "";
  return `{"id":2,"subscribe":{"type":1,${cursor}"state":[${state}]}}`;
});

Deno.serve({
  port,
  hostname: "127.0.0.1",
  onListen: () => void Deno.stdout.writeSync(encoder.encode("READY\n")),
}, (request) => request.headers.has("upgrade") ? socket(request) : events());

function parts(each: number): string[] {
  const part = Array.from({ length: each }, () => entry).join(",");
  return Array.from({ length: keys / each }, () => part);
}

function events(): Response {
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const block = blocks[next++];
      // Open once it has said all, as event streams are.
      if (block !== undefined) controller.enqueue(block);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** One page for each command after the first, which connects. */
function socket(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  let next = -1;
  socket.onmessage = () => {
    const page = pages[next++];
    if (page !== undefined) socket.send(page);
  };
  return response;
}
