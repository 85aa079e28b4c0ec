/**
 * The least a Deno program can do: whatever is posted goes to the sockets as it is, one
 * `socket.send(string)` each. `POST /` reaches all of them, `POST /7` those of the seventh group
 * only; sockets join the groups in the order they come, as many to each as the program's second
 * argument says.
 *
 *     websocket.ts PORT [GROUP_SIZE]
 */
const [port, groupSize] = Deno.args.map(Number);
const sockets: WebSocket[] = [];

Deno.serve({
  hostname: "127.0.0.1",
  port: port ?? 0,
  onListen: () => void Deno.stdout.write(new TextEncoder().encode("READY\n")),
}, async (request) => {
  if (request.headers.get("upgrade") === "websocket") return accept(request);
  const text = await request.text();
  const group = new URL(request.url).pathname.slice(1);
  for (const socket of group === "" ? sockets : members(Number(group))) socket.send(text);
  return new Response("ok");
});

function accept(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.onopen = () => sockets.push(socket);
  socket.onclose = () => {
    const index = sockets.indexOf(socket);
    if (index >= 0) sockets.splice(index, 1);
  };
  return response;
}

function members(group: number): WebSocket[] {
  const size = groupSize ?? 1;
  return sockets.slice(group * size, (group + 1) * size);
}
