/**
 * A REST back end that nobody here wrote: npm's json-server, as its README says to use it from a
 * program, with one middleware in front that counts.
 *
 *     json_server.ts PORT FILE
 *
 * Says READY when it listens. `GET /bench/requests` tells how often `/orders` was asked for so far.
 */
import jsonServer from "json-server";

const [port = "", file = ""] = Deno.args;
let requests = 0;

const server = jsonServer.create();
server.get("/bench/requests", (_request: unknown, response: { json(body: unknown): void }) => {
  response.json({ requests });
});
server.use((request: { method: string; url: string }, _response: unknown, next: () => void) => {
  if (request.method === "GET" && request.url === "/orders") requests++;
  next();
});
server.use(jsonServer.defaults({ logger: false }));
server.use(jsonServer.router(file));
server.listen(Number(port), "127.0.0.1", () => {
  Deno.stdout.writeSync(new TextEncoder().encode("READY\n"));
});
